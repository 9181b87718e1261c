//! Rows for networks, load balancers, and web ACLs. Data only.

use super::Parameter::{ListOf, Of};
use serde_json::json;

use super::{Listed, Lookup, ResourceType, action};

/// Creates a row for a resource that a describe call looks up by identifier.
const fn ec2(
    describe: &'static str,
    parameters: &'static [(&'static str, super::Parameter)],
) -> Lookup {
    action("ec2", describe, parameters, &["id"])
}

pub(super) const TYPES: &[ResourceType] = &[
    ResourceType::new("aws_vpc", ec2("DescribeVpcs", &[("VpcId", ListOf("id"))])).left(&[
        Listed::call("VPC", "ec2", "DescribeVpcs", "vpcSet", "vpcId")
            .but(|vpc| vpc["isDefault"] == "true"),
    ]),
    ResourceType::new(
        "aws_subnet",
        ec2("DescribeSubnets", &[("SubnetId", ListOf("id"))]),
    ),
    ResourceType::new(
        "aws_internet_gateway",
        ec2(
            "DescribeInternetGateways",
            &[("InternetGatewayId", ListOf("id"))],
        ),
    ),
    ResourceType::new(
        "aws_nat_gateway",
        ec2("DescribeNatGateways", &[("NatGatewayId", ListOf("id"))]),
    )
    .left(&[Listed::call(
        "NAT gateway",
        "ec2",
        "DescribeNatGateways",
        "natGatewaySet",
        "natGatewayId",
    )
    // A deleted gateway remains visible for about an hour.
    .but(|gateway| gateway["state"] == "deleted")]),
    ResourceType::new(
        "aws_eip",
        ec2("DescribeAddresses", &[("AllocationId", ListOf("id"))]),
    )
    .left(&[Listed::call(
        "Elastic IP",
        "ec2",
        "DescribeAddresses",
        "addressesSet",
        "allocationId",
    )]),
    ResourceType::new("aws_security_group", GROUP).left(&[Listed::call(
        "security group",
        "ec2",
        "DescribeSecurityGroups",
        "securityGroupInfo",
        "groupId",
    )
    .but(|group| group["groupName"] == "default")]),
    ResourceType::new("aws_default_security_group", GROUP),
    ResourceType::new("aws_vpc_security_group_ingress_rule", RULE),
    ResourceType::new("aws_vpc_security_group_egress_rule", RULE),
    ResourceType::new(
        "aws_route_table",
        ec2(TABLES, &[("RouteTableId", ListOf("id"))]),
    ),
    ResourceType::new(
        "aws_default_route_table",
        ec2(TABLES, &[("RouteTableId", ListOf("id"))]),
    ),
    ResourceType::new(
        "aws_route_table_association",
        ec2(TABLES, &[("RouteTableId", ListOf("route_table_id"))]),
    ),
    ResourceType::new(
        "aws_route",
        action(
            "ec2",
            TABLES,
            &[("RouteTableId", ListOf("route_table_id"))],
            &["nat_gateway_id|gateway_id", "destination_cidr_block"],
        ),
    ),
    ResourceType::new(
        "aws_vpc_endpoint",
        action(
            "ec2",
            "DescribeVpcEndpoints",
            &[("VpcEndpointId", ListOf("id"))],
            &["id", "service_name"],
        ),
    )
    .left(&[Listed::call(
        "VPC endpoint",
        "ec2",
        "DescribeVpcEndpoints",
        "vpcEndpointSet",
        "vpcEndpointId",
    )
    .but(|endpoint| endpoint["state"] == "deleted")]),
    ResourceType::new(
        "aws_vpc_endpoint_route_table_association",
        action(
            "ec2",
            "DescribeVpcEndpoints",
            &[("VpcEndpointId", ListOf("vpc_endpoint_id"))],
            &["route_table_id"],
        ),
    ),
    ResourceType::new(
        "aws_flow_log",
        action(
            "ec2",
            "DescribeFlowLogs",
            &[("FlowLogId", ListOf("id"))],
            &["id", "log_destination"],
        ),
    )
    .left(&[Listed::call(
        "flow log",
        "ec2",
        "DescribeFlowLogs",
        "flowLogSet",
        "flowLogId",
    )]),
    ResourceType::new(
        "aws_ec2_managed_prefix_list",
        action(
            "ec2",
            "DescribeManagedPrefixLists",
            &[("PrefixListId", ListOf("id"))],
            &["id"],
        ),
    ),
    ResourceType::new(
        "aws_default_network_acl",
        ec2("DescribeNetworkAcls", &[("NetworkAclId", ListOf("id"))]),
    ),
    ResourceType::new(
        "aws_lb",
        action(
            "elasticloadbalancing",
            "DescribeLoadBalancers",
            &[("LoadBalancerArns", ListOf("arn"))],
            &["arn"],
        ),
    )
    .left(&[Listed::call(
        "load balancer",
        "elasticloadbalancing",
        "DescribeLoadBalancers",
        "LoadBalancers",
        "LoadBalancerArn",
    )]),
    ResourceType::new(
        "aws_lb_target_group",
        action(
            "elasticloadbalancing",
            "DescribeTargetGroups",
            &[("TargetGroupArns", ListOf("arn"))],
            &["arn"],
        ),
    )
    .left(&[Listed::call(
        "target group",
        "elasticloadbalancing",
        "DescribeTargetGroups",
        "TargetGroups",
        "TargetGroupArn",
    )]),
    ResourceType::new(
        "aws_lb_listener",
        action(
            "elasticloadbalancing",
            "DescribeListeners",
            &[("ListenerArns", ListOf("arn"))],
            &["arn"],
        ),
    ),
    ResourceType::new(
        "aws_lb_listener_rule",
        action(
            "elasticloadbalancing",
            "DescribeRules",
            &[("RuleArns", ListOf("arn"))],
            &["arn"],
        ),
    ),
    ResourceType::new(
        "aws_wafv2_web_acl",
        action(
            "wafv2",
            "GetWebACL",
            &[
                ("Id", Of("id")),
                ("Name", Of("name")),
                ("Scope", Of("scope")),
            ],
            &["arn"],
        ),
    )
    .left(&[
        Listed::call("web ACL", "wafv2", "ListWebACLs", "WebACLs", "ARN")
            .with(|| json!({ "Scope": "REGIONAL" })),
        Listed::call("web ACL", "wafv2", "ListWebACLs", "WebACLs", "ARN")
            .with(|| json!({ "Scope": "CLOUDFRONT" })),
    ]),
    ResourceType::new(
        "aws_wafv2_web_acl_association",
        action(
            "wafv2",
            "GetWebACLForResource",
            &[("ResourceArn", Of("resource_arn"))],
            &["web_acl_arn"],
        ),
    ),
    ResourceType::new(
        "aws_wafv2_web_acl_logging_configuration",
        action(
            "wafv2",
            "GetLoggingConfiguration",
            &[("ResourceArn", Of("resource_arn"))],
            &["log_destination_configs/*"],
        ),
    ),
    ResourceType::new(
        "aws_acm_certificate",
        action(
            "acm",
            "DescribeCertificate",
            &[("CertificateArn", Of("arn"))],
            &["arn"],
        ),
    )
    .left(&[Listed::call(
        "certificate",
        "acm",
        "ListCertificates",
        "CertificateSummaryList",
        "CertificateArn",
    )]),
];

const TABLES: &str = "DescribeRouteTables";
const GROUP: Lookup = ec2("DescribeSecurityGroups", &[("GroupId", ListOf("id"))]);
const RULE: Lookup = ec2(
    "DescribeSecurityGroupRules",
    &[("SecurityGroupRuleId", ListOf("id"))],
);
