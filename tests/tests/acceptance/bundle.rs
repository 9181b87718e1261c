//! The bundle in the fixture: an API behind a load balancer, and a worker, on existing infrastructure.

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use tfharness::workspace::{Action, Stack};
use tfharness::{Cli, LocalAws, Workspace};

use crate::deployed;
use crate::infrastructure::{CLUSTER, Infrastructure, text};

/// Address of the resource in the fixture.
pub(crate) const ADDRESS: &str = "skreg_ecs_service_bundle.this";
/// Name of the service with a load balancer.
pub(crate) const API: &str = "shop-api";
/// Name of the service without a load balancer, which is deployed first.
pub(crate) const WORKER: &str = "shop-worker";
/// Names of the services, in alphabetical order.
pub(crate) const SERVICES: [&str; 2] = [API, WORKER];

/// Creates the fixture with both services.
pub(crate) fn bundle(cli: &Cli, aws: &LocalAws, infrastructure: &Infrastructure) -> Workspace {
    let variable = json!({
        "cluster": infrastructure.cluster,
        "execution_role": infrastructure.execution_role,
        "subnets": infrastructure.subnets,
        "security_group": infrastructure.security_group,
        "log_group": infrastructure.log_group,
    });
    Workspace::of("tests/fixtures/bundle")
        .cli(cli)
        .aws(aws)
        .var("infrastructure", variable)
        .var("services", services(infrastructure))
}

/// Returns the services in the fixture, for tests that change them.
pub(crate) fn services(infrastructure: &Infrastructure) -> Value {
    json!({
        "api": {
            "cpu": 512,
            "memory": 1024,
            "desired_count": 2,
            "port": 8080,
            "command": ["httpd", "-f", "-p", "8080"],
            "environment": { "LOG_LEVEL": "info", "BIND_ADDR": "0.0.0.0:8080" },
            "secrets": { "QUEUE_TOKEN": infrastructure.secret },
            "load_balancer": [{ "target_group_arn": infrastructure.target_group, "container_port": 8080 }],
        },
        "worker": { "cpu": 256, "memory": 512, "desired_count": 1, "command": ["sleep", "infinity"] },
    })
}

/// Returns an image with a tag.
pub(crate) fn image(tag: &str) -> Value {
    json!({ "repository_url": "public.ecr.aws/docker/library/busybox", "tag": tag })
}

/// Checks through the API that exactly these services exist with the desired number of tasks, that each service has one
/// active revision per configuration and runs the newest one, and that the state contains the revision ARNs.
pub(crate) fn expect_one_set(aws: &LocalAws, stack: &Stack, configurations: usize) -> Result<()> {
    let names = deployed::service_names(aws, CLUSTER)?;
    ensure!(
        names == SERVICES,
        "expected ListServices to return {SERVICES:?}, found {names:?}"
    );
    let state = stack.show()?;
    ensure!(
        state.managed().count() == 1,
        "expected one resource in the state, found {:?}",
        state.resources.keys()
    );
    let values = &state.resources[ADDRESS].values;
    for name in SERVICES {
        let service = deployed::service(aws, CLUSTER, name)?;
        let desired = if name == API { json!(2) } else { json!(1) };
        let expected = [
            ("/status", json!("ACTIVE")),
            ("/desiredCount", desired.clone()),
            ("/runningCount", desired.clone()),
            ("/deployments/1", Value::Null),
        ];
        deployed::expect(&format!("the service {name}"), &service, &expected)?;
        let parameters =
            json!({ "cluster": CLUSTER, "serviceName": name, "desiredStatus": "RUNNING" });
        let tasks = aws.call("ecs", "ListTasks", parameters)?;
        let running = tasks["taskArns"].as_array().map(Vec::len);
        ensure!(
            json!(running) == desired,
            "expected ListTasks to return {desired} running tasks for {name}, found {tasks}"
        );
        let revision = text(&service, "/taskDefinition")?;
        let revisions = deployed::revisions(aws, name)?;
        ensure!(
            revisions.len() == configurations && revisions.last() == Some(&revision),
            "expected {configurations} active revisions with {revision} as the last one, found {revisions:?}"
        );
        let key = name.trim_start_matches("shop-");
        let stored = &values["task_definition_arns"][key];
        ensure!(
            *stored == json!(revision),
            "expected {revision} in task_definition_arns, found {stored}"
        );
    }
    Ok(())
}

/// Returns the revision that a service runs, according to the API.
pub(crate) fn runs(aws: &LocalAws, name: &str) -> Result<String> {
    text(&deployed::service(aws, CLUSTER, name)?, "/taskDefinition")
}

/// Checks that a plan only updates the bundle in place.
pub(crate) fn expect_planned_update(stack: &Stack) -> Result<()> {
    let plan = stack.plan()?;
    let changes: Vec<_> = plan
        .changes()
        .map(|change| (&change.address[..], &change.change.actions[..]))
        .collect();
    let expected = [(ADDRESS, &[Action::Update][..])];
    ensure!(
        changes == expected,
        "expected the plan to be {expected:?}, found {changes:?}"
    );
    Ok(())
}
