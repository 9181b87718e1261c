//! Prerequisites for a service bundle, created with direct calls, which take only milliseconds. Must not create any
//! object that the bundle creates.

use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use tfharness::LocalAws;

/// Cluster, network, role, log group, secret, and target groups in one account.
pub(crate) struct Infrastructure {
    /// The ECS cluster.
    pub(crate) cluster: String,
    /// The execution role for tasks.
    pub(crate) execution_role: String,
    /// Two subnets.
    pub(crate) subnets: [String; 2],
    /// The security group for tasks.
    pub(crate) security_group: String,
    /// The log group for containers.
    pub(crate) log_group: String,
    /// A target group with a listener.
    pub(crate) target_group: String,
    /// A target group without a listener.
    pub(crate) idle_target_group: String,
    /// A secret that a container can read.
    pub(crate) secret: String,
}

/// Name of the cluster.
pub(crate) const CLUSTER: &str = "infrastructure";

impl Infrastructure {
    /// Creates all prerequisites in the account.
    pub(crate) fn create(aws: &LocalAws) -> Result<Self> {
        let network = Network::create(aws)?;
        let cluster = aws.call("ecs", "CreateCluster", json!({ "clusterName": CLUSTER }))?;
        let log_group = "/ecs/infrastructure".to_owned();
        aws.call(
            "logs",
            "CreateLogGroup",
            json!({ "logGroupName": log_group }),
        )?;
        let secret = aws.call(
            "secretsmanager",
            "CreateSecret",
            json!({ "Name": "infrastructure/queue-token", "SecretString": "x" }),
        )?;
        let (target_group, idle_target_group) = network.target_groups(aws)?;
        Ok(Self {
            cluster: text(&cluster, "/cluster/clusterArn")?,
            execution_role: execution_role(aws)?,
            subnets: network.subnets,
            security_group: network.security_group,
            log_group,
            target_group,
            idle_target_group,
            secret: text(&secret, "/ARN")?,
        })
    }
}

struct Network {
    vpc: String,
    subnets: [String; 2],
    security_group: String,
}

impl Network {
    fn create(aws: &LocalAws) -> Result<Self> {
        let vpc = text(
            &aws.call("ec2", "CreateVpc", json!({ "CidrBlock": "10.9.0.0/16" }))?,
            "/vpc/vpcId",
        )?;
        let subnet = |zone: &str, range: &str| {
            let parameters = json!({ "VpcId": vpc, "CidrBlock": range, "AvailabilityZone": zone });
            text(
                &aws.call("ec2", "CreateSubnet", parameters)?,
                "/subnet/subnetId",
            )
        };
        let subnets = [
            subnet("us-east-1a", "10.9.1.0/24")?,
            subnet("us-east-1b", "10.9.2.0/24")?,
        ];
        let parameters =
            json!({ "GroupName": "infrastructure", "GroupDescription": "Tasks.", "VpcId": vpc });
        let group = aws.call("ec2", "CreateSecurityGroup", parameters)?;
        Ok(Self {
            security_group: text(&group, "/groupId")?,
            vpc,
            subnets,
        })
    }

    /// Creates one target group with a listener and one without.
    fn target_groups(&self, aws: &LocalAws) -> Result<(String, String)> {
        let group = |name: &str| {
            let parameters = json!({
                "Name": name, "Protocol": "HTTP", "Port": 8080, "VpcId": self.vpc, "TargetType": "ip",
            });
            let answer = aws.call("elasticloadbalancing", "CreateTargetGroup", parameters)?;
            text(&answer, "/TargetGroups/0/TargetGroupArn")
        };
        let (busy, idle) = (group("infrastructure")?, group("infrastructure-idle")?);
        let parameters = json!({
            "Name": "infrastructure", "Subnets": self.subnets, "SecurityGroups": [self.security_group], "Type": "application",
        });
        let balancer = aws.call("elasticloadbalancing", "CreateLoadBalancer", parameters)?;
        let parameters = json!({
            "LoadBalancerArn": text(&balancer, "/LoadBalancers/0/LoadBalancerArn")?,
            "Protocol": "HTTP",
            "Port": 80,
            "DefaultActions": [{ "Type": "forward", "TargetGroupArn": busy }],
        });
        aws.call("elasticloadbalancing", "CreateListener", parameters)?;
        Ok((busy, idle))
    }
}

fn execution_role(aws: &LocalAws) -> Result<String> {
    let trust = json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Principal": { "Service": "ecs-tasks.amazonaws.com" },
        }],
    });
    let parameters = json!({ "RoleName": "infrastructure-execution", "AssumeRolePolicyDocument": trust.to_string() });
    text(&aws.call("iam", "CreateRole", parameters)?, "/Role/Arn")
}

/// Returns the string at a JSON pointer in a response.
pub(crate) fn text(answer: &Value, pointer: &str) -> Result<String> {
    let found = answer.pointer(pointer).and_then(Value::as_str);
    Ok(found
        .with_context(|| format!("expected a string at {pointer}, found {answer}"))?
        .to_owned())
}
