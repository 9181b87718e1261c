//! Rows for pipelines, build projects, connections, events, and notifications. Data only.

use super::Parameter::{ListOf, Of};
use super::{Listed, ResourceType, action};

pub(super) const TYPES: &[ResourceType] = &[
    ResourceType::new(
        "aws_codepipeline",
        action(
            "codepipeline",
            "GetPipeline",
            &[("name", Of("name"))],
            &["name", "role_arn"],
        ),
    )
    .left(&[Listed::call(
        "pipeline",
        "codepipeline",
        "ListPipelines",
        "pipelines",
        "name",
    )]),
    ResourceType::new(
        "aws_codebuild_project",
        action(
            "codebuild",
            "BatchGetProjects",
            &[("names", ListOf("arn"))],
            &["arn", "service_role"],
        ),
    )
    .left(&[Listed::call(
        "build project",
        "codebuild",
        "ListProjects",
        "projects",
        "name",
    )]),
    ResourceType::new(
        "aws_codebuild_source_credential",
        action("codebuild", "ListSourceCredentials", &[], &["arn"]),
    )
    .left(&[Listed::call(
        "source credential",
        "codebuild",
        "ListSourceCredentials",
        "sourceCredentialsInfos",
        "arn",
    )]),
    ResourceType::new(
        "aws_codeconnections_connection",
        action(
            "codeconnections",
            "GetConnection",
            &[("ConnectionArn", Of("arn"))],
            &["arn", "name"],
        ),
    )
    .left(&[Listed::call(
        "connection",
        "codeconnections",
        "ListConnections",
        "Connections",
        "ConnectionArn",
    )]),
    ResourceType::new(
        "aws_codestarnotifications_notification_rule",
        action(
            "codestar-notifications",
            "DescribeNotificationRule",
            &[("Arn", Of("arn"))],
            &["arn", "resource"],
        ),
    )
    .left(&[Listed::call(
        "notification rule",
        "codestar-notifications",
        "ListNotificationRules",
        "NotificationRules",
        "Arn",
    )]),
    ResourceType::new(
        "aws_cloudwatch_event_rule",
        action("events", "DescribeRule", &[("Name", Of("name"))], &["arn"]),
    )
    .left(&[Listed::call(
        "event rule",
        "events",
        "ListRules",
        "Rules",
        "Name",
    )]),
    ResourceType::new(
        "aws_cloudwatch_event_target",
        action(
            "events",
            "ListTargetsByRule",
            &[("Rule", Of("rule"))],
            &["arn", "target_id"],
        ),
    ),
    ResourceType::new(
        "aws_sns_topic",
        action(
            "sns",
            "GetTopicAttributes",
            &[("TopicArn", Of("arn"))],
            &["arn"],
        ),
    )
    .left(&[Listed::call(
        "topic",
        "sns",
        "ListTopics",
        "Topics",
        "TopicArn",
    )]),
    ResourceType::new(
        "aws_sns_topic_policy",
        action(
            "sns",
            "GetTopicAttributes",
            &[("TopicArn", Of("arn"))],
            &["arn"],
        ),
    ),
    ResourceType::new(
        "aws_sns_topic_subscription",
        action(
            "sns",
            "ListSubscriptionsByTopic",
            &[("TopicArn", Of("topic_arn"))],
            &["endpoint"],
        ),
    ),
];
