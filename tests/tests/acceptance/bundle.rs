//! The bundle of the fixture: an API behind a load balancer and a worker, on ground that was laid before.

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use tfharness::workspace::{Action, Stack};
use tfharness::{Cli, LocalAws, Workspace};

use crate::deployed;
use crate::ground::{CLUSTER, Ground, text};

/// The address of the fixture's only resource.
pub(crate) const ADDRESS: &str = "skreg_ecs_service_bundle.this";
/// The name of the service with a load balancer.
pub(crate) const API: &str = "shop-api";
/// The name of the service without one, which is rolled out first.
pub(crate) const WORKER: &str = "shop-worker";
/// The names of its services, in order.
pub(crate) const SERVICES: [&str; 2] = [API, WORKER];

/// The fixture with both services.
pub(crate) fn bundle(cli: &Cli, aws: &LocalAws, ground: &Ground) -> Workspace {
    let variable = json!({
        "cluster": ground.cluster,
        "execution_role": ground.execution_role,
        "subnets": ground.subnets,
        "security_group": ground.security_group,
        "log_group": ground.log_group,
    });
    Workspace::of("tests/fixtures/bundle")
        .cli(cli)
        .aws(aws)
        .var("ground", variable)
        .var("services", services(ground))
}

/// The services of the fixture, to be changed by tests.
pub(crate) fn services(ground: &Ground) -> Value {
    json!({
        "api": {
            "cpu": 512,
            "memory": 1024,
            "desired_count": 2,
            "port": 8080,
            "command": ["httpd", "-f", "-p", "8080"],
            "environment": { "LOG_LEVEL": "info", "BIND_ADDR": "0.0.0.0:8080" },
            "secrets": { "QUEUE_TOKEN": ground.secret },
            "load_balancer": [{ "target_group_arn": ground.target_group, "container_port": 8080 }],
        },
        "worker": { "cpu": 256, "memory": 512, "desired_count": 1, "command": ["sleep", "infinity"] },
    })
}

/// An image by its tag.
pub(crate) fn image(tag: &str) -> Value {
    json!({ "repository_url": "public.ecr.aws/docker/library/busybox", "tag": tag })
}

/// Checks on the API that there is one set of services, which run as many tasks as they should, each service with
/// as many active revisions as there were configurations, the newest of which runs, and that the state names them.
pub(crate) fn expect_one_set(aws: &LocalAws, stack: &Stack, configurations: usize) -> Result<()> {
    let names = deployed::service_names(aws, CLUSTER)?;
    ensure!(
        names == SERVICES,
        "expected the services {SERVICES:?} by ListServices, found {names:?}"
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
            "expected {desired} running tasks of {name} by ListTasks, found {tasks}"
        );
        let revision = text(&service, "/taskDefinition")?;
        let revisions = deployed::revisions(aws, name)?;
        ensure!(
            revisions.len() == configurations && revisions.last() == Some(&revision),
            "expected {configurations} active revisions, of which the last runs, {revision}; found {revisions:?}"
        );
        let key = name.trim_start_matches("shop-");
        let stored = &values["task_definition_arns"][key];
        ensure!(
            *stored == json!(revision),
            "expected task_definition_arns to hold {revision}, found {stored}"
        );
    }
    Ok(())
}

/// The revision that the API says a service runs.
pub(crate) fn runs(aws: &LocalAws, name: &str) -> Result<String> {
    text(&deployed::service(aws, CLUSTER, name)?, "/taskDefinition")
}

/// Checks that a plan changes the bundle in place and nothing else.
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
