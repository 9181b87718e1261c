//! What users get wrong with a bundle, one row each: every row ends in a diagnostic that says where, what and what to
//! do instead.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use tfharness::{Cli, LocalAws, Workspace};

use crate::bundle::{API, bundle, services};
use crate::deployed;
use crate::diagnostic::{APPLY, PLAN, Saying, expect_refused};
use crate::ground::{CLUSTER, Ground};
use crate::scenario::under_every_cli;

/// Values within `services` that are refused at plan, and what is said.
fn refused_services() -> Vec<(&'static str, Value, Vec<&'static str>)> {
    vec![
        (
            "/api/memory",
            json!(8192),
            vec!["services[\"api\"]", "512", "1024, 2048, 3072, 4096"],
        ),
        ("/api/cpu", json!(300), vec!["services[\"api\"].cpu", "256"]),
        ("/api/port", Value::Null, vec!["services[\"api\"]", "port"]),
        (
            "/api/environment",
            json!({ "API_TOKEN": "x" }),
            vec!["API_TOKEN", "secrets"],
        ),
        (
            "/api/environment",
            json!({ "QUEUE_TOKEN": "x" }),
            vec!["QUEUE_TOKEN"],
        ),
        (
            "/api/stop_timeout",
            json!(121),
            vec!["services[\"api\"].stop_timeout", "120"],
        ),
        (
            "/api/desired_count",
            json!(-1),
            vec!["services[\"api\"].desired_count"],
        ),
        (
            "/Api",
            json!({ "cpu": 256, "memory": 512 }),
            vec!["Api", "lower-case"],
        ),
    ]
}

#[test]
fn a_bundle_that_cannot_be_is_refused_at_plan() -> Result<()> {
    under_every_cli(|cli, aws| {
        let ground = Ground::lay(aws)?;
        let mut stack = bundle(cli, aws, &ground).init()?;
        for (pointer, value, says) in refused_services() {
            let mut services = services(&ground);
            let (parent, key) = pointer
                .rsplit_once('/')
                .context("a pointer has a last part")?;
            services.pointer_mut(parent).context("the parent exists")?[key] = value;
            stack.set_var("services", services);
            expect_refused(
                &stack,
                PLAN,
                &Saying {
                    at: "",
                    says: &says,
                },
            )
            .context(pointer)?;
        }
        stack.set_var("services", json!({}));
        expect_refused(
            &stack,
            PLAN,
            &Saying {
                at: "services",
                says: &["services", "1"],
            },
        )?;
        stack.set_var("services", services(&ground));

        let repository = "public.ecr.aws/docker/library/busybox";
        let digest = format!("sha256:{}", "a".repeat(64));
        for (image, says) in [
            (
                json!({ "repository_url": repository }),
                [
                    "neither a tag nor a digest",
                    "Set `tag`, or better `digest`",
                ],
            ),
            (
                json!({ "repository_url": repository, "tag": "1", "digest": digest }),
                ["both", "Keep `digest`, which decides alone"],
            ),
            (
                json!({ "repository_url": format!("{repository}:1"), "tag": "1" }),
                ["carries \":1\" itself", "Move it out of `repository_url`"],
            ),
            (
                json!({ "repository_url": format!("https://{repository}"), "tag": "1" }),
                ["is not a repository", "without https://"],
            ),
            (
                json!({ "repository_url": repository, "digest": "sha256:12" }),
                ["is not a digest", "64 hexadecimal"],
            ),
        ] {
            stack.set_var("image", image);
            expect_refused(
                &stack,
                PLAN,
                &Saying {
                    at: "",
                    says: &says,
                },
            )?;
        }
        ensure!(
            aws.count("ecs", "RegisterTaskDefinition") == 0,
            "expected nothing to be registered"
        );
        Ok(())
    })
}

/// A bundle whose surroundings are not as they should be, which only AWS can tell.
fn misplaced(cli: &Cli, aws: &LocalAws, change: impl FnOnce(&mut Ground)) -> Result<Workspace> {
    let mut ground = Ground::lay(aws)?;
    change(&mut ground);
    Ok(bundle(cli, aws, &ground))
}

#[test]
fn a_bundle_that_aws_would_not_take_is_refused_with_the_reason() -> Result<()> {
    under_every_cli(|cli, aws| {
        let cases = [
            (
                misplaced(cli, aws, |ground| {
                    ground.target_group = ground.idle_target_group.clone()
                })?,
                vec!["Target group has no listener", "depends_on"],
            ),
            (
                misplaced(cli, &aws.sibling(), |ground| ground.target_group.push('0'))?,
                vec!["Target group does not exist", "Check the ARN"],
            ),
            (
                misplaced(cli, &aws.sibling(), |ground| ground.cluster.push('0'))?,
                vec![
                    "Cluster cannot be used",
                    "is missing",
                    "Create the cluster first",
                ],
            ),
        ];
        for (workspace, says) in cases {
            let stack = workspace.init()?;
            expect_refused(
                &stack,
                APPLY,
                &Saying {
                    at: "",
                    says: &says,
                },
            )?;
            let resources = stack.show()?.resources;
            ensure!(
                resources.is_empty(),
                "expected nothing in the state, found {resources:?}"
            );
        }
        Ok(())
    })
}

#[test]
fn a_service_of_somebody_else_is_left_alone() -> Result<()> {
    under_every_cli(|cli, aws| {
        let ground = Ground::lay(aws)?;
        let containers = json!([{ "name": "other", "image": "busybox" }]);
        let register = json!({ "family": "other", "containerDefinitions": containers });
        aws.call("ecs", "RegisterTaskDefinition", register)?;
        let create = json!({ "cluster": CLUSTER, "serviceName": API, "taskDefinition": "other", "desiredCount": 1 });
        let before = aws.call("ecs", "CreateService", create)?;
        let stack = bundle(cli, aws, &ground).init()?;
        let import = format!("terraform import ADDRESS '{}/shop'", ground.cluster);
        let says = [
            "The service shop-api exists already",
            "does not belong to this bundle",
            &import,
        ];
        expect_refused(
            &stack,
            APPLY,
            &Saying {
                at: "",
                says: &says,
            },
        )?;
        let after = deployed::service(aws, CLUSTER, API)?;
        for field in ["status", "taskDefinition", "desiredCount", "createdAt"] {
            let (before, after) = (&before["service"][field], &after[field]);
            ensure!(
                before == after,
                "expected {field} of the foreign service to stay {before}, found {after}"
            );
        }
        let names = deployed::service_names(aws, CLUSTER)?;
        ensure!(
            names == [API],
            "expected no service beside the foreign one, found {names:?}"
        );
        Ok(())
    })
}
