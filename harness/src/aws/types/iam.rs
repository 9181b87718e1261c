//! Rows for roles, policies, and identity providers. Data only.

use super::Parameter::Of;
use serde_json::json;

use super::{Listed, ResourceType, action};

pub(super) const TYPES: &[ResourceType] = &[
    ResourceType::new(
        "aws_iam_role",
        action("iam", "GetRole", &[("RoleName", Of("name"))], &["arn"]),
    )
    .left(&[
        Listed::call("IAM role", "iam", "ListRoles", "Roles", "RoleName").but(|role| {
            role["Path"]
                .as_str()
                .is_some_and(|path| path.starts_with("/aws-service-role/"))
        }),
    ]),
    ResourceType::new(
        "aws_iam_role_policy",
        action(
            "iam",
            "GetRolePolicy",
            &[("RoleName", Of("role")), ("PolicyName", Of("name"))],
            &["name"],
        ),
    ),
    ResourceType::new(
        "aws_iam_policy",
        action("iam", "GetPolicy", &[("PolicyArn", Of("arn"))], &["arn"]),
    )
    .left(&[
        Listed::call("IAM policy", "iam", "ListPolicies", "Policies", "Arn")
            .with(|| json!({ "Scope": "Local" })),
    ]),
    ResourceType::new(
        "aws_iam_role_policy_attachment",
        action(
            "iam",
            "ListAttachedRolePolicies",
            &[("RoleName", Of("role"))],
            &["policy_arn"],
        ),
    ),
    ResourceType::new(
        "aws_iam_openid_connect_provider",
        action(
            "iam",
            "GetOpenIDConnectProvider",
            &[("OpenIDConnectProviderArn", Of("arn"))],
            &["client_id_list/*"],
        ),
    )
    .left(&[Listed::call(
        "OIDC provider",
        "iam",
        "ListOpenIDConnectProviders",
        "OpenIDConnectProviderList",
        "Arn",
    )]),
    ResourceType::new(
        "aws_iam_service_linked_role",
        action("iam", "GetRole", &[("RoleName", Of("name"))], &["arn"]),
    ),
];
