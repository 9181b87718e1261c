//! Tests the corrections for EC2 capacity, listener rules, and web ACLs with the AWS provider.

use serde_json::json;
use tfharness::{Cli, LocalAws, Workspace};

use super::TestResult;
use super::sdk::Sdk;

#[test]
fn configuration_applies_and_settles() -> TestResult {
    for cli in Cli::all()? {
        let aws = LocalAws::account()?;
        let stack = Workspace::inline(include_str!("capacity.tf"))
            .cli(&cli)
            .aws(&aws)
            .apply()?;
        let mut sdk = Sdk::new(&aws)?;
        let providers = json!({ "capacityProviders": ["gpu"] });
        let found = sdk.call("ecs", "DescribeCapacityProviders", providers.clone())?;
        let scaling = &found["capacityProviders"][0]["autoScalingGroupProvider"]["managedScaling"];
        assert_eq!(scaling["maximumScalingStepSize"], 1, "{cli}");
        let groups = sdk.call("autoscaling", "DescribeAutoScalingGroups", json!({}))?;
        assert_eq!(
            groups["AutoScalingGroups"][0]["DesiredCapacity"], 0,
            "{cli}"
        );
        stack.destroy()?;
        let left = sdk.call("autoscaling", "DescribeAutoScalingGroups", json!({}))?;
        assert_eq!(left["AutoScalingGroups"], json!([]), "{cli}");
        aws.expect_empty()?;
    }
    Ok(())
}
