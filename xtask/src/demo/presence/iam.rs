//! API calls that look up roles, policies and identity providers. Data only.

use super::Parameter::Of;
use super::{Row, action};

pub(super) const ROWS: &[Row] = &[
    (
        "aws_iam_role",
        action("iam", "GetRole", &[("RoleName", Of("name"))], &["arn"]),
    ),
    (
        "aws_iam_role_policy",
        action(
            "iam",
            "GetRolePolicy",
            &[("RoleName", Of("role")), ("PolicyName", Of("name"))],
            &["name"],
        ),
    ),
    (
        "aws_iam_policy",
        action("iam", "GetPolicy", &[("PolicyArn", Of("arn"))], &["arn"]),
    ),
    (
        "aws_iam_role_policy_attachment",
        action(
            "iam",
            "ListAttachedRolePolicies",
            &[("RoleName", Of("role"))],
            &["policy_arn"],
        ),
    ),
    (
        "aws_iam_openid_connect_provider",
        action(
            "iam",
            "GetOpenIDConnectProvider",
            &[("OpenIDConnectProviderArn", Of("arn"))],
            &["client_id_list/*"],
        ),
    ),
    (
        "aws_iam_service_linked_role",
        action("iam", "GetRole", &[("RoleName", Of("name"))], &["arn"]),
    ),
];
