//! Tests the corrections for EC2 capacity, listener rules, and web ACLs with the AWS provider.

use serde_json::json;
use tfharness::LocalAws;

use super::sdk::Sdk;
use super::{TestResult, applied};

#[test]
fn configuration_applies_and_settles() -> TestResult {
    let (aws, stack) = applied(include_str!("capacity.tf"))?;
    let mut sdk = Sdk::new(&aws)?;
    let providers = json!({ "capacityProviders": ["gpu"] });
    let found = sdk.call("ecs", "DescribeCapacityProviders", providers.clone())?;
    let scaling = &found["capacityProviders"][0]["autoScalingGroupProvider"]["managedScaling"];
    assert_eq!(scaling["maximumScalingStepSize"], 1);
    let groups = sdk.call("autoscaling", "DescribeAutoScalingGroups", json!({}))?;
    assert_eq!(groups["AutoScalingGroups"][0]["DesiredCapacity"], 0);
    stack.destroy()?;
    let left = sdk.call("autoscaling", "DescribeAutoScalingGroups", json!({}))?;
    assert_eq!(left["AutoScalingGroups"], json!([]));
    aws.expect_empty()?;
    Ok(())
}

#[test]
fn capacity_provider_requires_a_protected_group() -> TestResult {
    let aws = LocalAws::account()?;
    let mut sdk = Sdk::new(&aws)?;
    let group = |name: &str, protected: bool| {
        json!({
            "AutoScalingGroupName": name, "MinSize": 0, "MaxSize": 1, "AvailabilityZones": ["us-east-1a"],
            "LaunchTemplate": { "LaunchTemplateName": "gpu", "Version": "1" },
            "NewInstancesProtectedFromScaleIn": protected,
        })
    };
    let (code, message) =
        sdk.refused("autoscaling", "CreateAutoScalingGroup", group("gpu", true))?;
    assert!(
        code == "ValidationError" && message.contains("does not exist"),
        "{message}"
    );
    let template = json!({ "LaunchTemplateName": "gpu", "LaunchTemplateData": { "InstanceType": "g5.xlarge" } });
    let template = sdk.call("ec2", "CreateLaunchTemplate", template)?;
    for (member, value) in [
        (
            "LaunchTemplate",
            json!({ "LaunchTemplateName": "gpu", "Version": "2" }),
        ),
        ("DesiredCapacity", json!(2)),
        ("VPCZoneIdentifier", json!("subnet-1")),
    ] {
        let mut group = group("gpu", true);
        group[member] = value;
        assert_eq!(
            sdk.refused("autoscaling", "CreateAutoScalingGroup", group)?
                .0,
            "ValidationError"
        );
    }
    sdk.call("autoscaling", "CreateAutoScalingGroup", group("gpu", true))?;
    sdk.call(
        "autoscaling",
        "CreateAutoScalingGroup",
        group("open", false),
    )?;
    let groups = sdk.call("autoscaling", "DescribeAutoScalingGroups", json!({}))?;
    let groups = &groups["AutoScalingGroups"];
    let id = &template["LaunchTemplate"]["LaunchTemplateId"];
    assert_eq!(&groups[0]["LaunchTemplate"]["LaunchTemplateId"], id);

    let provider = |name: &str, group: &serde_json::Value, scaling: &str| {
        json!({ "name": name, "autoScalingGroupProvider": {
            "autoScalingGroupArn": group, "managedScaling": { "status": scaling },
            "managedTerminationProtection": "ENABLED",
        } })
    };
    let (protected, open) = (
        &groups[0]["AutoScalingGroupARN"],
        &groups[1]["AutoScalingGroupARN"],
    );
    for refused in [
        provider("fargate-gpu", protected, "ENABLED"),
        provider(
            "gpu",
            &json!("arn:aws:autoscaling:us-east-1:1:autoScalingGroup:1:autoScalingGroupName/x"),
            "ENABLED",
        ),
        provider("gpu", open, "ENABLED"),
        provider("gpu", protected, "DISABLED"),
    ] {
        let (code, _) = sdk.refused("ecs", "CreateCapacityProvider", refused)?;
        assert_eq!(code, "InvalidParameterException");
    }
    let cluster = |providers: serde_json::Value, strategy: serde_json::Value| json!({ "cluster": "c", "capacityProviders": providers, "defaultCapacityProviderStrategy": strategy });
    sdk.call("ecs", "CreateCluster", json!({ "clusterName": "c" }))?;
    let item =
        |name: &str, base: u32| json!({ "capacityProvider": name, "base": base, "weight": 1 });
    for refused in [
        cluster(json!(["gpu"]), json!([])),
        cluster(json!(["FARGATE"]), json!([item("FARGATE_SPOT", 0)])),
        cluster(
            json!(["FARGATE", "FARGATE_SPOT"]),
            json!([item("FARGATE", 1), item("FARGATE_SPOT", 1)]),
        ),
    ] {
        let (code, _) = sdk.refused("ecs", "PutClusterCapacityProviders", refused)?;
        assert_eq!(code, "InvalidParameterException");
    }
    sdk.call(
        "ecs",
        "CreateCapacityProvider",
        provider("gpu", protected, "ENABLED"),
    )?;
    sdk.call(
        "ecs",
        "PutClusterCapacityProviders",
        cluster(json!(["gpu"]), json!([item("gpu", 1)])),
    )?;
    let gone = json!({ "capacityProvider": "gpu" });
    assert_eq!(
        sdk.refused("ecs", "DeleteCapacityProvider", gone.clone())?
            .0,
        "InvalidParameterException"
    );
    sdk.call(
        "ecs",
        "PutClusterCapacityProviders",
        cluster(json!([]), json!([])),
    )?;
    sdk.call("ecs", "DeleteCapacityProvider", gone)?;
    Ok(())
}
