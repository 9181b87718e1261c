//! Packages from `init` to `destroy`, without `hashicorp/aws`, `skreg/skreg`, and an API.

use acceptance::alternating_clis;
use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use tfharness::Workspace;

use crate::providers;

#[test]
fn skreg_package_applies_changes_and_destroys() -> Result<()> {
    for cli in alternating_clis()? {
        let mut stack = Workspace::of("examples/skreg")
            .cli(&cli)
            .doubles(providers::all())
            .var("github_repository", "skreg/skreg")
            .var("disposable", true)
            .var("region", "eu-central-1")
            .init()?;
        let validation = stack.validate()?;
        ensure!(validation.valid, "{cli}: {:#?}", validation.diagnostics);
        let planned = stack.plan()?;
        let created = planned.changes().count();
        ensure!(created > 90, "{cli}: {created} resources are planned");
        stack.apply()?;

        let bucket: String = stack.output("bucket_name")?;
        ensure!(bucket.starts_with("skreg-"), "{cli}: bucket {bucket}");
        let state = stack.show()?;
        let instance = state.managed().find(|each| each.kind == "aws_db_instance");
        let instance = instance.context("the state contains no database")?;
        ensure!(
            instance.values["password_wo"].is_null(),
            "{cli}: a write-only argument is in the state"
        );

        stack.set_var("api_tasks", 3);
        let changed = stack.plan()?;
        let changes: Vec<_> = changed.changes().map(|each| each.kind.as_str()).collect();
        ensure!(
            changes == ["skreg_ecs_service_bundle"],
            "{cli}: one more task changes {changes:?}"
        );
        stack.apply()?;
        stack.destroy()?;
        let left = stack.show()?.resources;
        ensure!(left.is_empty(), "{cli}: {left:?} remain");
    }
    Ok(())
}

/// An example with its required variables.
struct Example {
    name: &'static str,
    variables: Vec<(&'static str, Value)>,
}

/// Returns the examples whose modules accept all generated values.
fn examples() -> Vec<Example> {
    let address = json!("devops@example.com");
    vec![
        Example {
            name: "ml-api-minimal",
            variables: vec![("environment_suffix", json!("green"))],
        },
        Example {
            name: "pipeline-codecommit",
            variables: vec![
                ("repository", json!("shop")),
                ("notification_email", address.clone()),
                ("disposable", json!(true)),
            ],
        },
        Example {
            name: "pipeline-github",
            variables: vec![
                ("github_repository", json!("example/shop")),
                (
                    "ecs_service",
                    json!({
                        "cluster_name": "shop",
                        "service_name": "shop",
                        "container_name": "shop",
                        "role_arns": ["arn:aws:iam::123456789012:role/shop"],
                    }),
                ),
                ("notification_email", address),
                ("disposable", json!(true)),
            ],
        },
    ]
}

#[test]
fn examples_apply_once_and_destroy() -> Result<()> {
    for cli in alternating_clis()? {
        for example in examples() {
            let path = format!("examples/{}", example.name);
            let workspace = Workspace::of(path).cli(&cli).doubles(providers::all());
            let variables = example.variables.into_iter();
            let workspace = variables.fold(workspace, |workspace, (name, value)| {
                workspace.var(name, value)
            });
            let name = example.name;
            let about = || format!("{name} with {cli}");
            let stack = workspace.init().with_context(about)?;
            let validation = stack.validate()?;
            ensure!(
                validation.valid,
                "{}: {:#?}",
                about(),
                validation.diagnostics
            );
            // The harness expects an empty second plan.
            stack.apply().with_context(about)?;
            let created = stack.show()?.managed().count();
            ensure!(created > 20, "{}: {created} objects", about());
            stack.destroy().with_context(about)?;
            let left = stack.show()?.resources;
            ensure!(left.is_empty(), "{}: {left:?} remain", about());
        }
    }
    Ok(())
}
