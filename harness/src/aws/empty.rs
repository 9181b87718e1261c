//! What is left in an account. Must list only what the caller could have made, never what AWS puts there itself.

use serde_json::{Value, json};

use super::{CallError, LocalAws};

/// Why an account does not count as empty.
#[derive(Debug, thiserror::Error)]
pub enum NotEmpty {
    /// Something is left.
    #[error("account {account} should be empty; left are:\n  {}\nlook with: aws.call(service, action, parameters); last calls:\n{calls}", .left.join("\n  "))]
    Left {
        /// The account.
        account: String,
        /// What is left: kind and identity.
        left: Vec<String>,
        /// The journal's last calls.
        calls: String,
    },
    /// A list could not be read.
    #[error("cannot tell whether the account is empty")]
    Call(#[from] CallError),
}

pub(super) fn expect_empty(aws: &LocalAws) -> Result<(), NotEmpty> {
    let mut left = Vec::new();
    ecs(aws, &mut left)?;
    others(aws, &mut left)?;
    if left.is_empty() {
        return Ok(());
    }
    Err(NotEmpty::Left {
        account: aws.id().to_owned(),
        left,
        calls: aws.last_calls(10),
    })
}

fn ecs(aws: &LocalAws, left: &mut Vec<String>) -> Result<(), CallError> {
    let clusters = aws.call("ecs", "ListClusters", json!({}))?;
    for cluster in strings(&clusters["clusterArns"]) {
        let services = aws.call("ecs", "ListServices", json!({ "cluster": cluster }))?;
        left.extend(strings(&services["serviceArns"]).map(|arn| format!("ECS service {arn}")));
        let described = aws.call("ecs", "DescribeClusters", json!({ "clusters": [cluster] }))?;
        if described["clusters"][0]["status"] == "ACTIVE" {
            left.push(format!("ECS cluster {cluster}"));
        }
    }
    let definitions = aws.call("ecs", "ListTaskDefinitions", json!({ "status": "ACTIVE" }))?;
    left.extend(
        strings(&definitions["taskDefinitionArns"]).map(|arn| format!("ECS task definition {arn}")),
    );
    Ok(())
}

/// A kind of thing: how it is listed, where the list is, what names an entry, and what AWS makes or keeps itself.
struct Listed {
    kind: &'static str,
    service: &'static str,
    action: &'static str,
    list: &'static str,
    identity: &'static str,
    own: fn(&Value) -> bool,
}

const fn never(_: &Value) -> bool {
    false
}

const LISTED: [Listed; 9] = [
    Listed {
        kind: "secret",
        service: "secretsmanager",
        action: "ListSecrets",
        list: "SecretList",
        identity: "ARN",
        own: never,
    },
    Listed {
        kind: "log group",
        service: "logs",
        action: "DescribeLogGroups",
        list: "logGroups",
        identity: "logGroupName",
        own: never,
    },
    Listed {
        kind: "load balancer",
        service: "elasticloadbalancing",
        action: "DescribeLoadBalancers",
        list: "LoadBalancers",
        identity: "LoadBalancerArn",
        own: never,
    },
    Listed {
        kind: "target group",
        service: "elasticloadbalancing",
        action: "DescribeTargetGroups",
        list: "TargetGroups",
        identity: "TargetGroupArn",
        own: never,
    },
    Listed {
        kind: "Elastic IP",
        service: "ec2",
        action: "DescribeAddresses",
        list: "addressesSet",
        identity: "allocationId",
        own: never,
    },
    Listed {
        kind: "NAT gateway",
        service: "ec2",
        action: "DescribeNatGateways",
        list: "natGatewaySet",
        identity: "natGatewayId",
        // A deleted one stays visible for about an hour.
        own: |gateway| gateway["state"] == "deleted",
    },
    Listed {
        kind: "VPC",
        service: "ec2",
        action: "DescribeVpcs",
        list: "vpcSet",
        identity: "vpcId",
        own: |vpc| vpc["isDefault"] == "true",
    },
    Listed {
        kind: "security group",
        service: "ec2",
        action: "DescribeSecurityGroups",
        list: "securityGroupInfo",
        identity: "groupId",
        own: |group| group["groupName"] == "default",
    },
    Listed {
        kind: "IAM role",
        service: "iam",
        action: "ListRoles",
        list: "Roles",
        identity: "RoleName",
        own: |role| {
            role["Path"]
                .as_str()
                .is_some_and(|path| path.starts_with("/aws-service-role/"))
        },
    },
];

fn others(aws: &LocalAws, left: &mut Vec<String>) -> Result<(), CallError> {
    for Listed {
        kind,
        service,
        action,
        list,
        identity,
        own,
    } in LISTED
    {
        let answer = aws.call(service, action, Value::Null)?;
        let entries = answer[list]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|entry| !own(entry));
        left.extend(
            entries.map(|entry| format!("{kind} {}", entry[identity].as_str().unwrap_or("?"))),
        );
    }
    Ok(())
}

fn strings(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
}
