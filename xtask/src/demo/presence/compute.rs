//! API calls that look up clusters, repositories, log groups and alarms. Data only.

use super::Parameter::{Listed, Of};
use super::{Row, action};

pub(super) const ROWS: &[Row] = &[
    (
        "aws_ecs_cluster",
        action(
            "ecs",
            "DescribeClusters",
            &[("clusters", Listed("arn"))],
            &["arn"],
        ),
    ),
    (
        "aws_ecs_cluster_capacity_providers",
        action(
            "ecs",
            "DescribeClusters",
            &[("clusters", Listed("cluster_name"))],
            &["capacity_providers/*"],
        ),
    ),
    (
        "aws_ecr_repository",
        action(
            "ecr",
            "DescribeRepositories",
            &[("repositoryNames", Listed("name"))],
            &["arn", "repository_url"],
        ),
    ),
    (
        "aws_ecr_lifecycle_policy",
        action(
            "ecr",
            "GetLifecyclePolicy",
            &[("repositoryName", Of("repository"))],
            &["repository"],
        ),
    ),
    (
        "aws_ecr_repository_policy",
        action(
            "ecr",
            "GetRepositoryPolicy",
            &[("repositoryName", Of("repository"))],
            &["repository"],
        ),
    ),
    (
        "aws_cloudwatch_log_group",
        action(
            "logs",
            "DescribeLogGroups",
            &[("logGroupNamePrefix", Of("name"))],
            &["name"],
        ),
    ),
    (
        "aws_cloudwatch_metric_alarm",
        action(
            "monitoring",
            "DescribeAlarms",
            &[("AlarmNames", Listed("alarm_name"))],
            &["arn"],
        ),
    ),
];
