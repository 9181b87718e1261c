//! The service example: a network, a load balancer, and a cluster from `hashicorp/aws`, with a bundle that contains an
//! API and a worker.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use tfharness::workspace::Stack;
use tfharness::{LocalAws, Workspace};

use crate::deployed;
use crate::diagnostic::{Saying, expect_refused};
use crate::infrastructure::text;
use crate::scenario::with_one_cli;

/// Default prefix for names in the example.
const NAME: &str = "skreg";

#[test]
fn example_runs_an_api_and_a_worker_and_can_be_destroyed() -> Result<()> {
    with_one_cli(|cli, aws| {
        let tags = json!({ "team": "platform" });
        let mut stack = Workspace::of("examples/service")
            .cli(cli)
            .aws(aws)
            .var("tags", tags)
            .apply()?;
        expect_cluster_and_log(aws)?;
        let (target_group, network) = (expect_load_balancer(aws)?, private_network(aws)?);
        expect_service(aws, "api", &network, Some(&target_group))?;
        expect_service(aws, "worker", &network, None)?;
        expect_definition(aws, "api", "public.ecr.aws/amazonlinux/amazonlinux:2023")?;
        expect_definition(aws, "worker", "public.ecr.aws/amazonlinux/amazonlinux:2023")?;
        expect_outputs(&stack, aws)?;

        let saying = Saying {
            at: Some("deletion_protection"),
            says: &["deletion_protection = false"],
        };
        expect_refused(&stack, &["plan", "-destroy"], &saying)?;

        let before = services(aws)?;
        let image =
            json!({ "repository_url": "public.ecr.aws/amazonlinux/amazonlinux", "tag": "2023.6" });
        stack.set_var("image", image);
        stack.set_var("deletion_protection", false);
        stack.apply()?;
        expect_update_in_place(aws, &before)?;
        expect_outputs(&stack, aws)?;

        stack.destroy()?;
        aws.expect_empty()?;
        Ok(())
    })
}

fn expect_cluster_and_log(aws: &LocalAws) -> Result<()> {
    let answer = aws.call("ecs", "DescribeClusters", json!({ "clusters": [NAME] }))?;
    let expected = [
        ("/clusters/0/clusterName", json!(NAME)),
        ("/clusters/0/status", json!("ACTIVE")),
    ];
    deployed::expect("the cluster", &answer, &expected)?;
    let answer = aws.call(
        "logs",
        "DescribeLogGroups",
        json!({ "logGroupNamePrefix": "/ecs/" }),
    )?;
    let expected = [
        ("/logGroups/0/logGroupName", json!("/ecs/skreg-api")),
        ("/logGroups/0/retentionInDays", json!(30)),
        ("/logGroups/1/logGroupName", json!("/ecs/skreg-worker")),
        ("/logGroups/1/retentionInDays", json!(30)),
        ("/logGroups/2", Value::Null),
    ];
    deployed::expect("the log groups", &answer, &expected)
}

/// Checks that the listener forwards to the only target group. Returns the ARN of the target group.
fn expect_load_balancer(aws: &LocalAws) -> Result<String> {
    let call =
        |action: &str, parameters: Value| aws.call("elasticloadbalancing", action, parameters);
    let groups = call("DescribeTargetGroups", json!({}))?;
    let expected = [
        ("/TargetGroups/0/TargetType", json!("ip")),
        ("/TargetGroups/0/Port", json!("8080")),
        ("/TargetGroups/0/HealthCheckPath", json!("/")),
        ("/TargetGroups/1", Value::Null),
    ];
    deployed::expect("the target groups", &groups, &expected)?;
    let group = text(&groups, "/TargetGroups/0/TargetGroupArn")?;
    let balancers = call("DescribeLoadBalancers", json!({}))?;
    let balancer = text(&balancers, "/LoadBalancers/0/LoadBalancerArn")?;
    let listeners = call("DescribeListeners", json!({ "LoadBalancerArn": balancer }))?;
    let expected = [
        ("/Listeners/0/Port", json!("80")),
        ("/Listeners/0/DefaultActions/0/Type", json!("forward")),
        ("/Listeners/0/DefaultActions/0/TargetGroupArn", json!(group)),
    ];
    deployed::expect("the listener", &listeners, &expected)?;
    Ok(group)
}

/// Returns the private subnets and the security group for the tasks. Looks them up by name.
fn private_network(aws: &LocalAws) -> Result<(Vec<String>, String)> {
    let subnets = aws.call("ec2", "DescribeSubnets", Value::Null)?;
    let subnets = subnets["subnetSet"]
        .as_array()
        .context("DescribeSubnets returned no subnetSet")?;
    let private = |subnet: &&Value| {
        let tags = subnet["tagSet"].as_array().into_iter().flatten();
        tags.into_iter().any(|tag| {
            tag["key"] == "Name"
                && tag["value"]
                    .as_str()
                    .is_some_and(|name| name.starts_with("skreg-private-"))
        })
    };
    let mut private: Vec<String> = subnets
        .iter()
        .filter(private)
        .map(|subnet| text(subnet, "/subnetId"))
        .collect::<Result<_>>()?;
    private.sort();
    ensure!(
        private.len() == 2,
        "expected DescribeSubnets to return two private subnets, found {subnets:?}"
    );
    let groups = aws.call("ec2", "DescribeSecurityGroups", Value::Null)?;
    let groups = groups["securityGroupInfo"]
        .as_array()
        .context("DescribeSecurityGroups returned no list")?;
    let tasks = groups
        .iter()
        .find(|group| group["groupName"] == "skreg-tasks");
    Ok((
        private,
        text(
            tasks.with_context(|| format!("expected the group skreg-tasks in {groups:?}"))?,
            "/groupId",
        )?,
    ))
}

fn expect_service(
    aws: &LocalAws,
    key: &str,
    (subnets, security_group): &(Vec<String>, String),
    target_group: Option<&str>,
) -> Result<()> {
    let mut service = deployed::service(aws, NAME, &format!("{NAME}-{key}"))?;
    let network = "/networkConfiguration/awsvpcConfiguration";
    if let Some(Value::Array(found)) = service.pointer_mut(&format!("{network}/subnets")) {
        found.sort_by_key(Value::to_string);
    }
    let balancer = target_group.map(|arn| json!(arn)).unwrap_or_default();
    let port = target_group.map(|_| json!(8080)).unwrap_or_default();
    let expected = [
        ("/status", json!("ACTIVE")),
        ("/desiredCount", json!(1)),
        ("/runningCount", json!(1)),
        ("/launchType", json!("FARGATE")),
        (&format!("{network}/subnets"), json!(subnets)),
        (
            &format!("{network}/securityGroups"),
            json!([security_group]),
        ),
        (&format!("{network}/assignPublicIp"), json!("DISABLED")),
        ("/loadBalancers/0/targetGroupArn", balancer),
        ("/loadBalancers/0/containerPort", port),
        ("/loadBalancers/1", Value::Null),
        (
            "/deploymentConfiguration/deploymentCircuitBreaker",
            json!({ "enable": true, "rollback": true }),
        ),
    ];
    deployed::expect(&format!("the service {key}"), &service, &expected)?;
    let mut tags = service["tags"].as_array().cloned().unwrap_or_default();
    tags.sort_by_key(|tag| tag["key"].to_string());
    // Another check covers the revisions.
    tags.retain(|tag| tag["key"] != "skreg:revisions");
    let expected =
        json!([{ "key": "skreg:bundle", "value": NAME }, { "key": "team", "value": "platform" }]);
    ensure!(
        json!(tags) == expected,
        "expected the tags for {key} to be {expected}, found {tags:?}"
    );
    Ok(())
}

fn expect_definition(aws: &LocalAws, key: &str, image: &str) -> Result<()> {
    let definition = deployed::running(aws, NAME, &format!("{NAME}-{key}"))?;
    let role = text(
        &aws.call("iam", "GetRole", json!({ "RoleName": "skreg-execution" }))?,
        "/Role/Arn",
    )?;
    let (cpu, memory, command, port, environment) = match key {
        "api" => (
            "512",
            "1024",
            json!(["python3", "-m", "http.server", "8080"]),
            json!(8080),
            "0.0.0.0:8080",
        ),
        _ => ("256", "512", json!(["sleep", "infinity"]), Value::Null, ""),
    };
    let expected = [
        ("/family", json!(format!("{NAME}-{key}"))),
        ("/cpu", json!(cpu)),
        ("/memory", json!(memory)),
        ("/networkMode", json!("awsvpc")),
        ("/requiresCompatibilities", json!(["FARGATE"])),
        ("/executionRoleArn", json!(role)),
        ("/containerDefinitions/0/name", json!(key)),
        ("/containerDefinitions/0/image", json!(image)),
        ("/containerDefinitions/0/command", command),
        ("/containerDefinitions/0/portMappings/0/containerPort", port),
        (
            "/containerDefinitions/0/logConfiguration/logDriver",
            json!("awslogs"),
        ),
        (
            "/containerDefinitions/0/logConfiguration/options/awslogs-group",
            json!(format!("/ecs/{NAME}-{key}")),
        ),
        (
            "/containerDefinitions/0/logConfiguration/options/awslogs-region",
            json!("us-east-1"),
        ),
        ("/containerDefinitions/1", Value::Null),
    ];
    deployed::expect(
        &format!("the task definition for {key}"),
        &definition,
        &expected,
    )?;
    let found = deployed::pairs(&definition["containerDefinitions"][0]["environment"]);
    let expected = if key == "api" {
        json!({ "BIND_ADDR": environment })
    } else {
        json!({})
    };
    ensure!(
        found == expected,
        "expected the environment for {key} to be {expected}, found {found}"
    );
    Ok(())
}

/// Returns ARN, creation time, and revision for each service.
fn services(aws: &LocalAws) -> Result<BTreeMap<&'static str, Value>> {
    let one = |key| Ok((key, deployed::service(aws, NAME, &format!("{NAME}-{key}"))?));
    ["api", "worker"].into_iter().map(one).collect()
}

fn expect_update_in_place(aws: &LocalAws, before: &BTreeMap<&'static str, Value>) -> Result<()> {
    for (key, after) in services(aws)? {
        let before = &before[key];
        for same in ["/serviceArn", "/createdAt", "/desiredCount"] {
            let (before, after) = (before.pointer(same), after.pointer(same));
            ensure!(
                before == after,
                "expected {same} for {key} to be {before:?}, found {after:?}"
            );
        }
        let (old, new) = (
            text(before, "/taskDefinition")?,
            text(&after, "/taskDefinition")?,
        );
        ensure!(old != new, "expected a new revision for {key}, found {new}");
        expect_definition(aws, key, "public.ecr.aws/amazonlinux/amazonlinux:2023.6")?;
    }
    let names = deployed::service_names(aws, NAME)?;
    ensure!(
        names == ["skreg-api", "skreg-worker"],
        "expected ListServices to return the two services, found {names:?}"
    );
    Ok(())
}

fn expect_outputs(stack: &Stack, aws: &LocalAws) -> Result<()> {
    let arns: BTreeMap<String, String> = stack.output("service_arns")?;
    let definitions: BTreeMap<String, String> = stack.output("task_definition_arns")?;
    for (key, service) in services(aws)? {
        let expected = (
            text(&service, "/serviceArn")?,
            text(&service, "/taskDefinition")?,
        );
        let found = (
            arns.get(key).cloned().unwrap_or_default(),
            definitions.get(key).cloned().unwrap_or_default(),
        );
        ensure!(
            found == expected,
            "expected the outputs for {key} to match {expected:?} from DescribeServices, found {found:?}"
        );
    }
    let url: String = stack.output("service_url")?;
    let balancers = aws.call("elasticloadbalancing", "DescribeLoadBalancers", json!({}))?;
    let expected = format!("http://{}", text(&balancers, "/LoadBalancers/0/DNSName")?);
    ensure!(
        url == expected,
        "expected service_url to match {expected} from DescribeLoadBalancers, found {url}"
    );
    Ok(())
}
