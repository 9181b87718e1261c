//! Invalid bundles, one row each. Every row results in a diagnostic with the location, the cause, and the remedy.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use tfharness::{Cli, LocalAws, Workspace};

use crate::bundle::{API, bundle, services};
use crate::deployed;
use crate::diagnostic::{APPLY, PLAN, Saying, expect_refused, listed, run};
use crate::infrastructure::{CLUSTER, Infrastructure};
use crate::scenario::{expect_nothing_stored, with_one_cli};

/// A value within `services` that is rejected during planning.
struct Refused {
    pointer: &'static str,
    value: Value,
    /// Cause and location in the error.
    says: &'static [&'static str],
    /// Remedy in one of the errors.
    remedy: &'static str,
}

fn refused_services() -> Vec<Refused> {
    let row = |pointer, value, says, remedy| Refused {
        pointer,
        value,
        says,
        remedy,
    };
    vec![
        row(
            "/api/memory",
            json!(8192),
            &["services[\"api\"].memory", "512"],
            "1024, 2048, 3072, 4096",
        ),
        row(
            "/api/cpu",
            json!(300),
            &["services[\"api\"].cpu", "300"],
            "256, 512, 1024",
        ),
        row(
            "/api/port",
            Value::Null,
            &["services[\"api\"]", "requires the port"],
            "Set `port` for this service",
        ),
        row(
            "/api/environment",
            json!({ "API_TOKEN": "x" }),
            &["API_TOKEN", "secrets"],
            "Store the value in Secrets Manager",
        ),
        row(
            "/api/environment",
            json!({ "QUEUE_TOKEN": "x" }),
            &["QUEUE_TOKEN"],
            "Remove one of them",
        ),
        row(
            "/api/secrets",
            json!({ "DB": "arn:aws:secretsmanager:eu-central-1:123456789012:secret:shop/db-AbCdEf:password" }),
            &["services[\"api\"].secrets[\"DB\"]", "ends in `:password`"],
            "secret:shop/db-AbCdEf:password::",
        ),
        row(
            "/api/load_balancer/0/container",
            json!("envoy"),
            &[
                "services[\"api\"].load_balancer[0].container",
                "no container \"envoy\"",
            ],
            "Specify the key of a sidecar",
        ),
        row(
            "/api/stop_timeout",
            json!(121),
            &["services[\"api\"].stop_timeout"],
            "between 2 and 120",
        ),
        row(
            "/api/desired_count",
            json!(-1),
            &["services[\"api\"].desired_count"],
            "between 0 and 5000",
        ),
        row(
            "/api/container_overrides_json",
            json!("{\"read_only\":true}"),
            &[
                "services[\"api\"].container_overrides_json",
                "has no field read_only",
            ],
            "field names of ContainerDefinition in the ECS API",
        ),
        row(
            "/api/sidecars",
            json!({ "api": { "image": { "repository_url": "envoy", "tag": "1" } } }),
            &[
                "services[\"api\"].sidecars[\"api\"]",
                "also has the name api",
            ],
            "Use a different name for the sidecar",
        ),
        row(
            "/worker/service_connect",
            json!({ "publish": {} }),
            &["services[\"worker\"].service_connect.publish", "listens on"],
            "Set `port` for this service",
        ),
        row(
            "/api/ephemeral_storage_gib",
            json!(20),
            &["services[\"api\"].ephemeral_storage_gib"],
            "between 21 and 200",
        ),
        row(
            "/Api",
            json!({ "cpu": 256, "memory": 512 }),
            &["services[\"Api\"]"],
            "lowercase letters, digits, and hyphens",
        ),
    ]
}

#[test]
fn invalid_bundles_are_rejected_during_planning() -> Result<()> {
    with_one_cli(|cli, aws| {
        let infrastructure = Infrastructure::create(aws)?;
        let mut stack = bundle(cli, aws, &infrastructure).init()?;
        for row in refused_services() {
            let mut services = services(&infrastructure);
            let (parent, key) = row
                .pointer
                .rsplit_once('/')
                .context("the pointer has no last part")?;
            services
                .pointer_mut(parent)
                .context("the parent does not exist")?[key] = row.value;
            stack.set_var("services", services);
            // For a value within an element, the CLIs point to the first line of the resource.
            let at = match parent {
                "" => "services",
                _ => "resource",
            };
            let saying = Saying {
                at: Some(at),
                says: row.says,
            };
            let errors = expect_refused(&stack, PLAN, &saying).context(row.pointer)?;
            ensure!(
                listed(&errors).contains(row.remedy),
                "{}: expected the remedy {:?}, found {}",
                row.pointer,
                row.remedy,
                listed(&errors)
            );
        }
        stack.set_var("services", json!({}));
        expect_refused(
            &stack,
            PLAN,
            &Saying {
                at: Some("services"),
                says: &["services", "1"],
            },
        )?;
        stack.set_var("services", services(&infrastructure));

        let repository = "public.ecr.aws/docker/library/busybox";
        for (image, says) in [
            (
                json!({ "repository_url": repository }),
                [
                    "`image.tag`",
                    "neither a tag nor a digest",
                    "Set `tag` or, preferably, `digest`",
                ],
            ),
            (
                json!({ "repository_url": format!("{repository}:1"), "tag": "1" }),
                [
                    "`image.repository_url`",
                    "already contains \":1\"",
                    "Move it from `repository_url`",
                ],
            ),
            (
                json!({ "repository_url": format!("https://{repository}"), "tag": "1" }),
                [
                    "`image.repository_url`",
                    "is not a valid repository",
                    "without https://",
                ],
            ),
            (
                json!({ "repository_url": repository, "digest": "sha256:12" }),
                ["`image.digest`", "is not a valid digest", "64 hexadecimal"],
            ),
        ] {
            stack.set_var("image", image);
            expect_refused(
                &stack,
                PLAN,
                &Saying {
                    at: Some("resource"),
                    says: &says,
                },
            )?;
        }
        ensure!(
            aws.count("ecs", "RegisterTaskDefinition") == 0,
            "expected that no task definition is registered"
        );
        Ok(())
    })
}

#[test]
fn invalid_rollout_and_capacity_settings_are_rejected_during_planning() -> Result<()> {
    with_one_cli(|cli, aws| {
        let infrastructure = Infrastructure::create(aws)?;
        let mut stack = bundle(cli, aws, &infrastructure).init()?;
        for (more, says) in [
            (
                json!({ "capacity": {} }),
                ["`capacity`", "Set either launch_type or providers"],
            ),
            (
                json!({ "deployment": { "circuit_breaker": { "threshold_type": "COUNT" } } }),
                [
                    "`deployment.circuit_breaker.threshold_type`",
                    "Set both threshold_type and threshold_value",
                ],
            ),
            (
                json!({ "release": { "rollback_to": { "ap": 1 } } }),
                ["`release.rollback_to[\"ap\"]`", "Remove the entry"],
            ),
            (
                json!({ "platform_version": "latest" }),
                ["platform_version", "be LATEST or a version such as 1.4.0"],
            ),
        ] {
            stack.set_var("more", more);
            let (finished, errors) = run(&stack, PLAN)?;
            let text = listed(&errors);
            ensure!(
                finished.code() == Some(1) && says.iter().all(|part| text.contains(part)),
                "expected {says:?}, found {text}"
            );
        }
        Ok(())
    })
}

/// Creates a bundle with invalid prerequisites that only AWS can detect.
fn misplaced(
    cli: &Cli,
    aws: &LocalAws,
    change: impl FnOnce(&mut Infrastructure),
) -> Result<Workspace> {
    let mut infrastructure = Infrastructure::create(aws)?;
    change(&mut infrastructure);
    Ok(bundle(cli, aws, &infrastructure))
}

#[test]
fn bundle_with_invalid_prerequisites_is_rejected_with_the_reason() -> Result<()> {
    with_one_cli(|cli, aws| {
        let cases = [
            (
                misplaced(cli, aws, |infrastructure| {
                    infrastructure.target_group = infrastructure.idle_target_group.clone()
                })?,
                "resource",
                vec!["Target group has no listener", "depends_on"],
            ),
            (
                misplaced(cli, &aws.sibling(), |infrastructure| {
                    infrastructure.target_group.push('0')
                })?,
                "resource",
                vec!["Target group does not exist", "Check the ARN"],
            ),
            (
                misplaced(cli, &aws.sibling(), |infrastructure| {
                    infrastructure.cluster.push('0')
                })?,
                "cluster",
                vec![
                    "Cluster cannot be used",
                    "is missing",
                    "Create the cluster first",
                ],
            ),
        ];
        for (workspace, at, says) in cases {
            let stack = workspace.init()?;
            expect_refused(
                &stack,
                APPLY,
                &Saying {
                    at: Some(at),
                    says: &says,
                },
            )?;
            expect_nothing_stored(&stack)?;
        }
        Ok(())
    })
}

#[test]
fn foreign_service_is_unchanged() -> Result<()> {
    with_one_cli(|cli, aws| {
        let infrastructure = Infrastructure::create(aws)?;
        let containers = json!([{ "name": "other", "image": "busybox" }]);
        let register = json!({ "family": "other", "containerDefinitions": containers });
        aws.call("ecs", "RegisterTaskDefinition", register)?;
        let create = json!({ "cluster": CLUSTER, "serviceName": API, "taskDefinition": "other", "desiredCount": 1 });
        let before = aws.call("ecs", "CreateService", create)?;
        let stack = bundle(cli, aws, &infrastructure).init()?;
        let import = format!("import ADDRESS '{}/shop'", infrastructure.cluster);
        let says = [
            "The service shop-api already exists",
            "no bundle created it",
            &import,
        ];
        let saying = Saying {
            at: Some("services"),
            says: &says,
        };
        for command in [PLAN, APPLY] {
            expect_refused(&stack, command, &saying)?;
        }
        let after = deployed::service(aws, CLUSTER, API)?;
        for field in ["status", "taskDefinition", "desiredCount", "createdAt"] {
            let (before, after) = (&before["service"][field], &after[field]);
            ensure!(
                before == after,
                "expected {field} of the foreign service to remain {before}, found {after}"
            );
        }
        let names = deployed::service_names(aws, CLUSTER)?;
        ensure!(
            names == [API],
            "expected only the foreign service, found {names:?}"
        );
        Ok(())
    })
}
