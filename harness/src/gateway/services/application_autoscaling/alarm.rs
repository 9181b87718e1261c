//! The CloudWatch alarms of target tracking policies. Must not depend on stored objects.
//!
//! Follows the User Guide, page "How target tracking scaling for Application Auto Scaling works": the service creates the
//! alarms of a policy, and deletes them with the policy. The alarm for scaling in uses 90 percent of the target value, as
//! in the example of "Create a target tracking scaling policy".

use serde_json::{Value, json};

use super::super::super::request::Request;
use super::super::{Backend, Failure, entries, text, uuid};

const SERVICE: &str = "monitoring";
const VERSION: &str = "2010-08-01";

/// A metric as the fields of PutMetricAlarm.
type Fields = Vec<(String, String)>;

/// Creates the alarms of a policy, and returns their names and ARNs.
pub(super) async fn create(
    request: &Request,
    policy: &Value,
    backend: &Backend<'_>,
) -> Result<Value, Failure> {
    let tracking = &policy["TargetTrackingScalingPolicyConfiguration"];
    let value = tracking["TargetValue"].as_f64().unwrap_or_default();
    let high = ("AlarmHigh", "GreaterThanThreshold", "3", value);
    let low = ("AlarmLow", "LessThanThreshold", "15", value * 0.9);
    let sides = match tracking["DisableScaleIn"] == true {
        true => vec![high],
        false => vec![high, low],
    };
    let mut alarms = Vec::new();
    for (side, comparison, periods, threshold) in sides {
        let resource = text(policy, "ResourceId");
        let name = format!("TargetTracking-{resource}-{side}-{}", uuid());
        let mut fields = metric(policy);
        let fixed = [
            ("AlarmName", name.clone()),
            (
                "AlarmActions.member.1",
                text(policy, "PolicyARN").to_owned(),
            ),
            ("ComparisonOperator", comparison.to_owned()),
            ("EvaluationPeriods", periods.to_owned()),
            ("Period", "60".to_owned()),
            ("Threshold", threshold.to_string()),
            (
                "AlarmDescription",
                format!(
                    "DO NOT EDIT OR DELETE. For TargetTrackingScaling policy {}.",
                    text(policy, "PolicyARN")
                ),
            ),
        ];
        fields.extend(fixed.map(|(name, value)| (name.to_owned(), value)));
        let call = request.for_query(SERVICE, VERSION, "PutMetricAlarm", fields);
        backend.send(&call).await?;
        let (region, account) = (request.region(), &request.account);
        let arn = format!("arn:aws:cloudwatch:{region}:{account}:alarm:{name}");
        alarms.push(json!({ "AlarmName": name, "AlarmARN": arn }));
    }
    Ok(Value::Array(alarms))
}

/// Deletes the alarms of a target tracking policy.
pub(super) async fn delete(
    request: &Request,
    policy: &Value,
    backend: &Backend<'_>,
) -> Result<(), Failure> {
    let names = entries(policy, "Alarms").map(|alarm| text(alarm, "AlarmName"));
    let fields: Vec<_> = (1..)
        .zip(names)
        .map(|(index, name)| (format!("AlarmNames.member.{index}"), name))
        .collect();
    if policy["PolicyType"] == "TargetTrackingScaling" && !fields.is_empty() {
        let call = request.for_query(SERVICE, VERSION, "DeleteAlarms", fields);
        backend.send(&call).await?;
    }
    Ok(())
}

/// Returns the alarms whose actions contain the ARN of a step scaling policy.
pub(super) async fn invoking(
    request: &Request,
    policy: &str,
    backend: &Backend<'_>,
) -> Result<Value, Failure> {
    let none: [(&str, &str); 0] = [];
    let call = request.for_query(SERVICE, VERSION, "DescribeAlarms", none);
    let tree = backend.send(&call).await?.xml().unwrap_or_default();
    let mut alarms = Vec::new();
    let mut tree = tree;
    tree.visit_with("AlarmArn", &mut |alarm| {
        if alarm.texts("member").contains(&policy) {
            let (name, arn) = (alarm.text_of("AlarmName"), alarm.text_of("AlarmArn"));
            alarms.push(json!({ "AlarmName": name, "AlarmARN": arn }));
        }
    });
    Ok(Value::Array(alarms))
}

/// Returns the metric that a policy tracks.
fn metric(policy: &Value) -> Fields {
    let tracking = &policy["TargetTrackingScalingPolicyConfiguration"];
    let custom = &tracking["CustomizedMetricSpecification"];
    let predefined = &tracking["PredefinedMetricSpecification"];
    let resource: Vec<_> = text(policy, "ResourceId").split(['/', ':']).collect();
    let last = resource.last().copied().unwrap_or_default();
    let (namespace, name, dimensions) = match text(predefined, "PredefinedMetricType") {
        "ALBRequestCountPerTarget" => {
            let label = text(predefined, "ResourceLabel");
            let (balancer, group) = label.split_once("/targetgroup/").unwrap_or_default();
            let group = format!("targetgroup/{group}");
            let balancer = balancer.trim_start_matches('/').to_owned();
            let dimensions = vec![("LoadBalancer", balancer), ("TargetGroup", group)];
            ("AWS/ApplicationELB", "RequestCountPerTarget", dimensions)
        }
        metric @ ("ECSServiceAverageCPUUtilization" | "ECSServiceAverageMemoryUtilization") => {
            let name = metric.trim_start_matches("ECSServiceAverage");
            let cluster = resource.get(1).copied().unwrap_or_default().to_owned();
            let dimensions = vec![("ClusterName", cluster), ("ServiceName", last.to_owned())];
            ("AWS/ECS", name, dimensions)
        }
        metric if metric.starts_with("RDSReaderAverage") => {
            let dimensions = vec![("DBClusterIdentifier", last.to_owned())];
            (
                "AWS/RDS",
                metric.trim_start_matches("RDSReaderAverage"),
                dimensions,
            )
        }
        "DynamoDBReadCapacityUtilization" => {
            let dimensions = vec![("TableName", last.to_owned())];
            ("AWS/DynamoDB", "ConsumedReadCapacityUnits", dimensions)
        }
        "DynamoDBWriteCapacityUtilization" => {
            let dimensions = vec![("TableName", last.to_owned())];
            ("AWS/DynamoDB", "ConsumedWriteCapacityUnits", dimensions)
        }
        _ => {
            let dimensions = entries(custom, "Dimensions")
                .map(|dimension| (text(dimension, "Name"), text(dimension, "Value").to_owned()))
                .collect();
            (
                text(custom, "Namespace"),
                text(custom, "MetricName"),
                dimensions,
            )
        }
    };
    let statistic = match name {
        "RequestCountPerTarget" => "Sum",
        _ => custom["Statistic"].as_str().unwrap_or("Average"),
    };
    let mut fields = vec![
        ("Namespace".to_owned(), namespace.to_owned()),
        ("MetricName".to_owned(), name.to_owned()),
        ("Statistic".to_owned(), statistic.to_owned()),
    ];
    for (index, (name, value)) in (1..).zip(dimensions) {
        fields.push((format!("Dimensions.member.{index}.Name"), name.to_owned()));
        fields.push((format!("Dimensions.member.{index}.Value"), value));
    }
    fields
}
