//! API calls that look up databases and secrets. Data only. Must never read the value of a secret.

use super::Parameter::Of;
use super::{Row, action};

pub(super) const ROWS: &[Row] = &[
    (
        "aws_db_instance",
        action(
            "rds",
            "DescribeDBInstances",
            &[("DBInstanceIdentifier", Of("identifier"))],
            &["arn", "parameter_group_name", "vpc_security_group_ids/*"],
        ),
    ),
    (
        "aws_db_subnet_group",
        action(
            "rds",
            "DescribeDBSubnetGroups",
            &[("DBSubnetGroupName", Of("name"))],
            &["arn", "subnet_ids/*"],
        ),
    ),
    (
        "aws_db_parameter_group",
        action(
            "rds",
            "DescribeDBParameterGroups",
            &[("DBParameterGroupName", Of("name"))],
            &["arn"],
        ),
    ),
    (
        "aws_secretsmanager_secret",
        action(
            "secretsmanager",
            "DescribeSecret",
            &[("SecretId", Of("arn"))],
            &["arn"],
        ),
    ),
    (
        "aws_secretsmanager_secret_version",
        action(
            "secretsmanager",
            "ListSecretVersionIds",
            &[("SecretId", Of("secret_id"))],
            &["version_id"],
        ),
    ),
    (
        "aws_secretsmanager_secret_policy",
        action(
            "secretsmanager",
            "GetResourcePolicy",
            &[("SecretId", Of("secret_arn"))],
            &["secret_arn"],
        ),
    ),
    (
        "skreg_pki_root_ca",
        action(
            "secretsmanager",
            "DescribeSecret",
            &[("SecretId", Of("secret_arn"))],
            &["secret_arn"],
        ),
    ),
];
