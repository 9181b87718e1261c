//! Rows for autoscaling, launch templates, and capacity providers. Data only.

use serde_json::json;

use super::Parameter::{ListOf, Of};
use super::{Listed, ResourceType, action};

pub(super) const TYPES: &[ResourceType] = &[
    ResourceType::new(
        "aws_appautoscaling_target",
        action(
            "application-autoscaling",
            "DescribeScalableTargets",
            &[
                ("ServiceNamespace", Of("service_namespace")),
                ("ResourceIds", ListOf("resource_id")),
            ],
            &["resource_id"],
        ),
    )
    .left(&[Listed::call(
        "scalable target",
        "application-autoscaling",
        "DescribeScalableTargets",
        "ScalableTargets",
        "ResourceId",
    )
    .with(|| json!({ "ServiceNamespace": "ecs" }))]),
    ResourceType::new(
        "aws_appautoscaling_policy",
        action(
            "application-autoscaling",
            "DescribeScalingPolicies",
            &[
                ("ServiceNamespace", Of("service_namespace")),
                ("ResourceId", Of("resource_id")),
                ("PolicyNames", ListOf("name")),
            ],
            &["arn"],
        ),
    ),
    ResourceType::new(
        "aws_appautoscaling_scheduled_action",
        action(
            "application-autoscaling",
            "DescribeScheduledActions",
            &[
                ("ServiceNamespace", Of("service_namespace")),
                ("ScheduledActionNames", ListOf("name")),
            ],
            &["arn"],
        ),
    ),
    ResourceType::new(
        "aws_launch_template",
        action(
            "ec2",
            "DescribeLaunchTemplates",
            &[("LaunchTemplateId", ListOf("id"))],
            &["id"],
        ),
    )
    .left(&[Listed::call(
        "launch template",
        "ec2",
        "DescribeLaunchTemplates",
        "launchTemplates",
        "launchTemplateId",
    )]),
    ResourceType::new(
        "aws_autoscaling_group",
        action(
            "autoscaling",
            "DescribeAutoScalingGroups",
            &[("AutoScalingGroupNames", ListOf("name"))],
            &["arn"],
        ),
    )
    .left(&[Listed::call(
        "Auto Scaling group",
        "autoscaling",
        "DescribeAutoScalingGroups",
        "AutoScalingGroups",
        "AutoScalingGroupName",
    )]),
    ResourceType::new(
        "aws_ecs_capacity_provider",
        action(
            "ecs",
            "DescribeCapacityProviders",
            &[("capacityProviders", ListOf("name"))],
            &["arn"],
        ),
    ),
    ResourceType::new(
        "aws_iam_instance_profile",
        action(
            "iam",
            "GetInstanceProfile",
            &[("InstanceProfileName", Of("name"))],
            &["arn"],
        ),
    )
    .left(&[Listed::call(
        "instance profile",
        "iam",
        "ListInstanceProfiles",
        "InstanceProfiles",
        "InstanceProfileName",
    )]),
];
