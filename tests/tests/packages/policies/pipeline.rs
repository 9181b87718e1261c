//! Least privilege of a pipeline: a table of the requests that each role needs, which the policies allow, and a table of
//! other requests, which they do not allow. The needs are from the CodePipeline user guide, page "CodePipeline service
//! role policy", and the CodeBuild user guide, page "Allow CodeBuild to interact with other AWS services".

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use super::documents::decoded;
use super::evaluate::{Caller, Request, Verdict, of_identity, of_resource};
use crate::facts::list;
use crate::requirements::Pipeline;

/// A need: the action, the resource, and the condition keys.
type Need = (&'static str, String, Vec<(&'static str, String)>);

fn need(action: &'static str, resource: impl Into<String>) -> Need {
    (action, resource.into(), Vec::new())
}

/// Returns the inline policies of a role. The role must have no managed policies.
fn policies(pipeline: &Pipeline<'_>, role: &str) -> Result<Vec<Value>> {
    let (aws, name) = (pipeline.aws, format!("{}-{role}", pipeline.prefix));
    let asked = json!({ "RoleName": name });
    let managed = list(
        aws,
        "iam",
        "ListAttachedRolePolicies",
        asked.clone(),
        "AttachedPolicies",
    )?;
    ensure!(
        managed.is_empty(),
        "{name} has managed policies: {managed:?}"
    );
    let names = list(aws, "iam", "ListRolePolicies", asked, "PolicyNames")?;
    let documents = names.iter().map(|policy| {
        let asked = json!({ "RoleName": name, "PolicyName": policy });
        decoded(&aws.call("iam", "GetRolePolicy", asked)?, "/PolicyDocument")
    });
    documents.collect()
}

/// Checks every role of a GitHub pipeline, and the key policy.
pub(crate) fn expect_pipeline(pipeline: &Pipeline<'_>) -> Result<()> {
    let account = pipeline.aws.id();
    let arn =
        |service: &str, resource: &str| format!("arn:aws:{service}:us-east-1:{account}:{resource}");
    let key = pipeline.key_arn()?;
    let artifacts = format!("arn:aws:s3:::{}", pipeline.bucket_name());
    let artifact = format!("{artifacts}/shop-prod/source/abc");
    let image = arn("ecr", "repository/shop-prod-app");
    let log = |project: &str| {
        arn(
            "logs",
            &format!("log-group:/aws/codebuild/shop-prod-{project}:log-stream:x"),
        )
    };
    let connection = &pipeline.described()?["stages"][0]["actions"][0]["configuration"];
    let connection = connection["ConnectionArn"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    let shared = || {
        let mut needs = vec![
            need("s3:GetObject", &artifact),
            need("s3:GetObjectVersion", &artifact),
            need("s3:PutObject", &artifact),
        ];
        for action in [
            "kms:Decrypt",
            "kms:DescribeKey",
            "kms:Encrypt",
            "kms:GenerateDataKey",
            "kms:ReEncryptFrom",
            "kms:ReEncryptTo",
        ] {
            needs.push(need(action, &key));
        }
        needs
    };
    let pushes = [
        "ecr:BatchCheckLayerAvailability",
        "ecr:BatchGetImage",
        "ecr:CompleteLayerUpload",
        "ecr:GetDownloadUrlForLayer",
        "ecr:InitiateLayerUpload",
        "ecr:PutImage",
        "ecr:UploadLayerPart",
    ];
    let role = "arn:aws:iam::123456789012:role/shop-api-task";
    let passed = |service: &str| vec![("iam:PassedToService", service.to_owned())];
    let mut of_pipeline = shared();
    of_pipeline.extend([
        need("s3:GetBucketAcl", &artifacts),
        need("s3:GetBucketLocation", &artifacts),
        need("s3:GetBucketVersioning", &artifacts),
        need(
            "codebuild:BatchGetBuilds",
            arn("codebuild", "project/shop-prod-image"),
        ),
        need(
            "codebuild:StartBuild",
            arn("codebuild", "project/shop-prod-unit-test"),
        ),
        need("codeconnections:UseConnection", &connection),
        need("codestar-connections:UseConnection", &connection),
        need("ecs:DescribeServices", arn("ecs", "service/shop/shop-api")),
        need("ecs:UpdateService", arn("ecs", "service/shop/shop-api")),
        need("ecs:DescribeTaskDefinition", "*"),
        need("ecs:RegisterTaskDefinition", "*"),
        (
            "ecs:TagResource",
            arn("ecs", "task-definition/shop-api:7"),
            vec![("ecs:CreateAction", "RegisterTaskDefinition".to_owned())],
        ),
        (
            "iam:PassRole",
            role.to_owned(),
            passed("ecs-tasks.amazonaws.com"),
        ),
    ]);
    let mut of_image = shared();
    of_image.extend(pushes.map(|action| need(action, &image)));
    of_image.push(need("ecr:GetAuthorizationToken", "*"));
    of_image.push(need("logs:CreateLogStream", log("image")));
    of_image.push(need("logs:PutLogEvents", log("image")));
    let mut of_test = shared();
    of_test.push(need("logs:CreateLogStream", log("unit-test")));
    of_test.push(need("logs:PutLogEvents", log("unit-test")));
    let of_events = vec![need(
        "codepipeline:StartPipelineExecution",
        arn("codepipeline", "shop-prod"),
    )];
    let others = vec![
        need("s3:DeleteObject", &artifact),
        need("s3:GetObject", "arn:aws:s3:::other/x"),
        need("s3:PutBucketPolicy", &artifacts),
        need("kms:ScheduleKeyDeletion", &key),
        need(
            "kms:Decrypt",
            arn("kms", "key/00000000-0000-0000-0000-000000000000"),
        ),
        need(
            "secretsmanager:GetSecretValue",
            arn("secretsmanager", "secret:shop-prod/github-token-AbCdEf"),
        ),
        need("ecr:DeleteRepository", &image),
        need("ecr:PutImage", arn("ecr", "repository/other")),
        need("logs:DeleteLogGroup", log("unit-test")),
        need("logs:PutLogEvents", log("other")),
        need("codebuild:StartBuild", arn("codebuild", "project/other")),
        need(
            "codebuild:UpdateProject",
            arn("codebuild", "project/shop-prod-image"),
        ),
        need(
            "codepipeline:UpdatePipeline",
            arn("codepipeline", "shop-prod"),
        ),
        need(
            "codepipeline:StartPipelineExecution",
            arn("codepipeline", "other"),
        ),
        need("ecs:UpdateService", arn("ecs", "service/shop/other")),
        need("ecs:DeleteService", arn("ecs", "service/shop/shop-api")),
        (
            "iam:PassRole",
            role.to_owned(),
            passed("lambda.amazonaws.com"),
        ),
        (
            "iam:PassRole",
            "arn:aws:iam::123456789012:role/admin".to_owned(),
            passed("ecs-tasks.amazonaws.com"),
        ),
        need("iam:CreateRole", "*"),
        need("sns:Publish", arn("sns", "shop-prod-failures")),
    ];
    let roles = [
        ("pipeline", of_pipeline),
        ("build-image", of_image),
        ("build-unit-test", of_test),
        ("events", of_events),
    ];
    for (role, needs) in &roles {
        let documents = policies(pipeline, role)?;
        let caller = Caller::Aws(format!("arn:aws:iam::{account}:role/shop-prod-{role}"));
        let verdict = |(action, resource, context): &Need| {
            let request = Request::new(caller.clone(), action, resource);
            let request = context
                .iter()
                .fold(request, |request, (key, value)| request.with(key, value));
            of_identity(&documents, &request)
        };
        for one in needs {
            ensure!(
                verdict(one)? == Verdict::Allowed,
                "{role} cannot call {} on {}",
                one.0,
                one.1
            );
        }
        // The needs of the other roles are also surplus, unless this role has the same need.
        let foreign = roles.iter().flat_map(|(_, needs)| needs);
        let surplus = others
            .iter()
            .chain(foreign)
            .filter(|one| !needs.contains(one));
        let mut denied = 0;
        for one in surplus {
            ensure!(
                verdict(one)? != Verdict::Allowed,
                "{role} can call {} on {}",
                one.0,
                one.1
            );
            denied += 1;
        }
        println!(
            "{role}: {} needs allowed, {denied} other requests not allowed",
            needs.len()
        );
    }
    key_policy(pipeline, &key)
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
    for (what, request, expected) in [
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
    ] {
        let found = of_resource(&policy, &request)?;
        ensure!(
            found == expected,
            "{what}: expected {expected:?}, found {found:?}"
        );
    }
    Ok(())
}
