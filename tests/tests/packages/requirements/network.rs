//! "Network": a VPC in two zones with subnets and routes. The reachability test checks security groups.

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use super::Registry;
use crate::facts::{by_key, expect as same, list, only, pick, text};

pub(super) fn expect(registry: &Registry<'_>) -> Result<()> {
    let vpc = registry.vpc()?;
    same("VPC", &vpc["cidrBlock"], &json!("10.0.0.0/16"))?;
    let id = text(&vpc, "/vpcId")?;
    for (attribute, name) in [
        ("enableDnsSupport", "enableDnsSupport"),
        ("enableDnsHostnames", "enableDnsHostnames"),
    ] {
        let asked = json!({ "VpcId": id, "Attribute": attribute });
        let found = registry.aws.call("ec2", "DescribeVpcAttribute", asked)?;
        same(name, &found[name]["value"], &json!("true"))?;
    }
    subnets(registry)?;
    routes(registry)?;
    flow_log(registry, &id)?;
    let endpoints = registry.in_vpc("DescribeVpcEndpoints", "vpcEndpointSet")?;
    let found: Vec<_> = endpoints
        .iter()
        .map(|one| pick(one, &["serviceName", "vpcEndpointType"]))
        .collect();
    let s3 = json!([{ "serviceName": "com.amazonaws.us-east-1.s3", "vpcEndpointType": "Gateway" }]);
    same("endpoints", &Value::Array(found), &s3)
}

fn subnets(registry: &Registry<'_>) -> Result<()> {
    let mut found: Vec<_> = registry
        .in_vpc("DescribeSubnets", "subnetSet")?
        .iter()
        .map(|one| {
            json!([
                one["cidrBlock"],
                one["availabilityZone"],
                one["mapPublicIpOnLaunch"]
            ])
        })
        .collect();
    found.sort_by_key(Value::to_string);
    let expected = json!([
        ["10.0.1.0/24", "us-east-1a", "true"],
        ["10.0.10.0/24", "us-east-1a", "false"],
        ["10.0.2.0/24", "us-east-1b", "true"],
        ["10.0.20.0/24", "us-east-1b", "false"],
    ]);
    same(
        "subnets: range, zone, and public address on launch",
        &Value::Array(found),
        &expected,
    )
}

/// Checks for one internet gateway for public subnets, and one NAT gateway in the first public subnet for private
/// subnets.
fn routes(registry: &Registry<'_>) -> Result<()> {
    let subnets = registry.in_vpc("DescribeSubnets", "subnetSet")?;
    let range = |id: &Value| {
        let subnet = subnets.iter().find(|one| one["subnetId"] == *id);
        subnet.map_or(Value::Null, |one| one["cidrBlock"].clone())
    };
    let nat = only(
        "NAT gateway",
        registry.in_vpc("DescribeNatGateways", "natGatewaySet")?,
    )?;
    same(
        "NAT gateway subnet",
        &range(&nat["subnetId"]),
        &json!("10.0.1.0/24"),
    )?;
    let name = json!(format!("{}-nat-us-east-1a", registry.prefix));
    let addresses = list(
        registry.aws,
        "ec2",
        "DescribeAddresses",
        Value::Null,
        "addressesSet",
    )?;
    let tagged = |one: &Value| {
        by_key(
            one["tagSet"].as_array().map_or(&[], Vec::as_slice),
            "key",
            "value",
        )
    };
    let own = addresses
        .into_iter()
        .filter(|one| tagged(one)["Name"] == name);
    only("elastic IP", own.collect())?;

    let mut found = Vec::new();
    for table in registry.in_vpc("DescribeRouteTables", "routeTableSet")? {
        let entries = |name: &str| table[name].as_array().cloned().unwrap_or_default();
        let default = entries("routeSet")
            .into_iter()
            .find(|one| one["destinationCidrBlock"] == "0.0.0.0/0");
        let mut members: Vec<_> = entries("associationSet")
            .iter()
            .map(|one| range(&one["subnetId"]))
            .collect();
        members.retain(|one| !one.is_null());
        members.sort_by_key(Value::to_string);
        if !members.is_empty() {
            let default = default.unwrap_or_default();
            let kind = ["gatewayId", "natGatewayId"]
                .into_iter()
                .find(|kind| default[*kind].is_string());
            found.push(json!([kind, members]));
        }
    }
    found.sort_by_key(Value::to_string);
    let expected = json!([
        ["gatewayId", ["10.0.1.0/24", "10.0.2.0/24"]],
        ["natGatewayId", ["10.0.10.0/24", "10.0.20.0/24"]],
    ]);
    same(
        "default routes and their subnets",
        &Value::Array(found),
        &expected,
    )
}

fn flow_log(registry: &Registry<'_>, vpc: &str) -> Result<()> {
    let all = list(
        registry.aws,
        "ec2",
        "DescribeFlowLogs",
        Value::Null,
        "flowLogSet",
    )?;
    let own: Vec<_> = all
        .into_iter()
        .filter(|one| one["resourceId"] == vpc)
        .collect();
    let log = only("flow log", own)?;
    ensure!(
        log["trafficType"] == "ALL"
            && log["logGroupName"] == format!("/vpc/{}", registry.prefix).as_str(),
        "expected a flow log for all traffic, found {log}"
    );
    Ok(())
}
