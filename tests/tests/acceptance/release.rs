//! Image ownership, deployments by other tools, and failure logs, with each CLI.

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use tfharness::{LocalAws, StoppedTask, on};

use crate::bundle::{API, SERVICES, bundle, expect_planned_update, image, runs, services};
use crate::deployed;
use crate::diagnostic::{APPLY, Saying, expect_refused};
use crate::infrastructure::{CLUSTER, Infrastructure, text};
use crate::scenario::{expect_nothing_stored, with_one_cli};

const OTHER: &str = "public.ecr.aws/docker/library/busybox:pipeline-7";

/// Registers and deploys a different image for the API, like a pipeline.
fn deploy_by_hand(aws: &LocalAws) -> Result<String> {
    let mut definition = deployed::task_definition(aws, &runs(aws, API)?)?;
    definition["containerDefinitions"][0]["image"] = json!(OTHER);
    let fields = [
        "family",
        "cpu",
        "memory",
        "networkMode",
        "requiresCompatibilities",
        "executionRoleArn",
        "containerDefinitions",
    ];
    let register: Value = fields
        .iter()
        .map(|field| ((*field).to_owned(), definition[*field].clone()))
        .collect();
    let registered = aws.call("ecs", "RegisterTaskDefinition", register)?;
    let revision = text(&registered, "/taskDefinition/taskDefinitionArn")?;
    let update = json!({ "cluster": CLUSTER, "service": API, "taskDefinition": revision });
    aws.call("ecs", "UpdateService", update)?;
    Ok(revision)
}

fn image_of_api(aws: &LocalAws) -> Result<String> {
    text(
        &deployed::running(aws, CLUSTER, API)?,
        "/containerDefinitions/0/image",
    )
}

#[test]
fn externally_deployed_image_is_kept() -> Result<()> {
    with_one_cli(|cli, aws| {
        for owner in ["external", "terraform_once"] {
            let aws = aws.sibling();
            let infrastructure = Infrastructure::create(&aws)?;
            let more = json!({ "release": { "owner": owner } });
            let mut stack = bundle(cli, &aws, &infrastructure)
                .var("more", more)
                .apply()?;
            let by_hand = deploy_by_hand(&aws)?;
            stack.expect_empty_plan()?;
            stack.set_var("image", image("1.37"));
            stack.apply()?;
            ensure!(
                runs(&aws, API)? == by_hand,
                "{owner}: expected the externally deployed image"
            );

            let mut bigger = services(&infrastructure);
            bigger["api"]["memory"] = json!(2048);
            stack.set_var("services", bigger);
            expect_planned_update(&stack)?;
            stack.apply()?;
            ensure!(
                runs(&aws, API)? != by_hand,
                "{owner}: expected a new revision"
            );
            let image = image_of_api(&aws)?;
            ensure!(
                image == OTHER,
                "{owner}: expected the image that the pipeline deployed, found {image}"
            );
        }
        Ok(())
    })
}

#[test]
fn image_without_version_is_valid_only_for_existing_services() -> Result<()> {
    with_one_cli(|cli, aws| {
        let infrastructure = Infrastructure::create(aws)?;
        let more = json!({ "release": { "owner": "external" } });
        let unversioned = json!({ "repository_url": "public.ecr.aws/docker/library/busybox" });
        let mut stack = bundle(cli, aws, &infrastructure)
            .var("more", more)
            .var("image", unversioned.clone())
            .init()?;
        let says = [
            "New service has no image tag or digest",
            "Set `tag` or `digest`",
        ];
        expect_refused(
            &stack,
            APPLY,
            &Saying {
                at: Some("image"),
                says: &says,
            },
        )?;
        expect_nothing_stored(&stack)?;
        stack.set_var("image", image("1.36"));
        stack.apply()?;
        stack.set_var("image", unversioned);
        stack.apply()?;
        ensure!(
            image_of_api(aws)?.ends_with("busybox:1.36"),
            "expected the running image"
        );
        Ok(())
    })
}

#[test]
fn service_can_be_rolled_back_to_a_revision_and_forward() -> Result<()> {
    with_one_cli(|cli, aws| {
        let infrastructure = Infrastructure::create(aws)?;
        let mut stack = bundle(cli, aws, &infrastructure).apply()?;
        let first = runs(aws, API)?;
        stack.set_var("image", image("1.37"));
        stack.apply()?;
        let second = runs(aws, API)?;
        stack.set_var(
            "more",
            json!({ "release": { "rollback_to": { "api": 1 } } }),
        );
        expect_planned_update(&stack)?;
        stack.apply()?;
        ensure!(
            runs(aws, API)? == first,
            "expected {first}, found {}",
            runs(aws, API)?
        );
        stack.set_var(
            "more",
            json!({ "release": { "rollback_to": { "api": 99 } } }),
        );
        let says = [
            "Task definition revision is not registered",
            "shop-api:99",
            "Specify one of shop-api:2, shop-api:1",
        ];
        expect_refused(
            &stack,
            APPLY,
            &Saying {
                at: Some("resource"),
                says: &says,
            },
        )?;
        stack.set_var("more", json!({}));
        stack.apply()?;
        ensure!(
            runs(aws, API)? == second,
            "expected {second}, found {}",
            runs(aws, API)?
        );
        Ok(())
    })
}

#[test]
fn deployment_by_another_tool_is_handled_as_configured() -> Result<()> {
    with_one_cli(|cli, aws| {
        let infrastructure = Infrastructure::create(aws)?;
        let more = json!({ "deployment": { "concurrent": "fail" } });
        let mut stack = bundle(cli, aws, &infrastructure)
            .var("more", more)
            .apply()?;
        aws.ecs().rollout(CLUSTER, API).hangs();
        let by_hand = deploy_by_hand(aws)?;
        stack.set_var("image", image("1.37"));
        let says = [
            "Another deployment is in progress",
            "shop-api",
            "\"wait\" or \"replace\"",
        ];
        expect_refused(
            &stack,
            APPLY,
            &Saying {
                at: Some("resource"),
                says: &says,
            },
        )?;
        ensure!(
            runs(aws, API)? == by_hand,
            "expected the other deployment to be unchanged"
        );
        stack.set_var("more", json!({ "deployment": { "concurrent": "replace" } }));
        stack.apply()?;
        let image = image_of_api(aws)?;
        ensure!(
            image.ends_with(":1.37"),
            "expected the image from the configuration, found {image}"
        );
        Ok(())
    })
}

fn fail_next(aws: &LocalAws) {
    let task = StoppedTask::new(
        "EssentialContainerExited",
        "Essential container in task exited",
    );
    let script = aws.ecs().rollout(CLUSTER, API);
    let script = script.stopped_task(task.container("api", Some(1), None));
    script.fails_with("ECS deployment circuit breaker: tasks failed to start.");
}

#[test]
fn kept_failed_create_shows_the_log_and_can_be_continued() -> Result<()> {
    with_one_cli(|cli, aws| {
        let infrastructure = Infrastructure::create(aws)?;
        let more = json!({ "on_create_failure": "keep" });
        let stack = bundle(cli, aws, &infrastructure).var("more", more).init()?;
        let lines =
            ["starting", "cannot reach the queue"].map(|message| json!({ "message": message }));
        aws.add_rule(
            &on("logs", "GetLogEvents")
                .every()
                .respond(json!({ "events": lines })),
        );
        fail_next(aws);
        let says = [
            "Rollout of shop-api failed",
            "Log of container api in task",
            "cannot reach the queue",
            "These services were kept",
            "the next apply takes them over",
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
        let names = deployed::service_names(aws, CLUSTER)?;
        ensure!(
            names == SERVICES,
            "expected both services to be kept, found {names:?}"
        );
        let creations = aws.count("ecs", "CreateService");
        stack.apply()?;
        ensure!(
            aws.count("ecs", "CreateService") == creations,
            "expected the services to be adopted"
        );
        Ok(())
    })
}

#[test]
fn unreadable_log_is_reported_and_logs_are_read_only_on_request() -> Result<()> {
    with_one_cli(|cli, aws| {
        let infrastructure = Infrastructure::create(aws)?;
        let message = "not authorized to perform: logs:GetLogEvents";
        aws.add_rule(&on("logs", "GetLogEvents").every().fail(
            400,
            "AccessDeniedException",
            message,
        ));
        let mut stack = bundle(cli, aws, &infrastructure).apply()?;
        stack.set_var("image", image("1.37"));
        fail_next(aws);
        let says = [
            "failed and was rolled back",
            "Not available: the log of container api in /ecs/infrastructure",
            message,
        ];
        expect_refused(
            &stack,
            APPLY,
            &Saying {
                at: Some("resource"),
                says: &says,
            },
        )?;
        let asked = aws.count("logs", "GetLogEvents");
        ensure!(asked > 0, "expected a request for the log");
        stack.set_var("more", json!({ "error_log_lines": 0 }));
        fail_next(aws);
        expect_refused(
            &stack,
            APPLY,
            &Saying {
                at: Some("resource"),
                says: &says[..1],
            },
        )?;
        ensure!(
            aws.count("logs", "GetLogEvents") == asked,
            "expected no request for log lines"
        );
        Ok(())
    })
}
