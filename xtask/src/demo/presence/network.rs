//! API calls that look up EC2 objects. Data only.

use super::Parameter::{Listed, Of};
use super::{Lookup, Row, action};

/// A resource that a describe call looks up by its identifier.
const fn ec2(
    describe: &'static str,
    parameters: &'static [(&'static str, super::Parameter)],
) -> Lookup {
    action("ec2", describe, parameters, &["id"])
}

pub(super) const ROWS: &[Row] = &[
    ("aws_vpc", ec2("DescribeVpcs", &[("VpcId", Listed("id"))])),
    (
        "aws_subnet",
        ec2("DescribeSubnets", &[("SubnetId", Listed("id"))]),
    ),
    (
        "aws_internet_gateway",
        ec2(
            "DescribeInternetGateways",
            &[("InternetGatewayId", Listed("id"))],
        ),
    ),
    (
        "aws_nat_gateway",
        ec2("DescribeNatGateways", &[("NatGatewayId", Listed("id"))]),
    ),
    (
        "aws_eip",
        ec2("DescribeAddresses", &[("AllocationId", Listed("id"))]),
    ),
    ("aws_security_group", GROUP),
    ("aws_default_security_group", GROUP),
    ("aws_vpc_security_group_ingress_rule", RULE),
    ("aws_vpc_security_group_egress_rule", RULE),
    (
        "aws_route_table",
        ec2(TABLES, &[("RouteTableId", Listed("id"))]),
    ),
    (
        "aws_default_route_table",
        ec2(TABLES, &[("RouteTableId", Listed("id"))]),
    ),
    (
        "aws_route_table_association",
        ec2(TABLES, &[("RouteTableId", Listed("route_table_id"))]),
    ),
    (
        "aws_route",
        action(
            "ec2",
            TABLES,
            &[("RouteTableId", Listed("route_table_id"))],
            &["nat_gateway_id|gateway_id", "destination_cidr_block"],
        ),
    ),
    (
        "aws_vpc_endpoint",
        action(
            "ec2",
            "DescribeVpcEndpoints",
            &[("VpcEndpointId", Listed("id"))],
            &["id", "service_name"],
        ),
    ),
    (
        "aws_vpc_endpoint_route_table_association",
        action(
            "ec2",
            "DescribeVpcEndpoints",
            &[("VpcEndpointId", Listed("vpc_endpoint_id"))],
            &["route_table_id"],
        ),
    ),
    (
        "aws_flow_log",
        action(
            "ec2",
            "DescribeFlowLogs",
            &[("FlowLogId", Listed("id"))],
            &["id", "log_destination"],
        ),
    ),
    (
        "aws_ec2_managed_prefix_list",
        action(
            "ec2",
            "DescribeManagedPrefixLists",
            &[("PrefixListId", Listed("id"))],
            &["id"],
        ),
    ),
    (
        "aws_default_network_acl",
        ec2("DescribeNetworkAcls", &[("NetworkAclId", Listed("id"))]),
    ),
    (
        "aws_lb",
        action(
            "elasticloadbalancing",
            "DescribeLoadBalancers",
            &[("LoadBalancerArns", Listed("arn"))],
            &["arn"],
        ),
    ),
    (
        "aws_lb_target_group",
        action(
            "elasticloadbalancing",
            "DescribeTargetGroups",
            &[("TargetGroupArns", Listed("arn"))],
            &["arn"],
        ),
    ),
    (
        "aws_lb_listener",
        action(
            "elasticloadbalancing",
            "DescribeListeners",
            &[("ListenerArns", Listed("arn"))],
            &["arn"],
        ),
    ),
    (
        "aws_lb_listener_rule",
        action(
            "elasticloadbalancing",
            "DescribeRules",
            &[("RuleArns", Listed("arn"))],
            &["arn"],
        ),
    ),
    (
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
    ),
    (
        "aws_wafv2_web_acl_association",
        action(
            "wafv2",
            "GetWebACLForResource",
            &[("ResourceArn", Of("resource_arn"))],
            &["web_acl_arn"],
        ),
    ),
    (
        "aws_wafv2_web_acl_logging_configuration",
        action(
            "wafv2",
            "GetLoggingConfiguration",
            &[("ResourceArn", Of("resource_arn"))],
            &["log_destination_configs/*"],
        ),
    ),
    (
        "aws_acm_certificate",
        action(
            "acm",
            "DescribeCertificate",
            &[("CertificateArn", Of("arn"))],
            &["arn"],
        ),
    ),
];

const TABLES: &str = "DescribeRouteTables";
const GROUP: Lookup = ec2("DescribeSecurityGroups", &[("GroupId", Listed("id"))]);
const RULE: Lookup = ec2(
    "DescribeSecurityGroupRules",
    &[("SecurityGroupRuleId", Listed("id"))],
);
