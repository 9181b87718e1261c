//! Tests for the corner provider under Terraform and OpenTofu, which cover edge cases in the protocol. The tests do not
//! use AWS.
//!
//! The tests must not depend on the implementation of the provider. They check plans, state, diagnostics, and the files
//! that the provider stores.

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

use crate::clis::offline::{with_every_cli, with_one_cli};
use crate::example;

/// Provider configuration in the root module.
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

/// Returns a workspace with the provider configuration and resources.
fn corner(cli: &Cli, resources: &str) -> Result<Workspace> {
    let program = example::program("corner")?;
    Ok(Workspace::inline(HEAD)
        .file("resources.tf", resources)
        .cli(cli)
        .provider("corner/corner", program))
}

/// Replaces the resources in the root module of a stack.
fn rewrite(stack: &Stack, resources: &str) -> Result<()> {
    Ok(stack.write("resources.tf", resources)?)
}

/// Returns the planned change to a resource.
fn change(plan: &Plan, address: &str) -> Result<Change> {
    let resource = plan.resource(address);
    Ok(resource
        .with_context(|| format!("{address} is missing from {:?}", plan.resource_changes))?
        .change
        .clone())
}

/// Returns the attributes of a resource in the state.
fn state(stack: &Stack, address: &str) -> Result<Value> {
    let state = stack.show()?;
    let resource = state.resources.get(address);
    Ok(resource
        .with_context(|| format!("{address} is missing from {:?}", state.resources.keys()))?
        .values
        .clone())
}

/// Returns whether a resource is tainted and the next apply therefore replaces it.
fn tainted(stack: &Stack, address: &str) -> Result<bool> {
    let state = stack.show()?;
    Ok(state
        .resources
        .get(address)
        .with_context(|| format!("{address} is missing from the state"))?
        .tainted)
}

/// Returns the content of the file that stores an object.
fn object(stack: &Stack, file: &str) -> Result<String> {
    let path = stack.directory().join("objects").join(file);
    fs::read_to_string(&path).with_context(|| path.to_string())
}

/// Changes the file that stores an object, without the provider.
fn edit(stack: &Stack, file: &str, from: &str, to: &str) -> Result<()> {
    let text = object(stack, file)?;
    anyhow::ensure!(
        text.contains(from),
        "{file} does not contain {from}: {text}"
    );
    Ok(fs::write(
        stack.directory().join("objects").join(file),
        text.replace(from, to),
    )?)
}

/// Returns the number of stored objects.
fn objects(stack: &Stack) -> Result<usize> {
    Ok(fs::read_dir(stack.directory().join("objects"))?.count())
}
