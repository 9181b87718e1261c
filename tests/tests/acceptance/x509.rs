//! Functions and data sources that read X.509 objects. OpenSSL creates the objects and returns the expected values.
//!
//! These tests must not use provider code.

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

use crate::clis::offline::with_one_cli;
use crate::diagnostic::{Diagnostic, PLAN, run};

/// Provider requirement without a `provider` block, because functions need no configuration.
const REQUIREMENTS: &str =
    "terraform {\n  required_providers {\n    skreg = { source = \"skreg/skreg\" }\n  }\n}\n";

/// Initializes a root module that contains PEM files. Each file has a name and content.
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

/// Applies an output with this expression and returns its value.
fn value(stack: &Stack, expression: &str) -> Result<Value> {
    stack.write("output.tf", &output(expression))?;
    stack.succeed(&["apply", "-auto-approve", "-input=false"])?;
    let outputs = stack.outputs()?;
    let result = outputs.get("result").context("no output value")?;
    Ok(result.value.clone())
}

/// Checks that planning the expression fails with one error that contains this parameter and these strings.
fn expect_argument_error(
    stack: &Stack,
    expression: &str,
    parameter: &str,
    texts: &[&str],
) -> Result<()> {
    stack.write("output.tf", &output(expression))?;
    let (finished, found) = run(stack, PLAN)?;
    // The CLI wraps messages to the width of the terminal.
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
