//! Actions and resources that permissions are evaluated for: services that a registry uses and other services, and
//! resources that belong to this registry and to others. The tests do not find permissions outside this list.

use anyhow::Result;

use crate::facts::text;
use crate::requirements::Registry;

/// Actions, by service.
const ACTIONS: [&str; 72] = [
    "cloudfront:CreateInvalidation",
    "cloudfront:UpdateDistribution",
    "ec2:AuthorizeSecurityGroupIngress",
    "ec2:DescribeInstances",
    "ec2:RunInstances",
    "ecr:BatchCheckLayerAvailability",
    "ecr:BatchDeleteImage",
    "ecr:BatchGetImage",
    "ecr:CompleteLayerUpload",
    "ecr:CreateRepository",
    "ecr:DeleteRepository",
    "ecr:DescribeImages",
    "ecr:GetAuthorizationToken",
    "ecr:GetDownloadUrlForLayer",
    "ecr:GetRepositoryPolicy",
    "ecr:InitiateLayerUpload",
    "ecr:ListImages",
    "ecr:PutImage",
    "ecr:PutImageTagMutability",
    "ecr:PutLifecyclePolicy",
    "ecr:SetRepositoryPolicy",
    "ecr:StartImageScan",
    "ecr:TagResource",
    "ecr:UploadLayerPart",
    "ecs:DescribeServices",
    "ecs:ExecuteCommand",
    "ecs:RegisterTaskDefinition",
    "ecs:RunTask",
    "ecs:UpdateService",
    "iam:AttachRolePolicy",
    "iam:CreateAccessKey",
    "iam:PassRole",
    "iam:PutRolePolicy",
    "iam:UpdateAssumeRolePolicy",
    "kms:CreateGrant",
    "kms:Decrypt",
    "kms:DisableKey",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:PutKeyPolicy",
    "kms:ScheduleKeyDeletion",
    "kms:Sign",
    "logs:CreateLogGroup",
    "logs:CreateLogStream",
    "logs:DeleteLogGroup",
    "logs:DescribeLogGroups",
    "logs:DescribeLogStreams",
    "logs:FilterLogEvents",
    "logs:GetLogEvents",
    "logs:PutLogEvents",
    "logs:PutRetentionPolicy",
    "rds-db:connect",
    "rds:DeleteDBInstance",
    "rds:ModifyDBInstance",
    "s3:AbortMultipartUpload",
    "s3:DeleteBucket",
    "s3:DeleteObject",
    "s3:DeleteObjectVersion",
    "s3:GetObject",
    "s3:ListAllMyBuckets",
    "s3:ListBucket",
    "s3:ListBucketVersions",
    "s3:PutBucketPolicy",
    "s3:PutBucketVersioning",
    "s3:PutObject",
    "s3:PutObjectAcl",
    "secretsmanager:DeleteSecret",
    "secretsmanager:GetSecretValue",
    "secretsmanager:ListSecrets",
    "secretsmanager:PutSecretValue",
    "secretsmanager:UpdateSecretVersionStage",
    "sts:AssumeRole",
];

/// Actions that support only the resource `*` (Service Authorization Reference).
const UNSCOPED: [&str; 6] = [
    "ec2:DescribeInstances",
    "ecr:GetAuthorizationToken",
    "ecs:RegisterTaskDefinition",
    "logs:DescribeLogGroups",
    "s3:ListAllMyBuckets",
    "secretsmanager:ListSecrets",
];

/// Resources with readable names.
pub(super) struct Universe {
    resources: Vec<Resource>,
}

/// A resource, the service that its actions belong to, and additional context for the requests.
pub(super) struct Resource {
    service: &'static str,
    pub(super) name: String,
    pub(super) arn: String,
    /// Condition keys and their values.
    pub(super) context: Vec<(&'static str, String)>,
}

impl Universe {
    /// Returns the resources in this registry and in others.
    pub(super) fn of(registry: &Registry<'_>) -> Result<Self> {
        let (account, prefix) = (registry.aws.id(), registry.prefix);
        let mut resources = Vec::new();
        let mut add = |service, name: &str, arn: String| {
            resources.push(Resource {
                service,
                name: name.to_owned(),
                arn,
                context: Vec::new(),
            });
        };
        let ecr = |name: &str| format!("arn:aws:ecr:us-east-1:{account}:repository/{name}");
        add("ecr", "repository api", ecr(&format!("{prefix}-api")));
        add("ecr", "repository worker", ecr(&format!("{prefix}-worker")));
        add(
            "ecr",
            "repository of another registry",
            ecr(&format!("{prefix}-other")),
        );
        let group = |name: &str| format!("arn:aws:logs:us-east-1:{account}:log-group:{name}");
        add(
            "logs",
            "log group api",
            group(&format!("/ecs/{prefix}-api:log-stream:x")),
        );
        add(
            "logs",
            "log group worker",
            group(&format!("/ecs/{prefix}-worker:log-stream:x")),
        );
        add(
            "logs",
            "log group vpc",
            group(&format!("/vpc/{prefix}:log-stream:x")),
        );
        add(
            "logs",
            "log group of another service",
            group("/ecs/other:log-stream:x"),
        );
        for name in [
            "database/url",
            "database/password",
            "pki/root-ca-key",
            "pki/root-ca-cert",
            "pki/intermediate-ca-key",
            "pki/package-signing-key",
            "storage/service-account",
        ] {
            let arn = text(&registry.secret_facts(name)?, "/ARN")?;
            add("secretsmanager", &format!("secret {name}"), arn);
        }
        let other =
            format!("arn:aws:secretsmanager:us-east-1:{account}:secret:{prefix}/other-a1b2c3");
        add("secretsmanager", "secret of another registry", other);
        add("kms", "key", registry.key_arn()?);
        add(
            "kms",
            "another key",
            format!("arn:aws:kms:us-east-1:{account}:key/11111111-2222-3333-4444-555555555555"),
        );
        for (name, bucket) in [
            ("package bucket", registry.bucket()),
            (
                "access log bucket",
                format!("{prefix}-access-logs-{account}"),
            ),
            ("other bucket", "another".to_owned()),
        ] {
            add("s3", name, format!("arn:aws:s3:::{bucket}"));
            add(
                "s3",
                &format!("object in the {name}"),
                format!("arn:aws:s3:::{bucket}/a/b.tar"),
            );
        }
        add(
            "s3",
            "revocation list in the package bucket",
            format!("arn:aws:s3:::{}/.well-known/crl.pem", registry.bucket()),
        );
        for role in ["execution", "api-task", "github-push"] {
            let arn = format!("arn:aws:iam::{account}:role/{prefix}-{role}");
            add("iam", &format!("role {role}"), arn.clone());
            add("sts", &format!("role {role}"), arn);
        }
        add(
            "ecs",
            "service",
            format!("arn:aws:ecs:us-east-1:{account}:service/{prefix}/{prefix}-api"),
        );
        add(
            "rds",
            "database",
            format!("arn:aws:rds:us-east-1:{account}:db:{prefix}"),
        );
        add(
            "rds-db",
            "database user",
            format!("arn:aws:rds-db:us-east-1:{account}:dbuser:*/skreg"),
        );
        resources.extend(keys(registry)?);
        Ok(Self { resources })
    }

    /// Returns every action with every resource in its service, or with `*`.
    pub(super) fn requests(&self) -> impl Iterator<Item = (&str, Option<&Resource>)> {
        ACTIONS.into_iter().flat_map(|action| {
            let service = action.split(':').next().unwrap_or_default();
            let scoped = !UNSCOPED.contains(&action);
            let of_service = move |resource: &&Resource| resource.service == service;
            let own = self.resources.iter().filter(of_service);
            let own = own.filter(move |_| scoped);
            let known = self.resources.iter().any(|one| of_service(&one));
            own.map(move |resource| (action, Some(resource)))
                .chain((!scoped || !known).then_some((action, None)))
        })
    }
}

/// Returns the KMS key once for each request context in which a service uses it on behalf of a caller. The context
/// includes the encryption context.
fn keys(registry: &Registry<'_>) -> Result<Vec<Resource>> {
    let key = registry.key_arn()?;
    let through = |service: &str, what: &str, context: (&'static str, String)| Resource {
        service: "kms",
        name: format!("key for {what}"),
        arn: key.clone(),
        context: vec![
            (
                "kms:ViaService",
                format!("{service}.us-east-1.amazonaws.com"),
            ),
            context,
        ],
    };
    let s3 =
        |what: &str, arn: String| through("s3", what, ("kms:EncryptionContext:aws:s3:arn", arn));
    let mut keys = vec![
        s3(
            "the package bucket",
            format!("arn:aws:s3:::{}", registry.bucket()),
        ),
        s3(
            "a package",
            format!("arn:aws:s3:::{}/a/b.tar", registry.bucket()),
        ),
        s3("another bucket", "arn:aws:s3:::another".to_owned()),
    ];
    for name in [
        "database/url",
        "pki/root-ca-key",
        "pki/intermediate-ca-key",
        "pki/package-signing-key",
        "storage/service-account",
    ] {
        let arn = text(&registry.secret_facts(name)?, "/ARN")?;
        let context = ("kms:EncryptionContext:SecretARN", arn);
        keys.push(through("secretsmanager", name, context));
    }
    Ok(keys)
}
