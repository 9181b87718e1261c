//! Least privilege of a pipeline: a table of the requests that each role needs, which the policies allow, and a table of
//! other requests, which they do not allow. The needs are from the CodePipeline user guide, page "CodePipeline service
//! role policy", and the CodeBuild user guide, page "Allow CodeBuild to interact with other AWS services".

use anyhow::{Context as _, Result};
use serde_json::json;

use super::evaluate::{Caller, Request, Verdict};
use super::expect_verdicts;
use super::needs::{Need, Role, expect_roles, need, role};
use crate::facts::text;
use crate::requirements::Pipeline;

/// Service that assumes the roles of the projects.
const BUILDS: &str = "codebuild.amazonaws.com";
/// Projects that push no image.
const TESTS: [(&str, &str); 3] = [
    ("build-integration-test", "integration-test"),
    ("build-security-scan", "security-scan"),
    ("build-unit-test", "unit-test"),
];
/// Role that the ECS service uses.
const TASK_ROLE: &str = "arn:aws:iam::123456789012:role/shop-api-task";

/// Names and ARNs of a pipeline.
struct Names<'a> {
    pipeline: &'a Pipeline<'a>,
    key: String,
    artifacts: String,
    artifact: String,
    image: String,
}

impl<'a> Names<'a> {
    fn of(pipeline: &'a Pipeline<'a>) -> Result<Self> {
        let artifacts = format!("arn:aws:s3:::{}", pipeline.bucket_name());
        let image = format!("repository/{}-app", pipeline.prefix);
        Ok(Self {
            pipeline,
            key: pipeline.key_arn()?,
            artifact: format!("{artifacts}/{}/source/abc", pipeline.prefix),
            artifacts,
            image: pipeline.regional("ecr", &image),
        })
    }

    fn arn(&self, service: &str, resource: &str) -> String {
        self.pipeline.regional(service, resource)
    }

    /// Returns the ARN of a resource whose name starts with the prefix.
    fn own(&self, service: &str, start: &str, rest: &str) -> String {
        self.arn(service, &format!("{start}{}{rest}", self.pipeline.prefix))
    }

    fn log(&self, project: &str) -> String {
        self.own(
            "logs",
            "log-group:/aws/codebuild/",
            &format!("-{project}:log-stream:x"),
        )
    }

    /// Returns the needs of every role that reads and writes artifacts.
    fn artifacts(&self) -> Vec<Need> {
        let objects = ["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"];
        let keys = [
            "kms:Decrypt",
            "kms:DescribeKey",
            "kms:Encrypt",
            "kms:GenerateDataKey",
            "kms:ReEncryptFrom",
            "kms:ReEncryptTo",
        ];
        let objects = objects.map(|action| need(action, &self.artifact));
        let keys = keys.map(|action| need(action, &self.key));
        objects.into_iter().chain(keys).collect()
    }

    /// Returns the needs of every pipeline, without its source.
    fn pipeline(&self) -> Vec<Need> {
        let mut needs = self.artifacts();
        needs.extend([
            need("s3:GetBucketAcl", &self.artifacts),
            need("s3:GetBucketLocation", &self.artifacts),
            need("s3:GetBucketVersioning", &self.artifacts),
            need(
                "codebuild:BatchGetBuilds",
                self.own("codebuild", "project/", "-image"),
            ),
            need(
                "codebuild:StartBuild",
                self.own("codebuild", "project/", "-unit-test"),
            ),
        ]);
        needs
    }

    /// Returns the needs for the deployment of the ECS service.
    fn deployment(&self) -> Vec<Need> {
        vec![
            need(
                "ecs:DescribeServices",
                self.arn("ecs", "service/shop/shop-api"),
            ),
            need(
                "ecs:UpdateService",
                self.arn("ecs", "service/shop/shop-api"),
            ),
            need("ecs:DescribeTaskDefinition", "*"),
            need("ecs:RegisterTaskDefinition", "*"),
            (
                "ecs:TagResource",
                self.arn("ecs", "task-definition/shop-api:7"),
                vec![("ecs:CreateAction", "RegisterTaskDefinition".to_owned())],
            ),
            (
                "iam:PassRole",
                TASK_ROLE.to_owned(),
                passed("ecs-tasks.amazonaws.com"),
            ),
        ]
    }

    /// Returns the roles of the projects and of the event rules.
    fn other_roles(&self) -> Vec<Role> {
        let pushes = [
            "ecr:BatchCheckLayerAvailability",
            "ecr:BatchGetImage",
            "ecr:CompleteLayerUpload",
            "ecr:GetDownloadUrlForLayer",
            "ecr:InitiateLayerUpload",
            "ecr:PutImage",
            "ecr:UploadLayerPart",
        ];
        let build = |project: &str| {
            let mut needs = self.artifacts();
            needs.push(need("logs:CreateLogStream", self.log(project)));
            needs.push(need("logs:PutLogEvents", self.log(project)));
            needs
        };
        let mut of_image = build("image");
        of_image.extend(pushes.map(|action| need(action, &self.image)));
        of_image.push(need("ecr:GetAuthorizationToken", "*"));
        let start = need(
            "codepipeline:StartPipelineExecution",
            self.own("codepipeline", "", ""),
        );
        let mut roles = vec![
            role("build-image", BUILDS, of_image),
            role("events", "events.amazonaws.com", vec![start]),
        ];
        roles.extend(TESTS.map(|(name, project)| role(name, BUILDS, build(project))));
        roles
    }

    /// Returns requests that no role of a pipeline needs.
    fn surplus(&self) -> Vec<Need> {
        vec![
            need("s3:DeleteObject", &self.artifact),
            need("s3:GetObject", "arn:aws:s3:::other/x"),
            need("s3:PutBucketPolicy", &self.artifacts),
            need("kms:ScheduleKeyDeletion", &self.key),
            need(
                "kms:Decrypt",
                self.arn("kms", "key/00000000-0000-0000-0000-000000000000"),
            ),
            need(
                "secretsmanager:GetSecretValue",
                self.own("secretsmanager", "secret:", "/github-token-AbCdEf"),
            ),
            need("ecr:DeleteRepository", &self.image),
            need("ecr:PutImage", self.arn("ecr", "repository/other")),
            need("logs:DeleteLogGroup", self.log("unit-test")),
            need("logs:PutLogEvents", self.log("other")),
            need(
                "codebuild:StartBuild",
                self.arn("codebuild", "project/other"),
            ),
            need(
                "codebuild:UpdateProject",
                self.own("codebuild", "project/", "-image"),
            ),
            need("codecommit:GitPush", self.arn("codecommit", "shop")),
            need("codecommit:GetBranch", self.arn("codecommit", "other")),
            need(
                "codepipeline:UpdatePipeline",
                self.own("codepipeline", "", ""),
            ),
            need(
                "codepipeline:StartPipelineExecution",
                self.arn("codepipeline", "other"),
            ),
            need("ecs:UpdateService", self.arn("ecs", "service/shop/other")),
            need(
                "ecs:DeleteService",
                self.arn("ecs", "service/shop/shop-api"),
            ),
            (
                "iam:PassRole",
                TASK_ROLE.to_owned(),
                passed("lambda.amazonaws.com"),
            ),
            (
                "iam:PassRole",
                "arn:aws:iam::123456789012:role/admin".to_owned(),
                passed("ecs-tasks.amazonaws.com"),
            ),
            need("iam:CreateRole", "*"),
            need("sns:Publish", self.own("sns", "", "-failures")),
        ]
    }
}

fn passed(service: &str) -> Vec<(&'static str, String)> {
    vec![("iam:PassedToService", service.to_owned())]
}

/// Checks every role of a GitHub pipeline that deploys an ECS service, and the policies of its resources.
pub(crate) fn expect_pipeline(pipeline: &Pipeline<'_>) -> Result<()> {
    let names = Names::of(pipeline)?;
    let source = &pipeline.described()?["stages"][0]["actions"][0];
    let connection = text(source, "/configuration/ConnectionArn")?;
    let mut needs = names.pipeline();
    needs.extend(names.deployment());
    needs.push(need("codeconnections:UseConnection", &connection));
    needs.push(need("codestar-connections:UseConnection", &connection));
    expect_policies(&names, needs)
}

/// Checks every role of a CodeCommit pipeline without a deployment, and the policies of its resources.
pub(crate) fn expect_codecommit_pipeline(pipeline: &Pipeline<'_>) -> Result<()> {
    let names = Names::of(pipeline)?;
    let mut needs = names.pipeline();
    needs.extend(
        [
            "codecommit:CancelUploadArchive",
            "codecommit:GetBranch",
            "codecommit:GetCommit",
            "codecommit:GetRepository",
            "codecommit:GetUploadArchiveStatus",
            "codecommit:UploadArchive",
        ]
        .map(|action| need(action, names.arn("codecommit", "shop"))),
    );
    expect_policies(&names, needs)
}

/// Checks every role after the source of a pipeline without a deployment is an image (`ECR`) or an object (`S3`).
pub(crate) fn expect_source(pipeline: &Pipeline<'_>, provider: &str) -> Result<()> {
    let names = Names::of(pipeline)?;
    let mut needs = names.pipeline();
    let bucket = "arn:aws:s3:::shop-sources";
    let object = "arn:aws:s3:::shop-sources/shop.zip";
    needs.extend(match provider {
        "ECR" => vec![need(
            "ecr:DescribeImages",
            names.arn("ecr", "repository/shop-base"),
        )],
        _ => vec![
            need("s3:GetBucketAcl", bucket),
            need("s3:GetBucketLocation", bucket),
            need("s3:GetBucketVersioning", bucket),
            need("s3:GetObject", object),
            need("s3:GetObjectVersion", object),
        ],
    });
    let mut others = names.surplus();
    others.push(need("s3:GetObject", "arn:aws:s3:::shop-sources/other.zip"));
    others.push(need("s3:PutObject", object));
    others.push(need(
        "codecommit:GetBranch",
        names.arn("codecommit", "shop"),
    ));
    let roles = [role("pipeline", "codepipeline.amazonaws.com", needs)];
    expect_roles(pipeline.aws, pipeline.prefix, &roles, &others)
}

fn expect_policies(names: &Names<'_>, needs: Vec<Need>) -> Result<()> {
    let mut roles = names.other_roles();
    roles.push(role("pipeline", "codepipeline.amazonaws.com", needs));
    let pipeline = names.pipeline;
    expect_roles(pipeline.aws, pipeline.prefix, &roles, &names.surplus())?;
    key_policy(pipeline, &names.key).context("key policy")?;
    topic_policy(pipeline).context("topic policy")?;
    artifact_policy(names).context("artifact bucket policy")
}

/// Checks that the bucket denies requests without TLS, and allows no access by itself.
fn artifact_policy(names: &Names<'_>) -> Result<()> {
    let bucket = names.pipeline.bucket_name();
    let policy = names.pipeline.aws.get("s3", &format!("/{bucket}?policy"))?;
    let user = Caller::Aws(format!(
        "arn:aws:iam::{}:user/someone",
        names.pipeline.aws.id()
    ));
    let read = Request::new(user, "s3:GetObject", &names.artifact);
    let insecure = read.clone().with("aws:SecureTransport", "false");
    let table = [
        ("with TLS", read, Verdict::NotAllowed),
        ("without TLS", insecure, Verdict::Denied),
    ];
    expect_verdicts(&policy, &table)
}

/// Checks that services can use the key only on behalf of the account.
fn key_policy(pipeline: &Pipeline<'_>, key: &str) -> Result<()> {
    let policy = super::of_key_with_arn(pipeline.aws, key)?;
    let account = pipeline.aws.id();
    let rule = |account: &str| {
        format!("arn:aws:codestar-notifications:us-east-1:{account}:notificationrule/abc")
    };
    let notifications = Caller::Service("codestar-notifications.amazonaws.com".to_owned());
    let request = |caller: &Caller, source: &str| {
        Request::new(caller.clone(), "kms:GenerateDataKey", key)
            .with("aws:SourceAccount", source)
            .with("aws:SourceArn", &rule(source))
    };
    let sns = Caller::Service("sns.amazonaws.com".to_owned());
    let logs = |account: &str| {
        let service = Caller::Service("logs.us-east-1.amazonaws.com".to_owned());
        let group = format!("arn:aws:logs:us-east-1:{account}:log-group:/aws/codebuild/x");
        Request::new(service, "kms:GenerateDataKey", key)
            .with("kms:EncryptionContext:aws:logs:arn", &group)
    };
    let table = [
        ("own log group", logs(account), Verdict::Allowed),
        (
            "foreign log group",
            logs("999999999999"),
            Verdict::NotAllowed,
        ),
        (
            "own rule",
            request(&notifications, account),
            Verdict::Allowed,
        ),
        (
            "foreign rule",
            request(&notifications, "999999999999"),
            Verdict::NotAllowed,
        ),
        (
            "another service",
            request(&sns, account),
            Verdict::NotAllowed,
        ),
    ];
    expect_verdicts(&policy, &table)
}

/// Checks that only notification rules of the account can publish to the topic, and that its members have no access
/// without a policy of their own.
fn topic_policy(pipeline: &Pipeline<'_>) -> Result<()> {
    let account = pipeline.aws.id();
    let topic = pipeline.regional("sns", &format!("{}-failures", pipeline.prefix));
    let asked = json!({ "TopicArn": topic });
    let attributes = pipeline.aws.call("sns", "GetTopicAttributes", asked)?;
    let entries = attributes["Attributes"]["entry"].as_array();
    let policy = entries
        .and_then(|entries| entries.iter().find(|entry| entry["key"] == "Policy"))
        .with_context(|| format!("no policy: {attributes}"))?;
    let policy = serde_json::from_str(&text(policy, "/value")?)?;
    let rules = Caller::Service("codestar-notifications.amazonaws.com".to_owned());
    let request = |caller: &Caller, action: &'static str, source: &str| {
        let rule =
            format!("arn:aws:codestar-notifications:us-east-1:{source}:notificationrule/abc");
        Request::new(caller.clone(), action, &topic)
            .with("aws:SourceAccount", source)
            .with("aws:SourceArn", &rule)
    };
    let events = Caller::Service("events.amazonaws.com".to_owned());
    let user = Caller::Aws(format!("arn:aws:iam::{account}:user/someone"));
    let foreign = "999999999999";
    let table = [
        (
            "own rule",
            request(&rules, "sns:Publish", account),
            Verdict::Allowed,
        ),
        (
            "foreign rule",
            request(&rules, "sns:Publish", foreign),
            Verdict::NotAllowed,
        ),
        (
            "subscription by a rule",
            request(&rules, "sns:Subscribe", account),
            Verdict::NotAllowed,
        ),
        (
            "another service",
            request(&events, "sns:Publish", account),
            Verdict::NotAllowed,
        ),
        (
            "member of the account",
            request(&user, "sns:Publish", account),
            Verdict::NotAllowed,
        ),
    ];
    expect_verdicts(&policy, &table)
}
