//! Resource identity under Terraform and OpenTofu. OpenTofu supports identities in 1.12 and later, and Terraform 1.11
//! does not.

use anyhow::{Context as _, Result, ensure};
use serde_json::json;
use tfharness::workspace::Action;
use tfharness::{Cli, Kind, Stack};

use super::{change, corner, rewrite, state, with_one_cli};
use crate::diagnostic::{PLAN, Saying, expect_refused, run};

const ADDRESS: &str = "corner_place.city";

fn city(arguments: &str) -> String {
    format!("resource \"corner_place\" \"city\" {{\n  name = \"Nice\"\n  {arguments}\n}}\n")
}

fn importing(identity: &str) -> String {
    format!(
        "{}import {{\n  to = {ADDRESS}\n  identity = {{\n    {identity}\n  }}\n}}\n",
        city("note = \"old\"")
    )
}

/// Returns whether a CLI supports identities. All tested versions of OpenTofu do, and no tested version of Terraform
/// does.
fn supports_identity(cli: &Cli) -> bool {
    cli.kind() == Kind::Tofu
}

/// Returns a stack with a place that exists but is not in the state.
fn untracked(cli: &Cli) -> Result<Stack> {
    let stack = corner(cli, &city("note = \"old\""))?.apply()?;
    stack.succeed(&["state", "rm", ADDRESS])?;
    Ok(stack)
}

#[test]
fn object_is_imported_by_its_identity() -> Result<()> {
    with_one_cli(|cli| {
        let stack = untracked(cli)?;
        rewrite(&stack, &importing("name = \"Nice\""))?;
        if supports_identity(cli) {
            let planned = change(&stack.plan()?, ADDRESS)?;
            assert_eq!(planned.actions, [Action::NoOp]);
            stack.apply()?;
        } else {
            let (finished, diagnostics) = run(&stack, PLAN)?;
            ensure!(finished.code() == Some(1), "{finished:?}");
            let refused = |text: &str| diagnostics.iter().any(|found| found.detail.contains(text));
            ensure!(
                refused("\"identity\" is not expected here"),
                "{diagnostics:?}"
            );
            rewrite(&stack, &city("note = \"old\""))?;
            stack.import(ADDRESS, "Nice")?;
        }
        let imported = state(&stack, ADDRESS)?;
        assert_eq!(
            (&imported["note"], &imported["streets"]),
            (&json!("old"), &json!(["Nice street"]))
        );
        stack.expect_empty_plan()?;
        Ok(stack.destroy()?)
    })
}

#[test]
fn incomplete_identity_is_rejected() -> Result<()> {
    with_one_cli(|cli| {
        if !supports_identity(cli) {
            return Ok(());
        }
        let stack = untracked(cli)?;
        rewrite(&stack, &importing("country = \"France\""))?;
        let (finished, diagnostics) = run(&stack, PLAN)?;
        ensure!(finished.code() == Some(1), "{finished:?}");
        let named = |found: &crate::diagnostic::Diagnostic| {
            found.summary.contains("name") || found.detail.contains("name")
        };
        ensure!(diagnostics.iter().any(named), "{diagnostics:?}");
        rewrite(&stack, &city("note = \"old\""))?;
        stack.import(ADDRESS, "Nice")?;
        Ok(stack.destroy()?)
    })
}

#[test]
fn identity_is_stored_if_the_cli_supports_it() -> Result<()> {
    with_one_cli(|cli| {
        let stack = corner(cli, &city(""))?.apply()?;
        let stored: serde_json::Value = serde_json::from_str(&stack.state_text()?)?;
        let instance = stored
            .pointer("/resources/0/instances/0")
            .context("the state contains no instance")?;
        let expected = match supports_identity(cli) {
            true => json!({ "name": "Nice", "country": "France", "streets": ["Nice street"] }),
            false => serde_json::Value::Null,
        };
        assert_eq!(instance["identity"], expected, "{instance}");
        // The replacement has a new identity.
        rewrite(&stack, &city("country = \"Italy\""))?;
        assert_eq!(
            change(&stack.plan()?, ADDRESS)?.actions,
            [Action::Delete, Action::Create]
        );
        stack.apply()?;
        Ok(stack.destroy()?)
    })
}

#[test]
fn changed_identity_is_reported_as_a_bug_in_the_provider() -> Result<()> {
    with_one_cli(|cli| {
        if !supports_identity(cli) {
            return Ok(());
        }
        let stack = corner(cli, &city("misbehave = \"move away\""))?.init()?;
        stack.succeed(&["apply", "-auto-approve", "-input=false"])?;
        let saying = Saying {
            at: Some("resource \"corner_place\""),
            says: &[
                "The identity of corner_place violates the plugin protocol",
                "`country`",
            ],
        };
        expect_refused(&stack, PLAN, &saying)?;
        stack.succeed(&["destroy", "-auto-approve", "-input=false", "-refresh=false"])?;
        Ok(())
    })
}
