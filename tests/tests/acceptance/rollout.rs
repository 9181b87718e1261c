//! Rollouts for a bundle on existing infrastructure: the result of each rollout, and the destroy operation.

use anyhow::{Context as _, Result, ensure};
use serde_json::json;
use tfharness::workspace::Stack;
use tfharness::{LocalAws, StoppedTask, on};

use crate::bundle::{
    ADDRESS, API, SERVICES, WORKER, bundle, expect_one_set, expect_planned_update, image, runs,
};
use crate::deployed;
use crate::diagnostic::{APPLY, Saying, expect_refused};
use crate::infrastructure::{CLUSTER, Infrastructure};
use crate::scenario::{expect_nothing_stored, with_one_cli};

/// Rollout state reason that the ECS circuit breaker sets.
const BREAKER: &str = "ECS deployment circuit breaker: tasks failed to start.";
/// Message in the event log.
const UNPULLABLE: &str = "(service shop-api) was unable to place a task. Reason: image not found.";

/// Causes the next deployment of the API to fail, as if the ECS circuit breaker had triggered.
fn fail_next(aws: &LocalAws) {
    let task = StoppedTask::new(
        "EssentialContainerExited",
        "Essential container in task exited",
    );
    let task = task.container("api", Some(1), Some("no such subcommand"));
    aws.ecs()
        .rollout(CLUSTER, API)
        .event(UNPULLABLE)
        .stopped_task(task)
        .fails_with(BREAKER);
}

#[test]
fn rolled_back_update_fails_and_the_state_has_the_running_revision() -> Result<()> {
    with_one_cli(|cli, aws| {
        let infrastructure = Infrastructure::create(aws)?;
        let mut stack = bundle(cli, aws, &infrastructure).apply()?;
        let (old_api, old_worker) = (runs(aws, API)?, runs(aws, WORKER)?);
        stack.set_var("image", image("1.37"));
        expect_rolled_back(&stack, aws, "ROLLBACK_SUCCESSFUL")?;
        let (api, worker) = (runs(aws, API)?, runs(aws, WORKER)?);
        ensure!(
            api == old_api,
            "expected a rollback of the API to {old_api}, found {api}"
        );
        ensure!(
            worker != old_worker,
            "expected a new revision of the worker, which is deployed first, found {worker}"
        );

        // After the cause is resolved, the same configuration has a plan with an in-place update.
        expect_planned_update(&stack)?;
        stack.apply()?;
        let api = runs(aws, API)?;
        ensure!(
            api != old_api,
            "expected the API to run a new revision after the second apply, found {api}"
        );
        Ok(())
    })
}

/// Checks that the next rollout of the API fails with its reasons, and that the state contains the running revision.
fn expect_rolled_back(stack: &Stack, aws: &LocalAws, status: &str) -> Result<()> {
    let before = runs(aws, API)?;
    let revision = before.rsplit('/').next().unwrap_or_default().to_owned();
    let now_runs = format!("The service now runs {revision}.");
    fail_next(aws);
    let says = [
        "Rollout of shop-api failed and was rolled back",
        status,
        BREAKER,
        UNPULLABLE,
        "1 x EssentialContainerExited: Essential container in task exited",
        "container api: exit code 1",
        "no such subcommand",
        &now_runs,
        "Check the container log",
    ];
    expect_refused(
        stack,
        APPLY,
        &Saying {
            at: Some("resource"),
            says: &says,
        },
    )?;
    let state = stack.show()?;
    let resource = state
        .resources
        .get(ADDRESS)
        .context("the state does not contain the resource")?;
    ensure!(
        !resource.tainted,
        "a failed rollout must not taint the resource"
    );
    for (key, name) in [("api", API), ("worker", WORKER)] {
        let (stored, found) = (
            &resource.values["task_definition_arns"][key],
            runs(aws, name)?,
        );
        ensure!(
            *stored == json!(found),
            "expected the running revision {found} in the state for {key}, found {stored}"
        );
    }
    Ok(())
}

#[test]
fn failed_create_leaves_no_objects_and_can_be_repeated() -> Result<()> {
    with_one_cli(|cli, aws| {
        let infrastructure = Infrastructure::create(aws)?;
        let stack = bundle(cli, aws, &infrastructure).init()?;
        fail_next(aws);
        let says = [
            "Rollout of shop-api failed",
            BREAKER,
            "1 x EssentialContainerExited",
            UNPULLABLE,
        ];
        expect_refused(
            &stack,
            APPLY,
            &Saying {
                at: Some("resource"),
                says: &says,
            },
        )?;
        expect_nothing_stored(&stack)?;
        for name in SERVICES {
            let status = deployed::service(aws, CLUSTER, name)?["status"].clone();
            ensure!(
                status != "ACTIVE",
                "expected {name} to be deleted, found {status}"
            );
            let revisions = deployed::revisions(aws, name)?;
            ensure!(
                revisions.is_empty(),
                "expected no active revision for {name}, found {revisions:?}"
            );
        }
        stack.apply()?;
        expect_one_set(aws, &stack, 1)
    })
}

#[test]
fn rollout_state_is_used_without_the_service_deployment_api() -> Result<()> {
    let refusals = [
        (
            "UnknownOperationException",
            "The requested operation is not supported.",
        ),
        (
            "AccessDeniedException",
            "not authorized to perform: ecs:ListServiceDeployments",
        ),
    ];
    with_one_cli(|cli, aws| {
        for (code, message) in refusals {
            let aws = aws.sibling();
            for action in ["ListServiceDeployments", "DescribeServiceDeployments"] {
                aws.add_rule(&on("ecs", action).every().fail(400, code, message));
            }
            let infrastructure = Infrastructure::create(&aws)?;
            let mut stack = bundle(cli, &aws, &infrastructure)
                .apply()
                .with_context(|| format!("with the error {code}"))?;
            expect_one_set(&aws, &stack, 1)?;
            stack.set_var("image", image("1.37"));
            expect_rolled_back(&stack, &aws, "ROLLBACK_SUCCESSFUL")
                .with_context(|| format!("with the error {code}"))?;
            let tried = aws.count("ecs", "ListServiceDeployments")
                + aws.count("ecs", "DescribeServiceDeployments");
            ensure!(
                tried > 0,
                "expected the service deployment to be requested first, found {:?}",
                aws.counts()
            );
        }
        Ok(())
    })
}

#[test]
fn destroy_waits_until_the_services_are_inactive() -> Result<()> {
    with_one_cli(|cli, aws| {
        let infrastructure = Infrastructure::create(aws)?;
        let mut stack = bundle(cli, aws, &infrastructure)
            .var("deletion_protection", true)
            .apply()?;
        let saying = Saying {
            at: Some("deletion_protection"),
            says: &["deletion_protection = false"],
        };
        expect_refused(&stack, &["destroy", "-auto-approve"], &saying)?;
        ensure!(
            aws.count("ecs", "DeleteService") == 0,
            "a protected service was deleted: {:?}",
            aws.counts()
        );
        stack.set_var("deletion_protection", false);
        stack.apply()?;
        stack.destroy()?;
        for name in SERVICES {
            // The gateway returns DRAINING once after a deletion, so the provider must have polled before this check.
            let service = deployed::service(aws, CLUSTER, name)?;
            deployed::expect(
                name,
                &service,
                &[("/status", json!("INACTIVE")), ("/runningCount", json!(0))],
            )?;
            let revisions = deployed::revisions(aws, name)?;
            ensure!(
                revisions.is_empty(),
                "expected no active revision for {name}, found {revisions:?}"
            );
        }
        let names = deployed::service_names(aws, CLUSTER)?;
        ensure!(
            names.is_empty(),
            "expected ListServices to return no services, found {names:?}"
        );
        Ok(())
    })
}
