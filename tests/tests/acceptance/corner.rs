//! The corner provider under real command lines: every edge of the protocol as a user meets it. Needs no AWS.
//!
//! Must not look into the provider: what is expected stands in plans, state, diagnostics and the files it keeps.

mod blocks;
mod bugs;
mod data;
mod ephemeral;
mod failing;
mod function;
mod identity;
mod life;
mod planning;
mod serving;
mod values;

use std::fs;

use anyhow::{Context as _, Result};
use serde_json::Value;
use tfharness::workspace::{Change, Plan};
use tfharness::{Cli, Stack, Workspace};

use crate::example;
use crate::scenario::side_by_side;

/// Where a provider of this configuration keeps its objects, from the root module.
const HEAD: &str = r#"
terraform {
  required_providers {
    corner = {
      source = "corner/corner"
    }
  }
}

provider "corner" {
  directory = "objects"
}
"#;

/// A configuration of corner resources.
fn corner(cli: &Cli, resources: &str) -> Result<Workspace> {
    let program = example::program("corner")?;
    Ok(Workspace::inline(HEAD)
        .file("resources.tf", resources)
        .cli(cli)
        .provider("corner/corner", program))
}

/// Replaces the resources of a configuration.
fn rewrite(stack: &Stack, resources: &str) -> Result<()> {
    Ok(stack.write("resources.tf", resources)?)
}

/// Runs a scenario under every command line, side by side.
pub(crate) fn with_every_cli(scenario: impl Fn(&Cli) -> Result<()> + Sync) -> Result<()> {
    let clis = Cli::all()?;
    side_by_side(&clis, clis.len(), |cli| {
        scenario(cli).with_context(|| format!("under {cli}"))
    })
    .map(drop)
}

/// The planned change of a resource.
fn change(plan: &Plan, address: &str) -> Result<Change> {
    let resource = plan.resource(address);
    Ok(resource
        .with_context(|| format!("no {address} in {:?}", plan.resource_changes))?
        .change
        .clone())
}

/// The stored attributes of a resource.
fn state(stack: &Stack, address: &str) -> Result<Value> {
    let state = stack.show()?;
    let resource = state.resources.get(address);
    Ok(resource
        .with_context(|| format!("no {address} in {:?}", state.resources.keys()))?
        .values
        .clone())
}

/// Whether the next apply replaces a stored resource.
fn tainted(stack: &Stack, address: &str) -> Result<bool> {
    let state = stack.show()?;
    Ok(state
        .resources
        .get(address)
        .with_context(|| format!("no {address}"))?
        .tainted)
}

/// The text of an object's file.
fn object(stack: &Stack, file: &str) -> Result<String> {
    let path = stack.directory().join("objects").join(file);
    fs::read_to_string(&path).with_context(|| path.to_string())
}

/// Changes an object behind the provider's back.
fn edit(stack: &Stack, file: &str, from: &str, to: &str) -> Result<()> {
    let text = object(stack, file)?;
    anyhow::ensure!(text.contains(from), "{file} has no {from}: {text}");
    Ok(fs::write(
        stack.directory().join("objects").join(file),
        text.replace(from, to),
    )?)
}

/// How many objects there are.
fn objects(stack: &Stack) -> Result<usize> {
    Ok(fs::read_dir(stack.directory().join("objects"))?.count())
}
