//! What a role is tried on: actions of the services that a registry uses and of some that it does not, and resources of
//! this registry and of others. What is not in here is not found, so it is wide.

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

/// Actions that know no narrower resource than `*` (Service Authorization Reference).
const UNSCOPED: [&str; 5] = [
    "ec2:DescribeInstances",
    "ecr:GetAuthorizationToken",
    "ecs:RegisterTaskDefinition",
    "s3:ListAllMyBuckets",
    "secretsmanager:ListSecrets",
];

/// Resources by the name that a reader knows, each with the service whose actions are asked of it.
pub(super) struct Universe {
    resources: Vec<(&'static str, String, String)>,
}

impl Universe {
    /// This registry, and what others have.
    pub(super) fn of(registry: &Registry<'_>) -> Result<Self> {
        let (account, prefix) = (registry.aws.id(), registry.prefix);
        let mut resources = Vec::new();
        let mut add =
            |service, name: &str, arn: String| resources.push((service, name.to_owned(), arn));
        let ecr = |name: &str| format!("arn:aws:ecr:us-east-1:{account}:repository/{name}");
        add("ecr", "repository api", ecr(&format!("{prefix}-api")));
        add("ecr", "repository worker", ecr(&format!("{prefix}-worker")));
        add(
            "ecr",
            "repository of another",
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
            "log group of another",
            group("/ecs/other:log-stream:x"),
        );
        for name in [
            "database/url",
            "database/password",
            "pki/root-ca-key",
            "pki/root-ca-cert",
            "storage/service-account",
        ] {
            let arn = text(&registry.secret_facts(name)?, "/ARN")?;
            add("secretsmanager", &format!("secret {name}"), arn);
        }
        let other =
            format!("arn:aws:secretsmanager:us-east-1:{account}:secret:{prefix}/other-a1b2c3");
        add("secretsmanager", "secret of another", other);
        add("kms", "key", registry.key_arn()?);
        add(
            "kms",
            "key of another",
            format!("arn:aws:kms:us-east-1:{account}:key/11111111-2222-3333-4444-555555555555"),
        );
        for (name, bucket) in [
            ("the packages", registry.bucket()),
            ("the access logs", format!("{prefix}-access-logs-{account}")),
            ("another", "another".to_owned()),
        ] {
            add(
                "s3",
                &format!("bucket of {name}"),
                format!("arn:aws:s3:::{bucket}"),
            );
            add(
                "s3",
                &format!("object of {name}"),
                format!("arn:aws:s3:::{bucket}/a/b.tar"),
            );
        }
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
        Ok(Self { resources })
    }

    /// Every action on every resource of its service, or on `*` where it knows none.
    pub(super) fn requests(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        ACTIONS.into_iter().flat_map(|action| {
            let service = action.split(':').next().unwrap_or_default();
            let scoped = !UNSCOPED.contains(&action);
            let own = self
                .resources
                .iter()
                .filter(move |(of, _, _)| scoped && *of == service);
            let own = own.map(move |(_, name, arn)| (action, name.as_str(), arn.as_str()));
            let known = self.resources.iter().any(|(of, _, _)| *of == service);
            own.chain((!scoped || !known).then_some((action, "*", "*")))
        })
    }
}
