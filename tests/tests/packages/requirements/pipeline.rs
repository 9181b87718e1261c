//! "AWS CodePipeline module": each row of the requirements, with the evidence from the API. The numbers and names are
//! written manually from the requirements.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use tfharness::LocalAws;

use crate::facts::{by_key, expect as same, list, only, pick, text, texts};

/// Stages of the requirements, in their order, with their actions and providers.
const STAGES: [(&str, &[(&str, &str)]); 5] = [
    ("Source", &[("Source", "CodeStarSourceConnection")]),
    ("Build", &[("Image", "CodeBuild")]),
    (
        "Test",
        &[("Unit", "CodeBuild"), ("Integration", "CodeBuild")],
    ),
    ("SecurityScan", &[("Scan", "CodeBuild")]),
    ("Deploy", &[("Service", "ECS")]),
];
/// Projects, and whether they run in privileged mode.
const PROJECTS: [(&str, bool); 4] = [
    ("image", true),
    ("integration-test", false),
    ("security-scan", false),
    ("unit-test", false),
];

/// A pipeline in an account, identified by its prefix.
pub(crate) struct Pipeline<'a> {
    pub(crate) aws: &'a LocalAws,
    /// Prefix for every name, which contains the suffix of the environment.
    pub(crate) prefix: &'a str,
    /// Value of the tag `Environment`.
    pub(crate) environment: &'a str,
}

/// A source of a pipeline that is not in an example.
pub(crate) struct Source {
    /// Provider of the source action.
    pub(crate) provider: &'static str,
    /// Configuration of the source action.
    pub(crate) configuration: Value,
    /// Event pattern of the rule that starts the pipeline.
    pub(crate) pattern: Value,
}

/// A check that returns evidence.
type Row<'a> = (&'a str, &'a dyn Fn() -> Result<String>);

impl Pipeline<'_> {
    /// Checks every row for a GitHub pipeline, and prints the evidence.
    pub(crate) fn expect_as_required(&self) -> Result<()> {
        print_rows(
            self.prefix,
            &[
                ("KMS key", &|| self.key()),
                ("artifact bucket", &|| self.bucket()),
                ("ECR repository", &|| self.repository()),
                ("Secrets Manager secret", &|| self.secret()),
                ("CodeBuild source credential", &|| self.credential()),
                ("SNS topic", &|| self.topic()),
                ("IAM roles", &|| self.roles()),
                ("log groups", &|| self.log_groups()),
                ("CodeBuild", &|| self.projects()),
                ("CodePipeline", &|| self.stages()),
                ("connection", &|| self.connection()),
                ("EventBridge rule", &|| self.event("mirror", "shop-mirror")),
                ("tags", &|| self.tags()),
            ],
        )
    }

    /// Checks the rows that differ for a CodeCommit pipeline.
    pub(crate) fn expect_codecommit(&self) -> Result<()> {
        print_rows(
            self.prefix,
            &[
                ("KMS key", &|| self.key()),
                ("artifact bucket", &|| self.bucket()),
                ("SNS topic", &|| self.topic()),
                ("log groups", &|| self.log_groups()),
                ("CodeBuild", &|| self.projects()),
                ("manual approval", &|| self.approval()),
                ("EventBridge rule", &|| self.event("source", "shop")),
                ("tags", &|| self.tags()),
            ],
        )
    }

    fn named(&self, rest: &str) -> String {
        format!("{}-{rest}", self.prefix)
    }

    pub(crate) fn regional(&self, service: &str, resource: &str) -> String {
        format!("arn:aws:{service}:us-east-1:{}:{resource}", self.aws.id())
    }

    pub(crate) fn bucket_name(&self) -> String {
        self.named(&format!("artifacts-{}", self.aws.id()))
    }

    /// Returns the metadata of the KMS key.
    pub(crate) fn key_facts(&self) -> Result<Value> {
        let id = json!({ "KeyId": format!("alias/{}", self.prefix) });
        let answer = self.aws.call("kms", "DescribeKey", id)?;
        Ok(answer["KeyMetadata"].clone())
    }

    pub(crate) fn key_arn(&self) -> Result<String> {
        text(&self.key_facts()?, "/Arn")
    }

    /// Returns the pipeline as the API describes it.
    pub(crate) fn described(&self) -> Result<Value> {
        let name = json!({ "name": self.prefix });
        let answer = self.aws.call("codepipeline", "GetPipeline", name)?;
        Ok(answer["pipeline"].clone())
    }

    fn key(&self) -> Result<String> {
        let key = self.key_facts()?;
        let id = json!({ "KeyId": key["KeyId"] });
        let rotation = self.aws.call("kms", "GetKeyRotationStatus", id)?;
        same("key manager", &key["KeyManager"], &json!("CUSTOMER"))?;
        same("rotation", &rotation["KeyRotationEnabled"], &json!(true))?;
        Ok(format!("KeyManager CUSTOMER, rotation on, {}", key["Arn"]))
    }

    fn bucket(&self) -> Result<String> {
        let name = self.bucket_name();
        let of = |query: &str| self.aws.get("s3", &format!("/{name}?{query}"));
        same(
            "versioning",
            &of("versioning")?["Status"],
            &json!("Enabled"),
        )?;
        let encryption = of("encryption")?.to_string();
        ensure!(
            encryption.contains("aws:kms") && encryption.contains(&self.key_arn()?),
            "encryption: {encryption}"
        );
        let access = of("publicAccessBlock")?;
        for name in [
            "BlockPublicAcls",
            "BlockPublicPolicy",
            "IgnorePublicAcls",
            "RestrictPublicBuckets",
        ] {
            same(name, &access[name], &json!("true"))?;
        }
        let rules = of("lifecycle")?.to_string();
        ensure!(
            rules.contains(r#""Expiration":{"Days":"30"}"#)
                && rules.contains(r#""NoncurrentDays":"30""#),
            "lifecycle: {rules}"
        );
        let policy = of("policy")?.to_string();
        ensure!(
            policy.contains("aws:SecureTransport") && policy.contains("Deny"),
            "policy: {policy}"
        );
        Ok(format!(
            "{name}: versions on, aws:kms, 4 public access blocks, artifacts and versions expire after 30 days, TLS only"
        ))
    }

    fn repository(&self) -> Result<String> {
        let name = self.named("app");
        let asked = json!({ "repositoryNames": [name] });
        let found = list(
            self.aws,
            "ecr",
            "DescribeRepositories",
            asked,
            "repositories",
        )?;
        let found = only("repository", found)?;
        same(
            "scan on push",
            &found["imageScanningConfiguration"]["scanOnPush"],
            &json!(true),
        )?;
        same(
            "encryption",
            &found["encryptionConfiguration"]["kmsKey"],
            &json!(self.key_arn()?),
        )?;
        let asked = json!({ "repositoryName": name });
        let policy = self.aws.call("ecr", "GetLifecyclePolicy", asked)?;
        let policy: Value = serde_json::from_str(&text(&policy, "/lifecyclePolicyText")?)?;
        let rules = policy["rules"].as_array().context("rules")?;
        let kept = rules
            .iter()
            .find(|rule| rule["selection"]["countType"] == "imageCountMoreThan");
        let kept = &kept.context("no rule by number")?["selection"]["countNumber"];
        same("images", kept, &json!(10))?;
        Ok(format!("{name}: scan on push, keeps 10 images, KMS"))
    }

    fn secret(&self) -> Result<String> {
        let id = json!({ "SecretId": format!("{}/github-token", self.prefix) });
        let secret = self.aws.call("secretsmanager", "DescribeSecret", id)?;
        same("key", &secret["KmsKeyId"], &json!(self.key_arn()?))?;
        let tags = by_key(secret["Tags"].as_array().context("tags")?, "Key", "Value");
        let tags = pick(&tags, &["codebuild:source", "codebuild:source:type"]);
        let expected = json!({ "codebuild:source": "", "codebuild:source:type": "github" });
        same("tags", &tags, &expected)?;
        Ok(format!(
            "{} with the tags of CodeBuild, KMS",
            secret["Name"]
        ))
    }

    /// CodeBuild user guide, "Access tokens and Secrets Manager": the credential refers to the secret.
    fn credential(&self) -> Result<String> {
        let id = json!({ "SecretId": format!("{}/github-token", self.prefix) });
        let secret = self.aws.call("secretsmanager", "DescribeSecret", id)?;
        let found = list(
            self.aws,
            "codebuild",
            "ListSourceCredentials",
            json!({}),
            "sourceCredentialsInfos",
        )?;
        let credential = only("source credential", found)?;
        same(
            "authType",
            &credential["authType"],
            &json!("SECRETS_MANAGER"),
        )?;
        same("serverType", &credential["serverType"], &json!("GITHUB"))?;
        same("resource", &credential["resource"], &secret["ARN"])?;
        Ok(format!(
            "SECRETS_MANAGER for GITHUB, {}",
            credential["resource"]
        ))
    }

    fn topic(&self) -> Result<String> {
        let arn = self.regional("sns", &self.named("failures"));
        let asked = json!({ "TopicArn": arn });
        let found = list(
            self.aws,
            "sns",
            "ListSubscriptionsByTopic",
            asked,
            "Subscriptions",
        )?;
        let subscription = only("subscription", found)?;
        let expected = json!({ "Protocol": "email", "Endpoint": "devops@example.com" });
        same(
            "subscription",
            &pick(&subscription, &["Protocol", "Endpoint"]),
            &expected,
        )?;
        let rules = list(
            self.aws,
            "codestar-notifications",
            "ListNotificationRules",
            Value::Null,
            "NotificationRules",
        )?;
        let pipeline = self.regional("codepipeline", self.prefix);
        for rule in rules {
            let asked = json!({ "Arn": rule["Arn"] });
            let rule =
                self.aws
                    .call("codestar-notifications", "DescribeNotificationRule", asked)?;
            if rule["Resource"] != pipeline.as_str() {
                continue;
            }
            let events = rule["EventTypes"].as_array().context("event types")?;
            let events = texts(events, "/EventTypeId")?;
            same(
                "events",
                &json!(events),
                &json!(["codepipeline-pipeline-pipeline-execution-failed"]),
            )?;
            let target = &rule["Targets"][0];
            same("target", &target["TargetAddress"], &json!(arn))?;
            same("target status", &target["TargetStatus"], &json!("ACTIVE"))?;
            return Ok(format!(
                "{arn}: e-mail devops@example.com, only {}",
                events[0]
            ));
        }
        anyhow::bail!("no notification rule for {pipeline}")
    }

    fn roles(&self) -> Result<String> {
        let own = format!("{}-", self.prefix);
        let found = list(self.aws, "iam", "ListRoles", Value::Null, "Roles")?;
        let found: Vec<_> = texts(&found, "/RoleName")?
            .into_iter()
            .filter_map(|name| Some(name.strip_prefix(&own)?.to_owned()))
            .collect();
        let expected = [
            "build-image",
            "build-integration-test",
            "build-security-scan",
            "build-unit-test",
            "events",
            "pipeline",
        ];
        ensure!(found == expected, "expected {expected:?}, found {found:?}");
        Ok(format!("one role per component: {}", found.join(", ")))
    }

    fn log_groups(&self) -> Result<String> {
        let start = format!("/aws/codebuild/{}-", self.prefix);
        let asked = json!({ "logGroupNamePrefix": start });
        let groups = list(self.aws, "logs", "DescribeLogGroups", asked, "logGroups")?;
        ensure!(groups.len() == PROJECTS.len(), "log groups: {groups:?}");
        let key = self.key_arn()?;
        for group in &groups {
            let expected = json!({ "retentionInDays": 7, "kmsKeyId": key });
            let found = pick(group, &["retentionInDays", "kmsKeyId"]);
            same("log group", &found, &expected)?;
        }
        Ok(format!("{} groups, 7 days, KMS", groups.len()))
    }

    fn projects(&self) -> Result<String> {
        for (project, privileged) in PROJECTS {
            let name = self.named(project);
            let asked = json!({ "names": [name] });
            let found = list(self.aws, "codebuild", "BatchGetProjects", asked, "projects")?;
            let found = only("project", found)?;
            let environment = pick(&found["environment"], &["computeType", "privilegedMode"]);
            let expected =
                json!({ "computeType": "BUILD_GENERAL1_SMALL", "privilegedMode": privileged });
            same(&name, &environment, &expected)?;
            same("key", &found["encryptionKey"], &json!(self.key_arn()?))?;
            let group = &found["logsConfig"]["cloudWatchLogs"]["groupName"];
            same("log group", group, &json!(format!("/aws/codebuild/{name}")))?;
            let expected = match project {
                "image" => "docker build",
                "security-scan" => "npm audit",
                "unit-test" => "npm test",
                _ => "npm run test:integration",
            };
            let buildspec = text(&found, "/source/buildspec")?;
            ensure!(buildspec.contains(expected), "{name} runs {buildspec}");
        }
        Ok("4 projects, BUILD_GENERAL1_SMALL, privileged only for the image".to_owned())
    }

    fn stages(&self) -> Result<String> {
        let pipeline = self.described()?;
        same("type", &pipeline["pipelineType"], &json!("V2"))?;
        let stages = pipeline["stages"].as_array().context("stages")?;
        let found: Vec<(&str, Vec<(&str, &str)>)> = stages
            .iter()
            .map(|stage| {
                let actions = stage["actions"].as_array().into_iter().flatten();
                let actions = actions.map(|action| {
                    let provider = &action["actionTypeId"]["provider"];
                    let name = action["name"].as_str().unwrap_or_default();
                    (name, provider.as_str().unwrap_or_default())
                });
                let name = stage["name"].as_str().unwrap_or_default();
                (name, actions.collect())
            })
            .collect();
        let expected: Vec<_> = STAGES
            .map(|(name, actions)| (name, actions.to_vec()))
            .into();
        ensure!(found == expected, "expected {expected:?}, found {found:?}");
        let orders: Vec<_> = stages[2]["actions"]
            .as_array()
            .context("tests")?
            .iter()
            .map(|action| action["runOrder"].clone())
            .collect();
        same("parallel tests", &json!(orders), &json!([1, 1]))?;
        let push = &pipeline["triggers"][0]["gitConfiguration"]["push"][0];
        same("trigger", &push["branches"]["includes"], &json!(["main"]))?;
        let store = &pipeline["artifactStore"]["encryptionKey"]["id"];
        same("artifact key", store, &json!(self.key_arn()?))?;
        Ok("V2: Source (GitHub), Build (Docker), Test (unit and integration in parallel), SecurityScan, Deploy (ECS); starts on pushes to main".to_owned())
    }

    fn connection(&self) -> Result<String> {
        let all = list(
            self.aws,
            "codeconnections",
            "ListConnections",
            Value::Null,
            "Connections",
        )?;
        let own = all
            .into_iter()
            .filter(|one| one["ConnectionName"] == self.prefix);
        let own = only("connection", own.collect())?;
        let source = &self.described()?["stages"][0]["actions"][0]["configuration"];
        same(
            "connection",
            &source["ConnectionArn"],
            &own["ConnectionArn"],
        )?;
        let expected = json!({ "ProviderType": "GitHub", "ConnectionStatus": "PENDING" });
        let found = pick(&own, &["ProviderType", "ConnectionStatus"]);
        same("connection", &found, &expected)?;
        Ok(format!("{} is PENDING", own["ConnectionArn"]))
    }

    fn event(&self, kind: &str, repository: &str) -> Result<String> {
        let name = self.named(kind);
        let rule = self
            .aws
            .call("events", "DescribeRule", json!({ "Name": name }))?;
        let pattern: Value = serde_json::from_str(&text(&rule, "/EventPattern")?)?;
        let expected = json!({
            "source": ["aws.codecommit"],
            "detail-type": ["CodeCommit Repository State Change"],
            "resources": [self.regional("codecommit", repository)],
            "detail": {
                "event": ["referenceCreated", "referenceUpdated"],
                "referenceType": ["branch"],
                "referenceName": ["main"],
            },
        });
        same("event pattern", &pattern, &expected)?;
        let asked = json!({ "Rule": name });
        let targets = list(self.aws, "events", "ListTargetsByRule", asked, "Targets")?;
        let target = only("target", targets)?;
        let expected = json!({
            "Arn": self.regional("codepipeline", self.prefix),
            "RoleArn": format!("arn:aws:iam::{}:role/{}", self.aws.id(), self.named("events")),
        });
        same("target", &pick(&target, &["Arn", "RoleArn"]), &expected)?;
        Ok(format!(
            "{name} starts {} on a change of {repository}",
            self.prefix
        ))
    }

    /// Checks the rows of a source.
    pub(crate) fn expect_source(&self, source: &Source) -> Result<()> {
        let name = format!("{} source", source.provider);
        print_rows(self.prefix, &[(name.as_str(), &|| self.source(source))])
    }

    fn source(&self, source: &Source) -> Result<String> {
        let pipeline = self.described()?;
        let action = &pipeline["stages"][0]["actions"][0];
        let provider = &action["actionTypeId"]["provider"];
        same("provider", provider, &json!(source.provider))?;
        same(
            "configuration",
            &action["configuration"],
            &source.configuration,
        )?;
        same("triggers", &pipeline["triggers"], &Value::Null)?;
        let name = self.named("source");
        let asked = json!({ "Name": name });
        let rule = self.aws.call("events", "DescribeRule", asked)?;
        let pattern: Value = serde_json::from_str(&text(&rule, "/EventPattern")?)?;
        same("event pattern", &pattern, &source.pattern)?;
        let asked = json!({ "Rule": name });
        let targets = list(self.aws, "events", "ListTargetsByRule", asked, "Targets")?;
        let pipeline = self.regional("codepipeline", self.prefix);
        same("target", &only("target", targets)?["Arn"], &json!(pipeline))?;
        Ok(format!("{}, started by {name}", action["configuration"]))
    }

    fn approval(&self) -> Result<String> {
        let pipeline = self.described()?;
        let stages = pipeline["stages"].as_array().context("stages")?;
        let names: Vec<_> = stages.iter().map(|stage| stage["name"].clone()).collect();
        same(
            "stages",
            &json!(names),
            &json!(STAGES.map(|(name, _)| name)),
        )?;
        let actions = stages[4]["actions"].as_array().context("actions")?;
        let action = only("action of Deploy", actions.clone())?;
        let expected = json!({
            "category": "Approval", "owner": "AWS", "provider": "Manual", "version": "1",
        });
        same("approval", &action["actionTypeId"], &expected)?;
        Ok(format!("{} in Deploy requires an approval", action["name"]))
    }

    fn tags(&self) -> Result<String> {
        let count = self.tagged()?;
        Ok(format!(
            "Environment = {} on {count} objects",
            self.environment
        ))
    }

    /// Checks the tag of every object that supports tags, and returns their number.
    pub(crate) fn tagged(&self) -> Result<usize> {
        let mut count = 0;
        for (what, tags) in self.all_tags()? {
            same(&what, &tags["Environment"], &json!(self.environment))?;
            count += 1;
        }
        Ok(count)
    }

    /// Returns the tags of the objects that support tags, with their names.
    fn all_tags(&self) -> Result<Vec<(String, Value)>> {
        let (lower, upper) = (["key", "value"], ["Key", "Value"]);
        let pairs = |tags: &Value, [key, value]: [&str; 2]| {
            Ok::<_, anyhow::Error>(by_key(tags.as_array().context("tags")?, key, value))
        };
        let mut all = Vec::new();
        let pipeline = self.regional("codepipeline", self.prefix);
        let asked = json!({ "resourceArn": pipeline });
        let found = self
            .aws
            .call("codepipeline", "ListTagsForResource", asked)?;
        all.push(("pipeline".to_owned(), pairs(&found["tags"], lower)?));
        for (project, _) in PROJECTS {
            let name = self.named(project);
            let asked = json!({ "names": [name] });
            let found = list(self.aws, "codebuild", "BatchGetProjects", asked, "projects")?;
            all.push((format!("project {name}"), pairs(&found[0]["tags"], lower)?));
            let group = format!("log-group:/aws/codebuild/{name}");
            let asked = json!({ "resourceArn": self.regional("logs", &group) });
            let found = self.aws.call("logs", "ListTagsForResource", asked)?;
            all.push((group, found["tags"].clone()));
        }
        let roles = list(self.aws, "iam", "ListRoles", Value::Null, "Roles")?;
        let own = format!("{}-", self.prefix);
        for name in texts(&roles, "/RoleName")? {
            if name.starts_with(&own) {
                let asked = json!({ "RoleName": name });
                let found = list(self.aws, "iam", "ListRoleTags", asked, "Tags")?;
                all.push((format!("role {name}"), pairs(&json!(found), upper)?));
            }
        }
        let asked = json!({ "KeyId": self.key_facts()?["KeyId"] });
        let found = self.aws.call("kms", "ListResourceTags", asked)?;
        let tags = pairs(&found["Tags"], ["TagKey", "TagValue"])?;
        all.push(("key".to_owned(), tags));
        let asked = json!({ "ResourceArn": self.regional("sns", &self.named("failures")) });
        let found = list(self.aws, "sns", "ListTagsForResource", asked, "Tags")?;
        all.push(("topic".to_owned(), pairs(&json!(found), upper)?));
        let repository = format!("repository/{}", self.named("app"));
        let asked = json!({ "resourceArn": self.regional("ecr", &repository) });
        let found = self.aws.call("ecr", "ListTagsForResource", asked)?;
        all.push((repository, pairs(&found["tags"], upper)?));
        let path = format!("/{}?tagging", self.bucket_name());
        let found = self.aws.get("s3", &path)?;
        all.push(("bucket".to_owned(), pairs(&found["TagSet"], upper)?));
        all.extend(self.source_tags()?);
        Ok(all)
    }

    /// Returns the tags of the notification rule, the event rules, the connection, and the secret.
    fn source_tags(&self) -> Result<Vec<(String, Value)>> {
        let upper = |tags: &Value| {
            let tags = tags.as_array().context("tags")?;
            Ok::<_, anyhow::Error>(by_key(tags, "Key", "Value"))
        };
        let mut all = Vec::new();
        let name = "codestar-notifications";
        let rules = list(
            self.aws,
            name,
            "ListNotificationRules",
            Value::Null,
            "NotificationRules",
        )?;
        for rule in rules {
            let asked = json!({ "Arn": rule["Arn"] });
            let rule = self.aws.call(name, "DescribeNotificationRule", asked)?;
            if rule["Name"] == self.named("failures") {
                all.push(("notification rule".to_owned(), rule["Tags"].clone()));
            }
        }
        let asked = json!({ "NamePrefix": self.named("") });
        for rule in list(self.aws, "events", "ListRules", asked, "Rules")? {
            let asked = json!({ "ResourceARN": rule["Arn"] });
            let found = self.aws.call("events", "ListTagsForResource", asked)?;
            all.push((rule["Name"].to_string(), upper(&found["Tags"])?));
        }
        let action = "ListConnections";
        let found = list(
            self.aws,
            "codeconnections",
            action,
            Value::Null,
            "Connections",
        )?;
        for connection in found {
            if connection["ConnectionName"] == self.prefix {
                let asked = json!({ "ResourceArn": connection["ConnectionArn"] });
                let action = "ListTagsForResource";
                let found = self.aws.call("codeconnections", action, asked)?;
                all.push(("connection".to_owned(), upper(&found["Tags"])?));
            }
        }
        let asked = json!({
            "Filters": [{ "Key": "name", "Values": [format!("{}/", self.prefix)] }],
        });
        let action = "ListSecrets";
        for secret in list(self.aws, "secretsmanager", action, asked, "SecretList")? {
            let asked = json!({ "SecretId": secret["ARN"] });
            let found = self.aws.call("secretsmanager", "DescribeSecret", asked)?;
            all.push((found["Name"].to_string(), upper(&found["Tags"])?));
        }
        Ok(all)
    }
}

/// Runs all rows, prints each row with its evidence, and reports all failures.
fn print_rows(prefix: &str, rows: &[Row<'_>]) -> Result<()> {
    let mut failed = Vec::new();
    for (row, check) in rows {
        match check() {
            Ok(evidence) => println!("{prefix}: {row} → {evidence}"),
            Err(error) => failed.push(format!("- {row}: {error:#}")),
        }
    }
    ensure!(failed.is_empty(), "{prefix}:\n{}", failed.join("\n"));
    Ok(())
}
