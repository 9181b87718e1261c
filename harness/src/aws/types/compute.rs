//! Rows for clusters, repositories, log groups, and alarms. Data only.

use super::Parameter::{ListOf, Of};
use super::{Listed, ResourceType, action};

pub(super) const TYPES: &[ResourceType] = &[
    ResourceType::new(
        "aws_ecs_cluster",
        action(
            "ecs",
            "DescribeClusters",
            &[("clusters", ListOf("arn"))],
            &["arn"],
        ),
    ),
    ResourceType::new(
        "aws_ecs_cluster_capacity_providers",
        action(
            "ecs",
            "DescribeClusters",
            &[("clusters", ListOf("cluster_name"))],
            &["capacity_providers/*"],
        ),
    ),
    ResourceType::new(
        "aws_ecr_repository",
        action(
            "ecr",
            "DescribeRepositories",
            &[("repositoryNames", ListOf("name"))],
            &["arn", "repository_url"],
        ),
    )
    .left(&[Listed::call(
        "image repository",
        "ecr",
        "DescribeRepositories",
        "repositories",
        "repositoryName",
    )]),
    ResourceType::new(
        "aws_ecr_lifecycle_policy",
        action(
            "ecr",
            "GetLifecyclePolicy",
            &[("repositoryName", Of("repository"))],
            &["repository"],
        ),
    ),
    ResourceType::new(
        "aws_ecr_repository_policy",
        action(
            "ecr",
            "GetRepositoryPolicy",
            &[("repositoryName", Of("repository"))],
            &["repository"],
        ),
    ),
    ResourceType::new(
        "aws_cloudwatch_log_group",
        action(
            "logs",
            "DescribeLogGroups",
            &[("logGroupNamePrefix", Of("name"))],
            &["name"],
        ),
    )
    .left(&[Listed::call(
        "log group",
        "logs",
        "DescribeLogGroups",
        "logGroups",
        "logGroupName",
    )]),
    ResourceType::new(
        "aws_cloudwatch_metric_alarm",
        action(
            "monitoring",
            "DescribeAlarms",
            &[("AlarmNames", ListOf("alarm_name"))],
            &["arn"],
        ),
    )
    .left(&[Listed::call(
        "alarm",
        "monitoring",
        "DescribeAlarms",
        "MetricAlarms",
        "AlarmName",
    )]),
];
