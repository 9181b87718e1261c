//! Rows for databases and secrets. Data only. Must never read the value of a secret.

use super::Parameter::Of;
use super::{Listed, ResourceType, action};

pub(super) const TYPES: &[ResourceType] = &[
    ResourceType::new(
        "aws_db_instance",
        action(
            "rds",
            "DescribeDBInstances",
            &[("DBInstanceIdentifier", Of("identifier"))],
            &["arn", "parameter_group_name", "vpc_security_group_ids/*"],
        ),
    )
    .left(&[Listed::call(
        "DB instance",
        "rds",
        "DescribeDBInstances",
        "DBInstances",
        "DBInstanceIdentifier",
    )]),
    ResourceType::new(
        "aws_db_subnet_group",
        action(
            "rds",
            "DescribeDBSubnetGroups",
            &[("DBSubnetGroupName", Of("name"))],
            &["arn", "subnet_ids/*"],
        ),
    )
    .left(&[Listed::call(
        "DB subnet group",
        "rds",
        "DescribeDBSubnetGroups",
        "DBSubnetGroups",
        "DBSubnetGroupName",
    )
    .but(|group| group["DBSubnetGroupName"] == "default")]),
    ResourceType::new(
        "aws_db_parameter_group",
        action(
            "rds",
            "DescribeDBParameterGroups",
            &[("DBParameterGroupName", Of("name"))],
            &["arn"],
        ),
    )
    .left(&[Listed::call(
        "DB parameter group",
        "rds",
        "DescribeDBParameterGroups",
        "DBParameterGroups",
        "DBParameterGroupName",
    )
    .but(|group| {
        group["DBParameterGroupName"]
            .as_str()
            .is_some_and(|name| name.starts_with("default."))
    })]),
    ResourceType::new(
        "aws_rds_cluster",
        action(
            "rds",
            "DescribeDBClusters",
            &[("DBClusterIdentifier", Of("cluster_identifier"))],
            &["arn", "database_name"],
        ),
    )
    .left(&[Listed::call(
        "DB cluster",
        "rds",
        "DescribeDBClusters",
        "DBClusters",
        "DBClusterIdentifier",
    )]),
    ResourceType::new(
        "aws_rds_cluster_instance",
        action(
            "rds",
            "DescribeDBInstances",
            &[("DBInstanceIdentifier", Of("identifier"))],
            &["arn"],
        ),
    ),
    ResourceType::new(
        "aws_rds_cluster_parameter_group",
        action(
            "rds",
            "DescribeDBClusterParameterGroups",
            &[("DBClusterParameterGroupName", Of("name"))],
            &["arn"],
        ),
    )
    .left(&[Listed::call(
        "DB cluster parameter group",
        "rds",
        "DescribeDBClusterParameterGroups",
        "DBClusterParameterGroups",
        "DBClusterParameterGroupName",
    )
    .but(|group| {
        group["DBClusterParameterGroupName"]
            .as_str()
            .is_some_and(|name| name.starts_with("default."))
    })]),
    ResourceType::new(
        "aws_dynamodb_table",
        action(
            "dynamodb",
            "DescribeTable",
            &[("TableName", Of("name"))],
            &["arn"],
        ),
    )
    .left(&[Listed::call(
        "table",
        "dynamodb",
        "ListTables",
        "TableNames",
        "",
    )]),
    ResourceType::new(
        "aws_secretsmanager_secret_rotation",
        action(
            "secretsmanager",
            "DescribeSecret",
            &[("SecretId", Of("secret_id"))],
            &["rotation_lambda_arn"],
        ),
    ),
    ResourceType::new(
        "aws_secretsmanager_secret",
        action(
            "secretsmanager",
            "DescribeSecret",
            &[("SecretId", Of("arn"))],
            &["arn"],
        ),
    )
    .left(&[Listed::call(
        "secret",
        "secretsmanager",
        "ListSecrets",
        "SecretList",
        "ARN",
    )]),
    ResourceType::new(
        "aws_secretsmanager_secret_version",
        action(
            "secretsmanager",
            "ListSecretVersionIds",
            &[("SecretId", Of("secret_id"))],
            &["version_id"],
        ),
    ),
    ResourceType::new(
        "aws_secretsmanager_secret_policy",
        action(
            "secretsmanager",
            "GetResourcePolicy",
            &[("SecretId", Of("secret_arn"))],
            &["secret_arn"],
        ),
    ),
];
