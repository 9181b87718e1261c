//! Functions and data sources that read X.509 objects. OpenSSL creates the objects and returns the expected values.
//!
//! Must not use code of the provider.

mod bundle;
mod chain;
mod data_sources;
mod fingerprint;
mod parse;
mod request;
mod throwaway;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use tfharness::{Cli, Stack, Workspace};

use crate::diagnostic::{Diagnostic, PLAN, run};
use crate::scenario::side_by_side;

/// Requires the provider, without a `provider` block: functions need no configuration.
const REQUIREMENTS: &str =
    "terraform {\n  required_providers {\n    skreg = { source = \"skreg/skreg\" }\n  }\n}\n";

/// Runs a scenario concurrently with every command line, without AWS.
fn with_every_cli(scenario: impl Fn(&Cli) -> Result<()> + Sync) -> Result<()> {
    let all = Cli::all()?;
    side_by_side(&all, all.len(), |cli| {
        scenario(cli).with_context(|| format!("with {cli}"))
    })
    .map(drop)
}

/// Initializes a root module with PEM files, by name.
fn module(cli: &Cli, hcl: &str, files: &[(&str, &str)]) -> Result<Stack> {
    let workspace = Workspace::inline(format!("{REQUIREMENTS}{hcl}")).cli(cli);
    let workspace = files.iter().fold(workspace, |workspace, (name, text)| {
        workspace.file(name, *text)
    });
    Ok(workspace.init()?)
}

fn output(expression: &str) -> String {
    format!("output \"result\" {{\n  value = {expression}\n}}\n")
}

/// Applies a configuration that outputs an expression, and returns its value.
fn value(stack: &Stack, expression: &str) -> Result<Value> {
    stack.write("output.tf", &output(expression))?;
    stack.succeed(&["apply", "-auto-approve", "-input=false"])?;
    let outputs = stack.outputs()?;
    let result = outputs.get("result").context("no output value")?;
    Ok(result.value.clone())
}

/// Checks that the plan of an expression fails with one error, about this parameter and with these texts.
fn expect_argument_error(
    stack: &Stack,
    expression: &str,
    parameter: &str,
    texts: &[&str],
) -> Result<()> {
    stack.write("output.tf", &output(expression))?;
    let (finished, found) = run(stack, PLAN)?;
    // Messages are wrapped for the width of a terminal.
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let fits = |error: &Diagnostic| {
        let detail = words(&error.detail);
        let named = format!("\"{parameter}\"");
        detail.contains(&named) && texts.iter().all(|text| detail.contains(text))
    };
    ensure!(
        finished.code() == Some(1) && found.len() == 1 && found.iter().all(fits),
        "{expression}: expected an error about {parameter:?} with {texts:?}, found {found:?}"
    );
    Ok(())
}
