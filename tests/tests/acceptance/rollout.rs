//! Rollouts of a bundle on ground that was made before: the verdict on each, and the end of a bundle.

use anyhow::{Context as _, Result, ensure};
use serde_json::json;
use tfharness::workspace::Stack;
use tfharness::{LocalAws, StoppedTask, on};

use crate::bundle::{
    ADDRESS, API, SERVICES, WORKER, bundle, expect_one_set, expect_planned_update, image, runs,
};
use crate::deployed;
use crate::diagnostic::{APPLY, Saying, expect_refused};
use crate::ground::{CLUSTER, Ground};
use crate::scenario::{expect_nothing_stored, under_every_cli};

/// What the circuit breaker of ECS says.
const BREAKER: &str = "ECS deployment circuit breaker: tasks failed to start.";
/// What the event log says.
const UNPULLABLE: &str = "(service shop-api) was unable to place a task. Reason: image not found.";

/// Lets the next deployment of the API fail, as the circuit breaker of ECS would.
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
fn a_rolled_back_update_is_an_error_with_reasons_and_the_state_tells_what_runs() -> Result<()> {
    under_every_cli(|cli, aws| {
        let ground = Ground::lay(aws)?;
        let mut stack = bundle(cli, aws, &ground).apply()?;
        let (old_api, old_worker) = (runs(aws, API)?, runs(aws, WORKER)?);
        stack.set_var("image", image("1.37"));
        expect_rolled_back(&stack, aws, "ROLLBACK_SUCCESSFUL")?;
        let (api, worker) = (runs(aws, API)?, runs(aws, WORKER)?);
        ensure!(
            api == old_api,
            "expected the gateway to roll the API back to {old_api}, found {api}"
        );
        ensure!(
            worker != old_worker,
            "expected the worker, which goes first, on a new revision, found {worker}"
        );

        // The cause is gone: the same configuration is not settled, and goes through in place.
        expect_planned_update(&stack)?;
        stack.apply()?;
        let api = runs(aws, API)?;
        ensure!(
            api != old_api,
            "expected the API on a new revision after the second apply, found {api}"
        );
        Ok(())
    })
}

/// The next rollout of the API fails: the apply says so with its reasons, and the state tells what runs.
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
        "look at its log",
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
        .context("the resource stays in the state")?;
    ensure!(
        !resource.tainted,
        "expected the resource not to be tainted by a failed rollout"
    );
    for (key, name) in [("api", API), ("worker", WORKER)] {
        let (stored, found) = (
            &resource.values["task_definition_arns"][key],
            runs(aws, name)?,
        );
        ensure!(
            *stored == json!(found),
            "expected the state to hold {found} for {key}, which runs, found {stored}"
        );
    }
    Ok(())
}

#[test]
fn a_create_that_fails_leaves_nothing_and_can_be_repeated() -> Result<()> {
    under_every_cli(|cli, aws| {
        let ground = Ground::lay(aws)?;
        let stack = bundle(cli, aws, &ground).init()?;
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
                "expected {name} to be deleted again, found {status}"
            );
            let revisions = deployed::revisions(aws, name)?;
            ensure!(
                revisions.is_empty(),
                "expected no active revision of {name}, found {revisions:?}"
            );
        }
        stack.apply()?;
        expect_one_set(aws, &stack, 1)
    })
}

#[test]
fn without_the_api_of_service_deployments_the_rollout_state_decides() -> Result<()> {
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
    under_every_cli(|cli, aws| {
        for (code, message) in refusals {
            let aws = aws.sibling();
            for action in ["ListServiceDeployments", "DescribeServiceDeployments"] {
                aws.add_rule(&on("ecs", action).every().fail(400, code, message));
            }
            let ground = Ground::lay(&aws)?;
            let mut stack = bundle(cli, &aws, &ground)
                .apply()
                .with_context(|| format!("refused with {code}"))?;
            expect_one_set(&aws, &stack, 1)?;
            stack.set_var("image", image("1.37"));
            expect_rolled_back(&stack, &aws, "ROLLBACK_SUCCESSFUL")
                .with_context(|| format!("refused with {code}"))?;
            let tried = aws.count("ecs", "ListServiceDeployments")
                + aws.count("ecs", "DescribeServiceDeployments");
            ensure!(
                tried > 0,
                "expected the provider to try the service deployment first, found {:?}",
                aws.counts()
            );
        }
        Ok(())
    })
}

#[test]
fn a_destroy_waits_until_the_services_are_inactive() -> Result<()> {
    under_every_cli(|cli, aws| {
        let ground = Ground::lay(aws)?;
        let mut stack = bundle(cli, aws, &ground)
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
            // The gateway says DRAINING to the first look after a deletion, so one look must have gone before ours.
            let service = deployed::service(aws, CLUSTER, name)?;
            deployed::expect(
                name,
                &service,
                &[("/status", json!("INACTIVE")), ("/runningCount", json!(0))],
            )?;
            let revisions = deployed::revisions(aws, name)?;
            ensure!(
                revisions.is_empty(),
                "expected no active revision of {name}, found {revisions:?}"
            );
        }
        let names = deployed::service_names(aws, CLUSTER)?;
        ensure!(
            names.is_empty(),
            "expected no service by ListServices, found {names:?}"
        );
        Ok(())
    })
}
