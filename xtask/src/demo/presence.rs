//! Does it exist? Every resource of a state is asked for by a call of its own service; the state only says which.
//!
//! A resource type that nobody taught this file is an error: an unseen resource would be an unproven one.

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use tfharness::LocalAws;
use tfharness::workspace::{Resource, State};

/// How one resource type is looked up.
struct Lookup {
    service: &'static str,
    action: &'static str,
    /// Parameter that takes the identity, and whether it takes a list.
    parameter: (&'static str, bool),
    /// Attribute whose value is sent.
    asked: &'static str,
    /// Attribute whose value the answer must hold.
    answered: &'static str,
}

/// Asks for every managed resource and answers how many there are.
///
/// # Errors
/// When one is not there, or not as a user would expect it, or its type is unknown here.
pub(super) fn everything_exists(aws: &LocalAws, state: &State) -> Result<usize> {
    let mut count = 0;
    for resource in state.managed() {
        exists(aws, resource).with_context(|| format!("{} is not on the API", resource.address))?;
        count += 1;
    }
    ensure!(count > 0, "the example made nothing");
    Ok(count)
}

fn exists(aws: &LocalAws, resource: &Resource) -> Result<()> {
    match resource.kind.as_str() {
        "skreg_ecs_service_bundle" => services_run(aws, &resource.values),
        "aws_route" => {
            let target = ["nat_gateway_id", "gateway_id"]
                .into_iter()
                .find(|name| !text(&resource.values, name).unwrap_or_default().is_empty());
            let answered = target.context("the route leads nowhere")?;
            look_up(
                aws,
                &route_table("route_table_id", answered),
                &resource.values,
            )
        }
        kind => match lookup(kind) {
            Some(lookup) => look_up(aws, &lookup, &resource.values),
            None => bail!("nobody taught demo/presence.rs how to ask for {kind}"),
        },
    }
}

fn lookup(kind: &str) -> Option<Lookup> {
    let ec2 = |action, parameter| Lookup {
        service: "ec2",
        action,
        parameter: (parameter, true),
        asked: "id",
        answered: "id",
    };
    let load_balancing = |action, parameter| Lookup {
        service: "elasticloadbalancing",
        action,
        parameter: (parameter, true),
        asked: "arn",
        answered: "arn",
    };
    let iam = |action, asked, answered| Lookup {
        service: "iam",
        action,
        parameter: ("RoleName", false),
        asked,
        answered,
    };
    Some(match kind {
        "aws_vpc" => ec2("DescribeVpcs", "VpcId"),
        "aws_subnet" => ec2("DescribeSubnets", "SubnetId"),
        "aws_internet_gateway" => ec2("DescribeInternetGateways", "InternetGatewayId"),
        "aws_nat_gateway" => ec2("DescribeNatGateways", "NatGatewayId"),
        "aws_eip" => ec2("DescribeAddresses", "AllocationId"),
        "aws_security_group" => ec2("DescribeSecurityGroups", "GroupId"),
        "aws_vpc_security_group_ingress_rule" | "aws_vpc_security_group_egress_rule" => {
            ec2("DescribeSecurityGroupRules", "SecurityGroupRuleId")
        }
        "aws_route_table" => route_table("id", "id"),
        "aws_route_table_association" => route_table("route_table_id", "id"),
        "aws_lb" => load_balancing("DescribeLoadBalancers", "LoadBalancerArns"),
        "aws_lb_target_group" => load_balancing("DescribeTargetGroups", "TargetGroupArns"),
        "aws_lb_listener" => load_balancing("DescribeListeners", "ListenerArns"),
        "aws_iam_role" => iam("GetRole", "name", "arn"),
        "aws_iam_role_policy_attachment" => iam("ListAttachedRolePolicies", "role", "policy_arn"),
        "aws_ecs_cluster" => Lookup {
            service: "ecs",
            action: "DescribeClusters",
            parameter: ("clusters", true),
            asked: "arn",
            answered: "arn",
        },
        "aws_cloudwatch_log_group" => Lookup {
            service: "logs",
            action: "DescribeLogGroups",
            parameter: ("logGroupNamePrefix", false),
            asked: "name",
            answered: "name",
        },
        "skreg_pki_root_ca" => Lookup {
            service: "secretsmanager",
            action: "DescribeSecret",
            parameter: ("SecretId", false),
            asked: "secret_arn",
            answered: "secret_arn",
        },
        _ => return None,
    })
}

fn route_table(asked: &'static str, answered: &'static str) -> Lookup {
    Lookup {
        service: "ec2",
        action: "DescribeRouteTables",
        parameter: ("RouteTableId", true),
        asked,
        answered,
    }
}

fn look_up(aws: &LocalAws, lookup: &Lookup, values: &Value) -> Result<()> {
    let asked = text(values, lookup.asked)?;
    let (parameter, list) = lookup.parameter;
    let parameters = match list {
        true => json!({ parameter: [asked] }),
        false => json!({ parameter: asked }),
    };
    let answer = aws.call(lookup.service, lookup.action, parameters)?;
    let expected = text(values, lookup.answered)?;
    let (service, action) = (lookup.service, lookup.action);
    ensure!(
        holds(&answer, expected),
        "{service} {action} answers without {expected}: {answer}"
    );
    Ok(())
}

/// Every service of a bundle is active, runs as many tasks as it should, of the revision that the state names.
fn services_run(aws: &LocalAws, values: &Value) -> Result<()> {
    let cluster = text(values, "cluster")?;
    let deployments = values["deployments"]
        .as_object()
        .context("no deployments")?;
    ensure!(!deployments.is_empty(), "no deployment at all");
    for (key, deployment) in deployments {
        let arn = text(deployment, "service_arn")?;
        let answer = aws.call(
            "ecs",
            "DescribeServices",
            json!({ "cluster": cluster, "services": [arn] }),
        )?;
        let service = &answer["services"][0];
        ensure!(
            service["serviceArn"] == arn && service["status"] == "ACTIVE",
            "service {key} is not active: {answer}"
        );
        ensure!(
            service["runningCount"] == service["desiredCount"],
            "service {key} runs {} of {} tasks",
            service["runningCount"],
            service["desiredCount"]
        );
        let revision = &values["task_definition_arns"][key];
        ensure!(
            service["taskDefinition"] == *revision,
            "service {key} does not run {revision}"
        );
    }
    Ok(())
}

fn text<'a>(values: &'a Value, name: &str) -> Result<&'a str> {
    values[name]
        .as_str()
        .with_context(|| format!("no text in `{name}`"))
}

/// Whether a value is somewhere in an answer.
fn holds(answer: &Value, expected: &str) -> bool {
    match answer {
        Value::String(text) => text == expected,
        Value::Array(values) => values.iter().any(|value| holds(value, expected)),
        Value::Object(members) => members.values().any(|value| holds(value, expected)),
        _ => false,
    }
}
