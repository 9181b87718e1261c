//! List requests of the emptiness check, one row per kind of resource. Data only.

use serde_json::{Value, json};

/// A kind of resource: path of the list in the response, path of the ID of an entry, and a filter for what AWS creates
/// or keeps.
pub(super) struct Listed {
    pub(super) kind: &'static str,
    pub(super) list: &'static str,
    pub(super) identity: &'static str,
    pub(super) own: fn(&Value) -> bool,
}

const fn never(_: &Value) -> bool {
    false
}

/// Returns whether AWS manages the policy.
fn managed(entry: &Value) -> bool {
    entry["Type"] == "managed"
}

fn nothing() -> Value {
    Value::Null
}

/// Service, path and kind for REST services.
pub(super) const PATHS: [(&str, &str, Listed); 5] = [
    (
        "s3",
        "/",
        Listed {
            kind: "bucket",
            list: "Buckets",
            identity: "Name",
            own: never,
        },
    ),
    (
        "cloudfront",
        "/2020-05-31/distribution",
        Listed {
            kind: "distribution",
            list: "Items",
            identity: "Id",
            own: never,
        },
    ),
    (
        "cloudfront",
        "/2020-05-31/origin-access-control",
        Listed {
            kind: "origin access control",
            list: "Items",
            identity: "Id",
            own: never,
        },
    ),
    (
        "cloudfront",
        "/2020-05-31/response-headers-policy",
        Listed {
            kind: "response headers policy",
            list: "Items",
            identity: "ResponseHeadersPolicy/Id",
            own: managed,
        },
    ),
    (
        "cloudfront",
        "/2020-05-31/cache-policy",
        Listed {
            kind: "cache policy",
            list: "Items",
            identity: "CachePolicy/Id",
            own: managed,
        },
    ),
];

/// Service, action, parameters and kind.
type Row = (&'static str, &'static str, fn() -> Value, Listed);

/// Rows of services with actions.
pub(super) const LISTED: [Row; 23] = [
    (
        "secretsmanager",
        "ListSecrets",
        nothing,
        Listed {
            kind: "secret",
            list: "SecretList",
            identity: "ARN",
            own: never,
        },
    ),
    (
        "logs",
        "DescribeLogGroups",
        nothing,
        Listed {
            kind: "log group",
            list: "logGroups",
            identity: "logGroupName",
            own: never,
        },
    ),
    (
        "elasticloadbalancing",
        "DescribeLoadBalancers",
        nothing,
        Listed {
            kind: "load balancer",
            list: "LoadBalancers",
            identity: "LoadBalancerArn",
            own: never,
        },
    ),
    (
        "elasticloadbalancing",
        "DescribeTargetGroups",
        nothing,
        Listed {
            kind: "target group",
            list: "TargetGroups",
            identity: "TargetGroupArn",
            own: never,
        },
    ),
    (
        "ec2",
        "DescribeAddresses",
        nothing,
        Listed {
            kind: "Elastic IP",
            list: "addressesSet",
            identity: "allocationId",
            own: never,
        },
    ),
    (
        "ec2",
        "DescribeNatGateways",
        nothing,
        Listed {
            kind: "NAT gateway",
            list: "natGatewaySet",
            identity: "natGatewayId", // A deleted gateway remains visible for about an hour.
            own: |gateway| gateway["state"] == "deleted",
        },
    ),
    (
        "ec2",
        "DescribeVpcs",
        nothing,
        Listed {
            kind: "VPC",
            list: "vpcSet",
            identity: "vpcId",
            own: |vpc| vpc["isDefault"] == "true",
        },
    ),
    (
        "ec2",
        "DescribeSecurityGroups",
        nothing,
        Listed {
            kind: "security group",
            list: "securityGroupInfo",
            identity: "groupId",
            own: |group| group["groupName"] == "default",
        },
    ),
    (
        "ec2",
        "DescribeVpcEndpoints",
        nothing,
        Listed {
            kind: "VPC endpoint",
            list: "vpcEndpointSet",
            identity: "vpcEndpointId",
            own: |endpoint| endpoint["state"] == "deleted",
        },
    ),
    (
        "ec2",
        "DescribeFlowLogs",
        nothing,
        Listed {
            kind: "flow log",
            list: "flowLogSet",
            identity: "flowLogId",
            own: never,
        },
    ),
    (
        "ec2",
        "DescribeNetworkInterfaces",
        nothing,
        Listed {
            kind: "network interface",
            list: "networkInterfaceSet",
            identity: "networkInterfaceId",
            own: never,
        },
    ),
    (
        "iam",
        "ListRoles",
        nothing,
        Listed {
            kind: "IAM role",
            list: "Roles",
            identity: "RoleName",
            own: |role| {
                role["Path"]
                    .as_str()
                    .is_some_and(|path| path.starts_with("/aws-service-role/"))
            },
        },
    ),
    (
        "iam",
        "ListPolicies",
        || json!({ "Scope": "Local" }),
        Listed {
            kind: "IAM policy",
            list: "Policies",
            identity: "Arn",
            own: never,
        },
    ),
    (
        "iam",
        "ListOpenIDConnectProviders",
        nothing,
        Listed {
            kind: "OIDC provider",
            list: "OpenIDConnectProviderList",
            identity: "Arn",
            own: never,
        },
    ),
    (
        "kms",
        "ListAliases",
        nothing,
        Listed {
            kind: "KMS alias",
            list: "Aliases",
            identity: "AliasName",
            own: |alias| {
                alias["AliasName"]
                    .as_str()
                    .is_some_and(|name| name.starts_with("alias/aws/"))
            },
        },
    ),
    (
        "ecr",
        "DescribeRepositories",
        nothing,
        Listed {
            kind: "image repository",
            list: "repositories",
            identity: "repositoryName",
            own: never,
        },
    ),
    (
        "rds",
        "DescribeDBInstances",
        nothing,
        Listed {
            kind: "DB instance",
            list: "DBInstances",
            identity: "DBInstanceIdentifier",
            own: never,
        },
    ),
    (
        "rds",
        "DescribeDBSnapshots",
        nothing,
        Listed {
            kind: "DB snapshot",
            list: "DBSnapshots",
            identity: "DBSnapshotIdentifier",
            own: never,
        },
    ),
    (
        "rds",
        "DescribeDBSubnetGroups",
        nothing,
        Listed {
            kind: "DB subnet group",
            list: "DBSubnetGroups",
            identity: "DBSubnetGroupName",
            own: |group| group["DBSubnetGroupName"] == "default",
        },
    ),
    (
        "rds",
        "DescribeDBParameterGroups",
        nothing,
        Listed {
            kind: "DB parameter group",
            list: "DBParameterGroups",
            identity: "DBParameterGroupName",
            own: |group| {
                group["DBParameterGroupName"]
                    .as_str()
                    .is_some_and(|name| name.starts_with("default."))
            },
        },
    ),
    (
        "wafv2",
        "ListWebACLs",
        || json!({ "Scope": "REGIONAL" }),
        Listed {
            kind: "web ACL",
            list: "WebACLs",
            identity: "ARN",
            own: never,
        },
    ),
    (
        "wafv2",
        "ListWebACLs",
        || json!({ "Scope": "CLOUDFRONT" }),
        Listed {
            kind: "web ACL",
            list: "WebACLs",
            identity: "ARN",
            own: never,
        },
    ),
    (
        "acm",
        "ListCertificates",
        nothing,
        Listed {
            kind: "certificate",
            list: "CertificateSummaryList",
            identity: "CertificateArn",
            own: never,
        },
    ),
];
