//! A package from `init` to `destroy`, without `hashicorp/aws`, `skreg/skreg`, and an API.

use anyhow::{Context as _, Result, ensure};
use tfharness::{Cli, Workspace};

use crate::providers;

#[test]
fn skreg_package_applies_changes_and_destroys() -> Result<()> {
    for cli in Cli::all()? {
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
