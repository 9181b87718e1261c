//! The actions that the identity that runs an example requires: the calls of the example in the journal, and the actions
//! that AWS checks without a call. The table in the README of the example contains exactly these actions.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use anyhow::{Context as _, Result, ensure};
use tfharness::{LocalAws, Workspace};

use crate::package::repository;

/// Variable whose value the AWS SDKs add to the user agent ("Application ID", AWS SDKs and Tools Reference Guide).
pub(crate) const LABEL: &str = "AWS_SDK_UA_APP_ID";
/// Header of the table in a README.
const HEADER: &str = "| service | actions |\n|---|---|\n";

/// Operations whose action has another name (Service Authorization Reference, "Amazon S3" and "Amazon CloudFront").
const RENAMED: [(&str, &[&str]); 23] = [
    (
        "cloudfront:CreateDistributionWithTags",
        &["cloudfront:CreateDistribution", "cloudfront:TagResource"],
    ),
    ("s3:CopyObject", &["s3:GetObject", "s3:PutObject"]),
    (
        "s3:DeleteBucketEncryption",
        &["s3:PutEncryptionConfiguration"],
    ),
    (
        "s3:DeleteBucketLifecycle",
        &["s3:PutLifecycleConfiguration"],
    ),
    (
        "s3:DeleteBucketOwnershipControls",
        &["s3:PutBucketOwnershipControls"],
    ),
    ("s3:DeleteBucketTagging", &["s3:PutBucketTagging"]),
    (
        "s3:DeleteObjects",
        &["s3:DeleteObject", "s3:DeleteObjectVersion"],
    ),
    (
        "s3:DeletePublicAccessBlock",
        &["s3:PutBucketPublicAccessBlock"],
    ),
    (
        "s3:GetBucketAccelerateConfiguration",
        &["s3:GetAccelerateConfiguration"],
    ),
    ("s3:GetBucketCors", &["s3:GetBucketCORS"]),
    ("s3:GetBucketEncryption", &["s3:GetEncryptionConfiguration"]),
    (
        "s3:GetBucketLifecycleConfiguration",
        &["s3:GetLifecycleConfiguration"],
    ),
    (
        "s3:GetBucketReplication",
        &["s3:GetReplicationConfiguration"],
    ),
    (
        "s3:GetObjectLockConfiguration",
        &["s3:GetBucketObjectLockConfiguration"],
    ),
    (
        "s3:GetPublicAccessBlock",
        &["s3:GetBucketPublicAccessBlock"],
    ),
    ("s3:HeadBucket", &["s3:ListBucket"]),
    ("s3:HeadObject", &["s3:GetObject"]),
    ("s3:ListObjectVersions", &["s3:ListBucketVersions"]),
    ("s3:ListObjects", &["s3:ListBucket"]),
    ("s3:ListObjectsV2", &["s3:ListBucket"]),
    ("s3:PutBucketEncryption", &["s3:PutEncryptionConfiguration"]),
    (
        "s3:PutBucketLifecycleConfiguration",
        &["s3:PutLifecycleConfiguration"],
    ),
    (
        "s3:PutPublicAccessBlock",
        &["s3:PutBucketPublicAccessBlock"],
    ),
];

/// Actions that AWS checks in addition to the action of a call: the dependent actions in the Service Authorization
/// Reference, and the pages in the comments.
const DEPENDENT: [(&str, &[&str]); 19] = [
    // RDS user guide, "Permissions required for Secrets Manager integration", and "Encrypting Amazon RDS resources".
    (
        "rds:CreateDBCluster",
        &[
            "iam:CreateServiceLinkedRole",
            "kms:CreateGrant",
            "kms:Decrypt",
            "kms:DescribeKey",
            "kms:GenerateDataKey",
            "secretsmanager:CreateSecret",
            "secretsmanager:TagResource",
        ],
    ),
    // DynamoDB developer guide, "DynamoDB encryption at rest: usage notes".
    (
        "dynamodb:CreateTable",
        &[
            "kms:CreateGrant",
            "kms:Decrypt",
            "kms:DescribeKey",
            "kms:Encrypt",
            "kms:GenerateDataKey",
            "kms:ReEncryptFrom",
            "kms:ReEncryptTo",
        ],
    ),
    // WAF developer guide, "Permissions to publish logs to CloudWatch Logs".
    (
        "wafv2:PutLoggingConfiguration",
        &[
            "logs:CreateLogDelivery",
            "logs:DeleteLogDelivery",
            "logs:DescribeLogGroups",
            "logs:DescribeResourcePolicies",
            "logs:PutResourcePolicy",
        ],
    ),
    ("wafv2:AssociateWebACL", &["elasticloadbalancing:SetWebACL"]),
    // CloudFront developer guide, "Permissions required to configure standard logging".
    (
        "cloudfront:CreateDistribution",
        &["s3:GetBucketAcl", "s3:PutBucketAcl"],
    ),
    (
        "ecr:CreateRepository",
        &["kms:CreateGrant", "kms:DescribeKey"],
    ),
    // ECS developer guide, "Using service-linked roles for Amazon ECS".
    ("ecs:CreateCluster", &["iam:CreateServiceLinkedRole"]),
    ("ecs:RegisterTaskDefinition", &["iam:PassRole"]),
    ("ec2:CreateFlowLogs", &["iam:PassRole"]),
    // EC2 Auto Scaling user guide, "Launch template support".
    (
        "autoscaling:CreateAutoScalingGroup",
        &[
            "ec2:CreateTags",
            "ec2:RunInstances",
            "iam:CreateServiceLinkedRole",
            "iam:PassRole",
        ],
    ),
    (
        "application-autoscaling:RegisterScalableTarget",
        &["iam:CreateServiceLinkedRole"],
    ),
    ("secretsmanager:RotateSecret", &["lambda:InvokeFunction"]),
    (
        "secretsmanager:PutSecretValue",
        &["kms:Decrypt", "kms:GenerateDataKey"],
    ),
    ("s3:PutObject", &["kms:GenerateDataKey"]),
    ("codebuild:CreateProject", &["iam:PassRole"]),
    // Developer Tools console user guide, "Permissions and examples for AWS CodeConnections".
    (
        "codeconnections:CreateConnection",
        &["codeconnections:PassConnection"],
    ),
    ("codepipeline:CreatePipeline", &["iam:PassRole"]),
    ("events:PutTargets", &["iam:PassRole"]),
    (
        "codestar-notifications:CreateNotificationRule",
        &["iam:CreateServiceLinkedRole"],
    ),
];

/// Actions that AWS checks because the call contains tags (AWS Tagging user guide, and the condition key
/// `aws:RequestTag` in the Service Authorization Reference).
const TAGGING: [(&str, &str); 20] = [
    ("acm:RequestCertificate", "acm:AddTagsToCertificate"),
    (
        "application-autoscaling:RegisterScalableTarget",
        "application-autoscaling:TagResource",
    ),
    ("cloudwatch:PutMetricAlarm", "cloudwatch:TagResource"),
    (
        "codeconnections:CreateConnection",
        "codeconnections:TagResource",
    ),
    ("codepipeline:CreatePipeline", "codepipeline:TagResource"),
    (
        "codestar-notifications:CreateNotificationRule",
        "codestar-notifications:TagResource",
    ),
    ("dynamodb:CreateTable", "dynamodb:TagResource"),
    ("ec2:CreateVpc", "ec2:CreateTags"),
    ("ecr:CreateRepository", "ecr:TagResource"),
    ("ecs:CreateCluster", "ecs:TagResource"),
    (
        "elasticloadbalancing:CreateLoadBalancer",
        "elasticloadbalancing:AddTags",
    ),
    ("events:PutRule", "events:TagResource"),
    ("iam:CreateInstanceProfile", "iam:TagInstanceProfile"),
    ("iam:CreateRole", "iam:TagRole"),
    ("kms:CreateKey", "kms:TagResource"),
    ("logs:CreateLogGroup", "logs:TagResource"),
    ("rds:CreateDBCluster", "rds:AddTagsToResource"),
    ("secretsmanager:CreateSecret", "secretsmanager:TagResource"),
    ("sns:CreateTopic", "sns:TagResource"),
    ("wafv2:CreateWebACL", "wafv2:TagResource"),
];

/// Labels the calls of a workspace with the name of its example.
pub(crate) fn labelled(workspace: Workspace, example: &str) -> Workspace {
    workspace.env(LABEL, example)
}

/// Checks that the README of each example lists the actions that the labelled calls require, and no others.
pub(crate) fn expect_documented<'a>(
    aws: &LocalAws,
    examples: impl IntoIterator<Item = &'a str>,
) -> Result<()> {
    let checks = examples
        .into_iter()
        .map(|example| expect_table(aws, example));
    let failed = checks.filter_map(Result::err);
    let failed: Vec<_> = failed.map(|error| format!("{error:#}")).collect();
    ensure!(failed.is_empty(), "{}", failed.join("\n"));
    Ok(())
}

fn expect_table(aws: &LocalAws, example: &str) -> Result<()> {
    let label = format!("app/{example}");
    let mut actions = BTreeSet::new();
    for call in aws.journal() {
        let labels = &mut call.agent.split([' ', ',']);
        if !labels.any(|word| word == label) || call.service == "network" {
            continue;
        }
        // The model lacks some services. Their actions have the names of their operations.
        let operation = call.operation.as_deref().unwrap_or(&call.action);
        ensure!(!operation.contains(' '), "no operation for {operation}");
        actions.extend(required(&call.service, operation));
    }
    ensure!(!actions.is_empty(), "no calls with the label {label}");
    let expected = table(&actions)?;
    let readme = repository()?.join(format!("examples/{example}/README.md"));
    let text = std::fs::read_to_string(&readme).with_context(|| readme.to_string())?;
    ensure!(
        text.contains(&expected),
        "{readme} does not contain the table of the required actions:\n{expected}"
    );
    println!(
        "{example}: {} actions required and documented",
        actions.len()
    );
    Ok(())
}

/// Returns the actions that a call requires.
fn required(service: &str, operation: &str) -> Vec<String> {
    let prefix = match service {
        "monitoring" => "cloudwatch",
        "tagging" => "tag",
        other => other,
    };
    // Names of CloudFront operations end with the API version.
    let name = operation.trim_end_matches("2020_05_31");
    let called = format!("{prefix}:{name}");
    let renamed = RENAMED.iter().find(|(from, _)| *from == called);
    let mut actions = match renamed {
        Some((_, actions)) => actions.iter().map(|&action| action.to_owned()).collect(),
        // The call requires no permission (STS API reference).
        None if called == "sts:GetCallerIdentity" => Vec::new(),
        None => vec![called],
    };
    let dependent = DEPENDENT
        .iter()
        .filter(|(of, _)| actions.iter().any(|one| one == of));
    let dependent = dependent.flat_map(|(_, more)| *more);
    let tagging = TAGGING
        .iter()
        .filter(|(of, _)| actions.iter().any(|one| one == of));
    let tagging = tagging.map(|(_, action)| action);
    let more: Vec<_> = dependent
        .chain(tagging)
        .map(|&one| one.to_owned())
        .collect();
    actions.extend(more);
    actions
}

/// Returns the table of a README.
fn table(actions: &BTreeSet<String>) -> Result<String> {
    let mut services: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for action in actions {
        let (service, name) = action.split_once(':').context("an action")?;
        services
            .entry(service)
            .or_default()
            .push(format!("`{name}`"));
    }
    let mut text = HEADER.to_owned();
    for (service, names) in services {
        writeln!(text, "| `{service}` | {} |", names.join(", "))?;
    }
    // The table ends at an empty line, so that a README with more rows differs.
    text.push('\n');
    Ok(text)
}
