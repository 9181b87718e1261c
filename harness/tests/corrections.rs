//! Tests the corrections with the real emulator, against the AWS API Reference.

use std::error::Error;

use serde_json::{Value, json};
use tfharness::{LocalAws, StoppedTask};

type TestResult = Result<(), Box<dyn Error>>;

const FIRST: &str = "11111111-1111-4111-8111-111111111111";
const SECOND: &str = "22222222-2222-4222-8222-222222222222";

/// Returns the error code from a call that must fail.
fn refused(
    aws: &LocalAws,
    service: &str,
    action: &str,
    parameters: Value,
) -> Result<String, Box<dyn Error>> {
    match aws.call(service, action, parameters) {
        Ok(answer) => Err(format!("{action} must fail, but returned {answer}").into()),
        Err(error) => Ok(error.code().ok_or_else(|| error.to_string())?.to_owned()),
    }
}

#[test]
fn repeated_create_calls_create_one_secret() -> TestResult {
    let aws = LocalAws::account()?;
    let sm = |action, parameters| aws.call("secretsmanager", action, parameters);
    let create = json!({ "Name": "ca/root", "SecretString": "one", "ClientRequestToken": FIRST });
    let made = sm("CreateSecret", create.clone())?;
    assert_eq!(made["VersionId"], FIRST);
    let repeated = sm("CreateSecret", create)?;
    assert_eq!(
        (&repeated["ARN"], &repeated["VersionId"]),
        (&made["ARN"], &made["VersionId"])
    );

    let other = json!({ "Name": "ca/root", "SecretString": "two", "ClientRequestToken": FIRST });
    assert_eq!(
        refused(&aws, "secretsmanager", "CreateSecret", other)?,
        "ResourceExistsException"
    );
    let stranger =
        json!({ "Name": "ca/root", "SecretString": "one", "ClientRequestToken": SECOND });
    assert_eq!(
        refused(&aws, "secretsmanager", "CreateSecret", stranger)?,
        "ResourceExistsException"
    );

    let described = sm("DescribeSecret", json!({ "SecretId": "ca/root" }))?;
    assert_eq!(
        described["VersionIdsToStages"],
        json!({ FIRST: ["AWSCURRENT"] })
    );
    assert_eq!(
        sm("GetSecretValue", json!({ "SecretId": "ca/root" }))?["SecretString"],
        "one"
    );

    sm(
        "DeleteSecret",
        json!({ "SecretId": "ca/root", "RecoveryWindowInDays": 7 }),
    )?;
    let again = json!({ "Name": "ca/root", "SecretString": "one", "ClientRequestToken": FIRST });
    let error = aws
        .call("secretsmanager", "CreateSecret", again)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("InvalidRequestException")
            && error.contains("already scheduled for deletion"),
        "{error}"
    );
    Ok(())
}

#[test]
fn secret_version_is_immutable() -> TestResult {
    let aws = LocalAws::account()?;
    let sm = |action, parameters| aws.call("secretsmanager", action, parameters);
    let bare = sm(
        "CreateSecret",
        json!({ "Name": "db", "ClientRequestToken": SECOND }),
    )?;
    assert_eq!(bare["VersionId"], Value::Null);
    let get = json!({ "SecretId": "db" });
    assert_eq!(
        refused(&aws, "secretsmanager", "GetSecretValue", get.clone())?,
        "ResourceNotFoundException"
    );
    assert_eq!(
        sm("DescribeSecret", get.clone())?["VersionIdsToStages"],
        Value::Null
    );

    let put = |token: &str, value: &str| json!({ "SecretId": "db", "SecretString": value, "ClientRequestToken": token });
    assert_eq!(sm("PutSecretValue", put(FIRST, "one"))?["VersionId"], FIRST);
    assert_eq!(
        sm("DescribeSecret", get.clone())?["VersionIdsToStages"],
        json!({ FIRST: ["AWSCURRENT"] })
    );
    assert_eq!(sm("PutSecretValue", put(FIRST, "one"))?["VersionId"], FIRST);
    assert_eq!(
        refused(&aws, "secretsmanager", "PutSecretValue", put(FIRST, "two"))?,
        "ResourceExistsException"
    );
    sm("PutSecretValue", put(SECOND, "two"))?;
    let stages = sm("DescribeSecret", get.clone())?["VersionIdsToStages"].clone();
    assert_eq!(
        (&stages[FIRST], &stages[SECOND]),
        (&json!(["AWSPREVIOUS"]), &json!(["AWSCURRENT"]))
    );

    assert_eq!(
        refused(
            &aws,
            "secretsmanager",
            "CreateSecret",
            json!({ "Name": "no blanks" })
        )?,
        "ValidationException"
    );
    let deleted = sm(
        "DeleteSecret",
        json!({ "SecretId": "missing", "ForceDeleteWithoutRecovery": true }),
    )?;
    let arn = format!(
        "arn:aws:secretsmanager:us-east-1:{}:secret:missing",
        aws.id()
    );
    assert_eq!(
        (&deleted["ARN"], &deleted["Name"]),
        (&json!(arn), &json!("missing"))
    );
    let gentle = json!({ "SecretId": "missing" });
    assert_eq!(
        refused(&aws, "secretsmanager", "DeleteSecret", gentle)?,
        "ResourceNotFoundException"
    );
    Ok(())
}

/// Creates a cluster, two task definitions, and a service that uses the first task definition.
fn service(aws: &LocalAws) -> Result<Value, Box<dyn Error>> {
    aws.call("ecs", "CreateCluster", json!({ "clusterName": "c" }))?;
    for _ in 0..2 {
        let container = json!({ "name": "web", "image": "example.com/web@sha256:0" });
        aws.call(
            "ecs",
            "RegisterTaskDefinition",
            json!({ "family": "web", "containerDefinitions": [container] }),
        )?;
    }
    let create = json!({
        "cluster": "c", "serviceName": "web", "taskDefinition": "web:1", "desiredCount": 1, "clientToken": FIRST,
    });
    Ok(aws.call("ecs", "CreateService", create)?["service"].clone())
}

fn newest(aws: &LocalAws) -> Result<Value, Box<dyn Error>> {
    let listed = aws.call(
        "ecs",
        "ListServiceDeployments",
        json!({ "cluster": "c", "service": "web" }),
    )?;
    Ok(listed["serviceDeployments"][0]["serviceDeploymentArn"].clone())
}

fn deployment(aws: &LocalAws, arn: &Value) -> Result<Value, Box<dyn Error>> {
    let described = aws.call(
        "ecs",
        "DescribeServiceDeployments",
        json!({ "serviceDeploymentArns": [arn] }),
    )?;
    Ok(described["serviceDeployments"][0].clone())
}

fn described(aws: &LocalAws) -> Result<Value, Box<dyn Error>> {
    let described = aws.call(
        "ecs",
        "DescribeServices",
        json!({ "cluster": "c", "services": ["web"] }),
    )?;
    Ok(described["services"][0].clone())
}

#[test]
fn rollout_is_in_progress_before_it_succeeds() -> TestResult {
    let aws = LocalAws::account()?;
    let made = service(&aws)?;
    assert_eq!(made["availabilityZoneRebalancing"], "ENABLED");
    let arn = newest(&aws)?;
    assert_eq!(made["currentServiceDeployment"], arn);
    assert_eq!(deployment(&aws, &arn)?["status"], "IN_PROGRESS");
    let done = deployment(&aws, &arn)?;
    assert_eq!(done["status"], "SUCCESSFUL");
    let revision = json!({ "serviceRevisionArns": [done["targetServiceRevision"]["arn"]] });
    let revision = aws.call("ecs", "DescribeServiceRevisions", revision)?;
    let definition = revision["serviceRevisions"][0]["taskDefinition"]
        .as_str()
        .unwrap_or_default();
    assert!(definition.ends_with("task-definition/web:1"), "{revision}");
    assert_eq!(
        described(&aws)?["deployments"][0]["rolloutState"],
        "COMPLETED"
    );

    let count = json!({ "cluster": "c", "service": "web", "desiredCount": 3 });
    aws.call("ecs", "UpdateService", count)?;
    assert_eq!(
        newest(&aws)?,
        arn,
        "a new desired count must not start a deployment"
    );
    let network = json!({ "awsvpcConfiguration": { "subnets": ["subnet-1"] } });
    let moved = json!({ "cluster": "c", "service": "web", "networkConfiguration": network });
    aws.call("ecs", "UpdateService", moved)?;
    assert_ne!(
        newest(&aws)?,
        arn,
        "a new network configuration must start a deployment"
    );
    let missing = aws.call(
        "ecs",
        "DescribeServiceDeployments",
        json!({ "serviceDeploymentArns": ["arn:x"] }),
    )?;
    assert_eq!(
        missing["failures"],
        json!([{ "arn": "arn:x", "reason": "MISSING" }])
    );
    Ok(())
}

#[test]
fn scripted_failure_rolls_back_with_reason_events_and_tasks() -> TestResult {
    let aws = LocalAws::account()?;
    service(&aws)?;
    let task = StoppedTask::new(
        "EssentialContainerExited",
        "Essential container in task exited",
    );
    aws.ecs()
        .rollout("c", "web")
        .event("(service web) is unable to consistently start tasks successfully.")
        .stopped_task(task.container("web", Some(1), None))
        .fails_with(
            "Service deployment rolled back because the circuit breaker threshold was exceeded.",
        );
    let update = json!({ "cluster": "c", "service": "web", "taskDefinition": "web:2" });
    aws.call("ecs", "UpdateService", update)?;
    let arn = newest(&aws)?;

    let stopped = json!({ "cluster": "c", "serviceName": "web", "desiredStatus": "STOPPED" });
    let mut seen = Vec::new();
    for _ in 0..3 {
        seen.push(
            deployment(&aws, &arn)?["status"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
        );
    }
    assert_eq!(
        seen,
        ["IN_PROGRESS", "ROLLBACK_IN_PROGRESS", "ROLLBACK_SUCCESSFUL"]
    );
    let failed = deployment(&aws, &arn)?;
    assert!(
        failed["statusReason"]
            .as_str()
            .unwrap_or_default()
            .contains("circuit breaker"),
        "{failed}"
    );
    assert_eq!(failed["deploymentCircuitBreaker"]["status"], "TRIGGERED");
    let service = described(&aws)?;
    assert!(
        service["taskDefinition"]
            .as_str()
            .unwrap_or_default()
            .ends_with("web:1"),
        "{service}"
    );
    let events = service["events"].to_string();
    assert!(
        events.contains("unable to consistently start")
            && events.contains("rolling back to deployment"),
        "{events}"
    );

    let arns = aws.call("ecs", "ListTasks", stopped)?["taskArns"].clone();
    let tasks = aws.call(
        "ecs",
        "DescribeTasks",
        json!({ "cluster": "c", "tasks": arns }),
    )?;
    assert_eq!(tasks["tasks"][0]["stopCode"], "EssentialContainerExited");
    assert_eq!(tasks["tasks"][0]["containers"][0]["exitCode"], 1);
    assert_eq!(tasks["failures"], json!([]));
    Ok(())
}

#[test]
fn failed_first_rollout_cannot_roll_back() -> TestResult {
    let aws = LocalAws::account()?;
    aws.ecs()
        .rollout("c", "web")
        .fails_with("tasks failed to start");
    service(&aws)?;
    let arn = newest(&aws)?;
    deployment(&aws, &arn)?;
    assert_eq!(deployment(&aws, &arn)?["status"], "ROLLBACK_FAILED");
    assert_eq!(described(&aws)?["deployments"][0]["rolloutState"], "FAILED");
    Ok(())
}

#[test]
fn services_are_idempotent_by_token_and_drain_on_deletion() -> TestResult {
    let aws = LocalAws::account()?;
    let made = service(&aws)?;
    let repeated = json!({
        "cluster": "c", "serviceName": "web", "taskDefinition": "web:1", "desiredCount": 1, "clientToken": FIRST,
    });
    let same = aws.call("ecs", "CreateService", repeated)?;
    assert_eq!(same["service"]["serviceArn"], made["serviceArn"]);
    let unknown = json!({ "cluster": "c", "service": "web", "taskDefinition": "web:9" });
    assert_eq!(
        refused(&aws, "ecs", "UpdateService", unknown)?,
        "ClientException"
    );
    assert!(
        described(&aws)?["taskDefinition"]
            .as_str()
            .unwrap_or_default()
            .ends_with("web:1")
    );

    let deleted = aws.call(
        "ecs",
        "DeleteService",
        json!({ "cluster": "c", "service": "web", "force": true }),
    )?;
    assert_eq!(deleted["service"]["status"], "DRAINING");
    let create = json!({ "cluster": "c", "serviceName": "web", "taskDefinition": "web:1", "clientToken": SECOND });
    assert_eq!(
        refused(&aws, "ecs", "CreateService", create.clone())?,
        "InvalidParameterException"
    );
    let update = json!({ "cluster": "c", "service": "web", "desiredCount": 1 });
    assert_eq!(
        refused(&aws, "ecs", "UpdateService", update)?,
        "ServiceNotActiveException"
    );
    assert_eq!(described(&aws)?["status"], "DRAINING");
    assert_eq!(described(&aws)?["status"], "INACTIVE");
    aws.call("ecs", "CreateService", create)?;
    Ok(())
}

#[test]
fn zone_rebalancing_requires_a_maximum_percent_above_100() -> TestResult {
    let aws = LocalAws::account()?;
    service(&aws)?;
    let update = |maximum: i64| {
        json!({
            "cluster": "c", "service": "web", "availabilityZoneRebalancing": "ENABLED",
            "deploymentConfiguration": { "maximumPercent": maximum, "minimumHealthyPercent": 0 },
        })
    };
    assert_eq!(
        refused(&aws, "ecs", "UpdateService", update(100))?,
        "InvalidParameterException"
    );
    aws.call("ecs", "UpdateService", update(101))?;
    Ok(())
}

#[test]
fn emptiness_check_lists_addresses_and_nat_gateways() -> TestResult {
    let aws = LocalAws::account()?;
    let ec2 = |action, parameters| aws.call("ec2", action, parameters);
    let address = ec2("AllocateAddress", json!({ "Domain": "vpc" }))?["allocationId"].clone();
    let vpc = ec2("CreateVpc", json!({ "CidrBlock": "10.0.0.0/16" }))?["vpc"]["vpcId"].clone();
    let subnet = json!({ "VpcId": vpc, "CidrBlock": "10.0.1.0/24" });
    let subnet = ec2("CreateSubnet", subnet)?["subnet"]["subnetId"].clone();
    let gateway = json!({ "SubnetId": subnet, "AllocationId": address });
    let gateway = ec2("CreateNatGateway", gateway)?["natGateway"]["natGatewayId"].clone();
    let left = aws.expect_empty().unwrap_err().to_string();
    for (kind, id) in [("Elastic IP", &address), ("NAT gateway", &gateway)] {
        let line = format!("{kind} {}", id.as_str().ok_or("no identity")?);
        assert!(left.contains(&line), "expected {line} in {left}");
    }
    ec2("DeleteNatGateway", json!({ "NatGatewayId": gateway }))?;
    ec2("ReleaseAddress", json!({ "AllocationId": address }))?;
    ec2("DeleteSubnet", json!({ "SubnetId": subnet }))?;
    ec2("DeleteVpc", json!({ "VpcId": vpc }))?;
    Ok(aws.expect_empty()?)
}
