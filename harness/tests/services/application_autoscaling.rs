//! Tests Application Auto Scaling against its API Reference.

use std::error::Error;

use serde_json::{Value, json};
use tfharness::LocalAws;

use super::sdk::Sdk;
use super::{TestResult, applied};

const SERVICE: &str = "application-autoscaling";

/// Adds the members that identify the target to parameters.
fn of_target(mut parameters: Value) -> Value {
    parameters["ServiceNamespace"] = json!("ecs");
    parameters["ResourceId"] = json!("service/c/web");
    parameters["ScalableDimension"] = json!("ecs:service:DesiredCount");
    parameters
}

/// Creates a listener of a load balancer with a target group. Returns the ARNs of the listener and the target group.
pub(super) fn listener(sdk: &mut Sdk) -> Result<(Value, Value), Box<dyn Error>> {
    let vpc = sdk.call("ec2", "CreateVpc", json!({ "CidrBlock": "10.0.0.0/16" }))?;
    let vpc = &vpc["Vpc"]["VpcId"];
    let mut subnets = Vec::new();
    for (cidr, zone) in [("10.0.0.0/24", "us-east-1a"), ("10.0.1.0/24", "us-east-1b")] {
        let subnet = json!({ "VpcId": vpc, "CidrBlock": cidr, "AvailabilityZone": zone });
        subnets.push(sdk.call("ec2", "CreateSubnet", subnet)?["Subnet"]["SubnetId"].clone());
    }
    let balancer = json!({ "Name": "web", "Subnets": subnets, "Type": "application" });
    let balancer = sdk.call("elbv2", "CreateLoadBalancer", balancer)?;
    let group =
        json!({ "Name": "web", "Port": 80, "Protocol": "HTTP", "VpcId": vpc, "TargetType": "ip" });
    let group = sdk.call("elbv2", "CreateTargetGroup", group)?;
    let group = group["TargetGroups"][0]["TargetGroupArn"].clone();
    let listener = json!({
        "LoadBalancerArn": balancer["LoadBalancers"][0]["LoadBalancerArn"], "Port": 80, "Protocol": "HTTP",
        "DefaultActions": [{ "Type": "forward", "TargetGroupArn": group }],
    });
    let listener = sdk.call("elbv2", "CreateListener", listener)?;
    Ok((listener["Listeners"][0]["ListenerArn"].clone(), group))
}

/// Creates an ECS service behind a load balancer. Returns the resource label of its target group.
fn service(sdk: &mut Sdk) -> Result<String, Box<dyn Error>> {
    let (listener, group) = listener(sdk)?;
    sdk.call("ecs", "CreateCluster", json!({ "clusterName": "c" }))?;
    let container =
        json!({ "name": "web", "image": "web", "portMappings": [{ "containerPort": 80 }] });
    let definition = json!({ "family": "web", "containerDefinitions": [container] });
    sdk.call("ecs", "RegisterTaskDefinition", definition)?;
    let attached =
        json!([{ "targetGroupArn": group, "containerName": "web", "containerPort": 80 }]);
    let service = json!({
        "cluster": "c", "serviceName": "web", "taskDefinition": "web", "desiredCount": 2, "loadBalancers": attached,
    });
    sdk.call("ecs", "CreateService", service)?;
    let after = |arn: &Value, separator: &str| {
        let arn = arn.as_str().unwrap_or_default();
        arn.split_once(separator).map(|(_, rest)| rest.to_owned())
    };
    // The path of a listener is that of its load balancer, followed by the ID of the listener.
    let path = after(&listener, "listener/").ok_or("no listener")?;
    let (balancer, _) = path.rsplit_once('/').ok_or("no load balancer")?;
    let group = after(&group, "targetgroup/").ok_or("no target group")?;
    Ok(format!("{balancer}/targetgroup/{group}"))
}

#[test]
fn target_requires_an_existing_resource_and_both_capacities() -> TestResult {
    let aws = LocalAws::account()?;
    let mut sdk = Sdk::new(&aws)?;
    let bounds =
        of_target(json!({ "MinCapacity": 2, "MaxCapacity": 10, "Tags": { "team": "ml" } }));
    let (code, message) = sdk.refused(SERVICE, "RegisterScalableTarget", bounds.clone())?;
    assert_eq!(code, "ValidationException");
    assert!(
        message.contains("ECS service doesn't exist: service/c/web"),
        "{message}"
    );
    service(&mut sdk)?;
    let one = of_target(json!({ "MinCapacity": 2 }));
    assert_eq!(
        sdk.refused(SERVICE, "RegisterScalableTarget", one)?.0,
        "ValidationException"
    );
    let reversed = of_target(json!({ "MinCapacity": 3, "MaxCapacity": 2 }));
    assert_eq!(
        sdk.refused(SERVICE, "RegisterScalableTarget", reversed)?.0,
        "ValidationException"
    );
    let mut dimension = bounds.clone();
    dimension["ScalableDimension"] = json!("rds:cluster:ReadReplicaCount");
    assert_eq!(
        sdk.refused(SERVICE, "RegisterScalableTarget", dimension)?.0,
        "ValidationException"
    );

    let arn = sdk.call(SERVICE, "RegisterScalableTarget", bounds)?["ScalableTargetARN"].clone();
    let update = of_target(json!({ "MaxCapacity": 12 }));
    let updated = sdk.call(SERVICE, "RegisterScalableTarget", update)?;
    assert_eq!(updated["ScalableTargetARN"], arn);
    let all = sdk.call(
        SERVICE,
        "DescribeScalableTargets",
        json!({ "ServiceNamespace": "ecs" }),
    )?;
    let target = &all["ScalableTargets"][0];
    assert_eq!(
        (&target["MinCapacity"], &target["MaxCapacity"]),
        (&json!(2), &json!(12))
    );
    let role = format!(
        "arn:aws:iam::{}:role/aws-service-role/ecs.application-autoscaling.amazonaws.com/\
         AWSServiceRoleForApplicationAutoScaling_ECSService",
        aws.id()
    );
    assert_eq!(target["RoleARN"], role);
    let tags = sdk.call(
        SERVICE,
        "ListTagsForResource",
        json!({ "ResourceARN": arn }),
    )?;
    assert_eq!(tags["Tags"], json!({ "team": "ml" }));
    sdk.region = "eu-west-1";
    let elsewhere = sdk.call(
        SERVICE,
        "DescribeScalableTargets",
        json!({ "ServiceNamespace": "ecs" }),
    )?;
    assert_eq!(elsewhere["ScalableTargets"], json!([]));
    Ok(())
}

#[test]
fn target_tracking_policy_owns_its_alarms() -> TestResult {
    let aws = LocalAws::account()?;
    let mut sdk = Sdk::new(&aws)?;
    let label = service(&mut sdk)?;
    let policy = |name: &str, metric: Value| {
        of_target(json!({
            "PolicyName": name, "PolicyType": "TargetTrackingScaling",
            "TargetTrackingScalingPolicyConfiguration": {
                "TargetValue": 1000.0, "PredefinedMetricSpecification": metric,
            },
        }))
    };
    let requests =
        json!({ "PredefinedMetricType": "ALBRequestCountPerTarget", "ResourceLabel": label });
    let (code, _) = sdk.refused(
        SERVICE,
        "PutScalingPolicy",
        policy("requests", requests.clone()),
    )?;
    assert_eq!(code, "ObjectNotFoundException");
    let bounds = of_target(json!({ "MinCapacity": 2, "MaxCapacity": 10 }));
    sdk.call(SERVICE, "RegisterScalableTarget", bounds)?;

    for metric in [
        json!({ "PredefinedMetricType": "ALBRequestCountPerTarget" }),
        json!({ "PredefinedMetricType": "ALBRequestCountPerTarget", "ResourceLabel": "app/other/1/targetgroup/web/2" }),
        json!({ "PredefinedMetricType": "ECSServiceAverageCPUUtilization", "ResourceLabel": label }),
        json!({ "PredefinedMetricType": "RDSReaderAverageCPUUtilization" }),
    ] {
        let (code, _) = sdk.refused(SERVICE, "PutScalingPolicy", policy("bad", metric))?;
        assert_eq!(code, "ValidationException");
    }
    let made = sdk.call(
        SERVICE,
        "PutScalingPolicy",
        policy("requests", requests.clone()),
    )?;
    let (code, _) = sdk.refused(SERVICE, "PutScalingPolicy", policy("again", requests))?;
    assert_eq!(code, "ValidationException");
    let alarms = made["Alarms"].as_array().ok_or("no alarms")?;
    assert_eq!(alarms.len(), 2);
    let described = aws.call(
        "monitoring",
        "DescribeAlarms",
        json!({ "AlarmNames": [alarms[0]["AlarmName"]] }),
    )?;
    let alarm = &described["MetricAlarms"][0];
    assert_eq!(alarm["MetricName"], "RequestCountPerTarget");
    assert_eq!(alarm["AlarmActions"][0], made["PolicyARN"]);
    let found = sdk.call(
        SERVICE,
        "DescribeScalingPolicies",
        json!({ "ServiceNamespace": "ecs" }),
    )?;
    assert_eq!(found["ScalingPolicies"][0]["Alarms"], made["Alarms"]);

    sdk.call(SERVICE, "DeregisterScalableTarget", of_target(json!({})))?;
    let left = sdk.call("cloudwatch", "DescribeAlarms", json!({}))?;
    assert_eq!(left["MetricAlarms"], json!([]));
    let found = sdk.call(
        SERVICE,
        "DescribeScalingPolicies",
        json!({ "ServiceNamespace": "ecs" }),
    )?;
    assert_eq!(found["ScalingPolicies"], json!([]));
    Ok(())
}

#[test]
fn steps_must_be_adjacent_and_schedules_valid() -> TestResult {
    let aws = LocalAws::account()?;
    let mut sdk = Sdk::new(&aws)?;
    service(&mut sdk)?;
    let bounds = of_target(json!({ "MinCapacity": 2, "MaxCapacity": 10 }));
    sdk.call(SERVICE, "RegisterScalableTarget", bounds)?;
    let policy = |steps: Value| {
        of_target(json!({
            "PolicyName": "steps", "PolicyType": "StepScaling",
            "StepScalingPolicyConfiguration": { "AdjustmentType": "ChangeInCapacity", "StepAdjustments": steps },
        }))
    };
    let step = |lower: Option<f64>, upper: Option<f64>| {
        let mut step = json!({ "ScalingAdjustment": 1 });
        for (name, bound) in [
            ("MetricIntervalLowerBound", lower),
            ("MetricIntervalUpperBound", upper),
        ] {
            if let Some(bound) = bound {
                step[name] = json!(bound);
            }
        }
        step
    };
    for steps in [
        json!([]),
        json!([step(None, None)]),
        json!([step(Some(0.0), Some(10.0)), step(Some(5.0), None)]),
        json!([step(Some(0.0), Some(10.0)), step(Some(20.0), None)]),
    ] {
        let (code, _) = sdk.refused(SERVICE, "PutScalingPolicy", policy(steps))?;
        assert_eq!(code, "ValidationException");
    }
    let valid = json!([step(Some(0.0), Some(10.0)), step(Some(10.0), None)]);
    sdk.call(SERVICE, "PutScalingPolicy", policy(valid))?;

    let action = |schedule: &str| {
        of_target(json!({
            "ScheduledActionName": "night", "Schedule": schedule, "ScalableTargetAction": { "MinCapacity": 0 },
        }))
    };
    for schedule in [
        "daily",
        "cron(0 22 * * *)",
        "cron(0 22 * * * *)",
        "rate(0 hours)",
        "at(tomorrow)",
    ] {
        let (code, _) = sdk.refused(SERVICE, "PutScheduledAction", action(schedule))?;
        assert_eq!(code, "ValidationException", "{schedule}");
    }
    sdk.call(SERVICE, "PutScheduledAction", action("cron(0 22 * * ? *)"))?;
    let found = sdk.call(
        SERVICE,
        "DescribeScheduledActions",
        json!({ "ServiceNamespace": "ecs" }),
    )?;
    assert_eq!(
        found["ScheduledActions"][0]["ScalableTargetAction"],
        json!({ "MinCapacity": 0 })
    );
    Ok(())
}

#[test]
fn configuration_applies_and_settles() -> TestResult {
    let (aws, stack) = applied(include_str!("application_autoscaling.tf"))?;
    let mut sdk = Sdk::new(&aws)?;
    let found = sdk.call(
        SERVICE,
        "DescribeScalingPolicies",
        json!({ "ServiceNamespace": "ecs" }),
    )?;
    assert_eq!(found["ScalingPolicies"].as_array().map(Vec::len), Some(2));
    stack.destroy()?;
    let left = sdk.call(
        SERVICE,
        "DescribeScalableTargets",
        json!({ "ServiceNamespace": "ecs" }),
    )?;
    assert_eq!(left["ScalableTargets"], json!([]));
    aws.expect_empty()?;
    Ok(())
}
