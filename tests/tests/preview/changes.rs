//! Changes of an environment: what a plan changes, and what it does not change.

use acceptance::alternating_clis;
use anyhow::{Context as _, Result, ensure};
use serde_json::json;
use tfharness::workspace::{Action, Plan};

use crate::base;
use crate::environment::{BASE, example, image};
use crate::facts::{Facts, is};

/// Returns the addresses of the changes, each with its actions.
///
/// OpenTofu also plans an update without a difference if the value of a write-only argument is sensitive and unknown. It is
/// omitted.
fn changes(plan: &Plan) -> Vec<(&str, &[Action])> {
    let mut found: Vec<_> = plan
        .changes()
        .filter(|each| each.change.before != each.change.after)
        .map(|each| {
            let address = each.address.trim_start_matches("module.environment.");
            (address, each.change.actions.as_slice())
        })
        .collect();
    found.sort_by_key(|(address, _)| *address);
    found
}

/// Action of a change in place, and of a replacement.
const UPDATE: &[Action] = &[Action::Update];
const REPLACE: &[Action] = &[Action::Delete, Action::Create];

#[test]
fn a_change_of_the_configuration_replaces_only_the_pods_that_read_it() -> Result<()> {
    for cli in alternating_clis()? {
        let mut stack = example(&cli, "preview")?.apply()?;
        let checksum = |plan: &Plan, name: &str| {
            let address = format!("module.environment.kubernetes_deployment_v1.{name}");
            let change = plan.resource(&address).context("no change")?;
            let of = |side: &serde_json::Value| {
                side["spec"][0]["template"][0]["metadata"][0]["annotations"]
                    ["checksum/configuration"]
                    .clone()
            };
            let (before, after) = (of(&change.change.before), of(&change.change.after));
            ensure!(
                before.is_string() && before != after,
                "{name}: {before} and {after}"
            );
            anyhow::Ok(())
        };
        for (variable, value, name) in [
            ("api_configuration", json!({ "LOG_LEVEL": "debug" }), "api"),
            ("web_configuration", json!({ "theme": "dark" }), "web"),
        ] {
            stack.set_var(variable, value);
            let plan = stack.plan()?;
            let expected = [
                (format!("kubernetes_config_map_v1.{name}"), UPDATE),
                (format!("kubernetes_deployment_v1.{name}"), UPDATE),
            ];
            let found = changes(&plan);
            ensure!(
                found.len() == 2
                    && found
                        .iter()
                        .zip(&expected)
                        .all(|(found, expected)| found.0 == expected.0 && found.1 == expected.1),
                "{cli}: {variable} changes {found:?}"
            );
            checksum(&plan, name)?;
            stack.apply()?;
        }
    }
    Ok(())
}

#[test]
fn a_new_image_migrates_before_the_api_changes() -> Result<()> {
    for cli in alternating_clis()? {
        let mut stack = example(&cli, "preview")?.apply()?;
        stack.set_var("api_image", image("api", 'c'));
        let plan = stack.plan()?;
        let found = changes(&plan);
        ensure!(
            found
                == [
                    ("kubernetes_deployment_v1.api", UPDATE),
                    ("kubernetes_job_v1.migration", REPLACE),
                ],
            "{cli}: another image changes {found:?}"
        );
        stack.apply()?;
        let facts = Facts::of(&stack)?;
        is(
            facts.output("migration_job")?,
            "",
            json!("migration-cccccccccccc"),
        )?;

        stack.set_var("secrets_version", 2);
        let plan = stack.plan()?;
        let found = changes(&plan);
        ensure!(
            found
                == [
                    ("kubernetes_deployment_v1.api", UPDATE),
                    ("kubernetes_deployment_v1.web", UPDATE),
                    ("kubernetes_job_v1.database", REPLACE),
                    ("kubernetes_secret_v1.api", UPDATE),
                    ("kubernetes_secret_v1.database", UPDATE),
                    ("kubernetes_secret_v1.registry", UPDATE),
                ],
            "{cli}: a rotation changes {found:?}"
        );
        stack.apply()?;
    }
    Ok(())
}

#[test]
fn a_changed_output_of_the_base_reaches_an_environment() -> Result<()> {
    for cli in alternating_clis()? {
        let stack = example(&cli, "preview")?.apply()?;
        let base = base::example(&cli, "preview")
            .var("postgresql", json!({ "managed": true }))
            .apply()?;
        stack.write(BASE, &base.state_text()?)?;
        let facts = Facts::of(&base)?;
        let host = facts.output("postgresql_host")?.clone();
        let plan = stack.plan()?;
        let found = changes(&plan);
        let addresses: Vec<_> = found.iter().map(|(address, _)| *address).collect();
        for address in [
            "kubernetes_config_map_v1.api",
            "kubernetes_deployment_v1.api",
            "kubernetes_network_policy_v1.database",
        ] {
            ensure!(addresses.contains(&address), "{cli}: {addresses:?}");
        }
        stack.apply()?;
        let facts = Facts::of(&stack)?;
        is(
            facts.at("kubernetes_config_map_v1.api")?,
            "/data/DB_HOST",
            host,
        )?;
    }
    Ok(())
}
