//! Tests the corrections for CloudWatch alarms, Aurora clusters, secret rotation, and listener rules against the API
//! References.

use serde_json::{Value, json};
use tfharness::LocalAws;

use super::sdk::Sdk;
use super::{TestResult, applied};

/// Sends a call in AWS Query that must fail, and returns the error code and message.
fn refused(
    aws: &LocalAws,
    service: &str,
    action: &str,
    parameters: Value,
) -> Result<String, String> {
    match aws.call(service, action, parameters) {
        Ok(answer) => Err(format!("{action} must fail, but returned {answer}")),
        Err(error) => Ok(error.to_string()),
    }
}

/// Returns parameters with changed members. `null` removes a member.
fn with(base: &Value, changes: Value) -> Value {
    let mut changed = base.clone();
    for (name, value) in changes.as_object().into_iter().flatten() {
        changed[name] = value.clone();
    }
    changed
}

#[test]
fn metric_math_alarm_requires_known_ids_and_one_result() -> TestResult {
    let aws = LocalAws::account()?;
    let stat = |id: &str, data: bool| {
        json!({
            "Id": id, "ReturnData": data,
            "MetricStat": { "Metric": { "Namespace": "N", "MetricName": id }, "Period": 60, "Stat": "Sum" },
        })
    };
    let ratio = |expression: &str| json!({ "Id": "ratio", "Expression": expression });
    let alarm = json!({
        "AlarmName": "ratio", "ComparisonOperator": "GreaterThanThreshold", "EvaluationPeriods": 2, "Threshold": 5,
        "Metrics": [ratio("100 * IF(m1 > 0, m1 / MAX([m1, m2]), 0)"), stat("m1", false), stat("m2", false)],
    });
    for (changes, reason) in [
        (
            json!({ "Metrics": [ratio("m1 / m3"), stat("m1", false)] }),
            "unknown id m3",
        ),
        (
            json!({ "Metrics": [ratio("m1"), stat("m1", true)] }),
            "Exactly one element",
        ),
        (
            json!({ "Metrics": [stat("m1", true), stat("m1", false)] }),
            "unique",
        ),
        (
            json!({ "Metrics": [stat("M1", true)] }),
            "id M1 is not valid",
        ),
        (
            json!({ "MetricName": "m1" }),
            "MetricName must not be specified",
        ),
        (json!({ "DatapointsToAlarm": 3 }), "DatapointsToAlarm"),
        (json!({ "TreatMissingData": "ignored" }), "treatMissingData"),
        (json!({ "AlarmActions": ["topic"] }), "Invalid arn syntax"),
        (json!({ "EvaluationPeriods": 2000 }), "86400"),
        (json!({ "Threshold": null }), "Exactly one of Threshold"),
        (json!({ "Metrics": null }), "MetricName is required"),
    ] {
        let message = refused(&aws, "monitoring", "PutMetricAlarm", with(&alarm, changes))?;
        assert!(
            message.contains("ValidationError") && message.contains(reason),
            "{message}"
        );
    }
    aws.call("monitoring", "PutMetricAlarm", alarm)?;
    let described = aws.call(
        "monitoring",
        "DescribeAlarms",
        json!({ "AlarmNames": ["ratio"] }),
    )?;
    let described = &described["MetricAlarms"][0];
    assert_eq!(
        described["Metrics"][0]["Expression"],
        "100 * IF(m1 > 0, m1 / MAX([m1, m2]), 0)"
    );
    assert_eq!(
        described["Metrics"][1]["MetricStat"]["Metric"]["MetricName"],
        "m1"
    );
    assert_eq!(
        described["Period"],
        Value::Null,
        "a metric math alarm has no period of its own"
    );
    aws.call(
        "monitoring",
        "DisableAlarmActions",
        json!({ "AlarmNames": ["ratio"] }),
    )?;
    let described = aws.call(
        "monitoring",
        "DescribeAlarms",
        json!({ "AlarmNames": ["ratio"] }),
    )?;
    assert_eq!(described["MetricAlarms"][0]["ActionsEnabled"], "false");
    Ok(())
}

#[test]
fn dashboard_body_must_contain_widgets() -> TestResult {
    let aws = LocalAws::account()?;
    for body in [
        "text",
        "{}",
        r#"{"widgets":[{"type":"metric"}]}"#,
        r#"{"widgets":[{"type":"x","properties":{}}]}"#,
    ] {
        let board = json!({ "DashboardName": "web", "DashboardBody": body });
        let message = refused(&aws, "monitoring", "PutDashboard", board)?;
        assert!(message.contains("InvalidParameterInput"), "{message}");
    }
    Ok(())
}

#[test]
fn serverless_capacity_is_validated() -> TestResult {
    let aws = LocalAws::account()?;
    let cluster = json!({
        "DBClusterIdentifier": "data", "Engine": "aurora-postgresql", "EngineVersion": "16.8",
        "MasterUsername": "api", "ManageMasterUserPassword": true,
    });
    let scaling = |least: f64, most: f64| json!({ "ServerlessV2ScalingConfiguration": { "MinCapacity": least, "MaxCapacity": most } });
    for (changes, code) in [
        (scaling(0.7, 2.0), "InvalidParameterValue"),
        (scaling(0.5, 0.5), "InvalidParameterValue"),
        (scaling(3.0, 2.0), "InvalidParameterValue"),
        (scaling(0.5, 300.0), "InvalidParameterValue"),
        (
            json!({ "ServerlessV2ScalingConfiguration": { "MinCapacity": 1 } }),
            "InvalidParameterValue",
        ),
        (
            json!({ "ServerlessV2ScalingConfiguration": {
                "MinCapacity": 0, "MaxCapacity": 1, "SecondsUntilAutoPause": 60,
            } }),
            "InvalidParameterValue",
        ),
        (
            json!({ "ManageMasterUserPassword": null }),
            "InvalidParameterValue",
        ),
        (
            json!({ "EnableCloudwatchLogsExports": ["audit"] }),
            "InvalidParameterCombination",
        ),
        (json!({ "KmsKeyId": "missing" }), "KMSKeyNotAccessibleFault"),
        (
            json!({ "DBSubnetGroupName": "missing" }),
            "DBSubnetGroupNotFoundFault",
        ),
        (
            json!({ "DBClusterParameterGroupName": "missing" }),
            "DBClusterParameterGroupNotFound",
        ),
    ] {
        let message = refused(&aws, "rds", "CreateDBCluster", with(&cluster, changes))?;
        assert!(message.contains(code), "{message}");
    }
    aws.call("rds", "CreateDBCluster", cluster.clone())?;
    let instance = json!({
        "DBInstanceIdentifier": "data-1", "DBClusterIdentifier": "data", "Engine": "aurora-postgresql",
        "DBInstanceClass": "db.serverless",
    });
    let message = refused(&aws, "rds", "CreateDBInstance", instance.clone())?;
    assert!(message.contains("InvalidDBClusterStateFault"), "{message}");
    aws.call(
        "rds",
        "ModifyDBCluster",
        with(&scaling(0.0, 1.5), json!({ "DBClusterIdentifier": "data" })),
    )?;
    let described = Sdk::new(&aws)?.call("rds", "DescribeDBClusters", json!({}))?;
    let found = &described["DBClusters"][0];
    assert_eq!(
        found["ServerlessV2ScalingConfiguration"],
        json!({ "MinCapacity": 0.0, "MaxCapacity": 1.5, "SecondsUntilAutoPause": 300 })
    );
    assert_eq!(
        found["DBClusterParameterGroup"],
        "default.aurora-postgresql16"
    );
    let endpoint = found["Endpoint"].clone();
    aws.call("rds", "CreateDBInstance", instance)?;
    let described = Sdk::new(&aws)?.call("rds", "DescribeDBClusters", json!({}))?;
    assert_eq!(
        described["DBClusters"][0]["Endpoint"], endpoint,
        "an instance does not change the endpoint"
    );

    let delete = |changes| with(&json!({ "DBClusterIdentifier": "data" }), changes);
    aws.call(
        "rds",
        "DeleteDBInstance",
        json!({ "DBInstanceIdentifier": "data-1", "SkipFinalSnapshot": true }),
    )?;
    for changes in [
        json!({}),
        json!({ "SkipFinalSnapshot": true, "FinalDBSnapshotIdentifier": "last" }),
    ] {
        let message = refused(&aws, "rds", "DeleteDBCluster", delete(changes))?;
        assert!(message.contains("InvalidParameterCombination"), "{message}");
    }
    aws.call(
        "rds",
        "DeleteDBCluster",
        delete(json!({ "FinalDBSnapshotIdentifier": "last" })),
    )?;
    let left = Sdk::new(&aws)?.call("rds", "DescribeDBClusterSnapshots", json!({}))?;
    assert_eq!(
        left["DBClusterSnapshots"][0]["DBClusterSnapshotIdentifier"],
        "last"
    );
    Ok(())
}

#[test]
fn rotation_requires_a_function_that_secrets_manager_can_invoke() -> TestResult {
    let aws = LocalAws::account()?;
    let mut sdk = Sdk::new(&aws)?;
    sdk.call(
        "secretsmanager",
        "CreateSecret",
        json!({ "Name": "api", "SecretString": "one" }),
    )?;
    let function = format!("arn:aws:lambda:us-east-1:{}:function:rotation", aws.id());
    let rotate = json!({
        "SecretId": "api", "RotationLambdaARN": function, "RotationRules": { "AutomaticallyAfterDays": 30 },
    });
    let (code, _) = sdk.refused(
        "secretsmanager",
        "RotateSecret",
        json!({ "SecretId": "api" }),
    )?;
    assert_eq!(code, "InvalidRequestException");
    let (code, _) = sdk.refused("secretsmanager", "RotateSecret", rotate.clone())?;
    assert_eq!(code, "AccessDeniedException");
    let trust = json!({ "Statement": [{
        "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": { "Service": "lambda.amazonaws.com" },
    }] });
    let role = json!({ "RoleName": "rotation", "AssumeRolePolicyDocument": trust.to_string() });
    let role = sdk.call("iam", "CreateRole", role)?["Role"]["Arn"].clone();
    let bucket = format!("code-{}", aws.id());
    aws.s3().create_bucket(&bucket)?;
    // The end-of-central-directory record of an empty archive.
    aws.s3().put_octets(
        &bucket,
        "rotation.zip",
        b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
    )?;
    sdk.call("lambda", "CreateFunction", json!({
        "FunctionName": "rotation", "Role": role, "Runtime": "nodejs22.x", "Handler": "index.handler",
        "Code": { "S3Bucket": bucket, "S3Key": "rotation.zip" },
    }))?;
    let (code, _) = sdk.refused("secretsmanager", "RotateSecret", rotate.clone())?;
    assert_eq!(
        code, "AccessDeniedException",
        "the function exists, but has no policy"
    );
    sdk.call(
        "lambda",
        "AddPermission",
        json!({
            "FunctionName": "rotation", "StatementId": "rotate", "Action": "lambda:InvokeFunction",
            "Principal": "secretsmanager.amazonaws.com",
        }),
    )?;
    for rules in [
        json!({}),
        json!({ "AutomaticallyAfterDays": 30, "ScheduleExpression": "rate(4 hours)" }),
        json!({ "ScheduleExpression": "every day" }),
    ] {
        let rotate = with(&rotate, json!({ "RotationRules": rules }));
        let (code, message) = sdk.refused("secretsmanager", "RotateSecret", rotate)?;
        assert_eq!(code, "InvalidParameterException", "{message}");
    }
    sdk.call("secretsmanager", "RotateSecret", rotate)?;
    let described = sdk.call(
        "secretsmanager",
        "DescribeSecret",
        json!({ "SecretId": "api" }),
    )?;
    assert_eq!(described["RotationEnabled"], true);
    assert_eq!(
        described["RotationRules"],
        json!({ "AutomaticallyAfterDays": 30 })
    );
    sdk.call(
        "secretsmanager",
        "CancelRotateSecret",
        json!({ "SecretId": "api" }),
    )?;
    let described = sdk.call(
        "secretsmanager",
        "DescribeSecret",
        json!({ "SecretId": "api" }),
    )?;
    assert_eq!(described["RotationEnabled"], false);
    Ok(())
}

#[test]
fn listener_rules_have_unique_priorities_and_valid_paths() -> TestResult {
    let aws = LocalAws::account()?;
    let mut sdk = Sdk::new(&aws)?;
    let (listener, group) = super::application_autoscaling::listener(&mut sdk)?;
    let rule = |priority: u32, path: &str| {
        json!({
            "ListenerArn": listener, "Priority": priority,
            "Conditions": [{ "Field": "path-pattern", "PathPatternConfig": { "Values": [path] } }],
            "Actions": [{ "Type": "forward", "TargetGroupArn": group }],
        })
    };
    let first = sdk.call("elbv2", "CreateRule", rule(10, "/api/v1/*"))?;
    let second = sdk.call("elbv2", "CreateRule", rule(20, "/api/v2/*"))?;
    let arn = |made: &Value| made["Rules"][0]["RuleArn"].clone();
    for (rule, code) in [
        (rule(10, "/api/v3/*"), "PriorityInUse"),
        (rule(50_001, "/api/v3/*"), "ValidationError"),
        (rule(30, "/a b"), "ValidationError"),
        (
            with(&rule(30, "/c"), json!({ "Conditions": [] })),
            "ValidationError",
        ),
        (
            with(
                &rule(30, "/c"),
                json!({ "Actions": [{ "Type": "forward", "TargetGroupArn": "arn:x" }] }),
            ),
            "TargetGroupNotFound",
        ),
    ] {
        assert_eq!(sdk.refused("elbv2", "CreateRule", rule)?.0, code);
    }
    let move_to = |rule: &Value, priority: u32| json!({ "RuleArn": rule, "Priority": priority });
    let taken = json!({ "RulePriorities": [move_to(&arn(&first), 20)] });
    assert_eq!(
        sdk.refused("elbv2", "SetRulePriorities", taken)?.0,
        "PriorityInUse"
    );
    let swapped =
        json!({ "RulePriorities": [move_to(&arn(&first), 20), move_to(&arn(&second), 10)] });
    sdk.call("elbv2", "SetRulePriorities", swapped)?;
    let group = json!({ "TargetGroupArn": group });
    assert_eq!(
        sdk.refused("elbv2", "DeleteTargetGroup", group)?.0,
        "ResourceInUse"
    );
    Ok(())
}

#[test]
fn configuration_applies_and_settles() -> TestResult {
    let (aws, stack) = applied(include_str!("stack.tf"))?;
    let alarms = aws.call(
        "monitoring",
        "DescribeAlarms",
        json!({ "AlarmNames": ["error-rate"] }),
    )?;
    let metrics = &alarms["MetricAlarms"][0]["Metrics"];
    assert_eq!(metrics.as_array().map(Vec::len), Some(3), "{alarms}");
    let mut sdk = Sdk::new(&aws)?;
    let table = json!({ "TableName": "sessions" });
    let ttl = sdk.call("dynamodb", "DescribeTimeToLive", table.clone())?;
    assert_eq!(ttl["TimeToLiveDescription"]["AttributeName"], "expires");
    stack.destroy()?;
    assert_eq!(
        sdk.refused("dynamodb", "DescribeTable", table)?.0,
        "ResourceNotFoundException"
    );
    aws.expect_empty()?;
    Ok(())
}
