//! Checks that the CLIs and Rust compute the same values for random expressions. The expressions include strings with
//! every marker, quote, and control character at every position.

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use tfharness::{Cli, Workspace};

use crate::program;

/// Number of random strings in a module, in addition to adversarial strings and expressions.
const TEXTS: usize = 10_000;

#[test]
fn expressions_evaluate_to_the_computed_values() -> Result<()> {
    for (position, cli) in Cli::all()?.into_iter().enumerate() {
        let seed = (2026 + position).to_string();
        let printed: Value = serde_json::from_str(&program::output("expressions", &[&seed])?)?;
        let files = printed["files"].as_object().context("files")?;
        let values = printed["values"].as_object().context("values")?;
        ensure!(
            values["texts"].as_array().map(Vec::len) == Some(TEXTS),
            "expected {TEXTS} strings in the module"
        );
        let mut workspace = Workspace::inline("").cli(&cli);
        for (name, text) in files {
            workspace = workspace.file(name, text.as_str().context("the content is not a string")?);
        }
        let stack = workspace.init()?;
        let format = stack.run(&["fmt", "-check", "-diff", "-no-color"])?;
        ensure!(
            format.code() == Some(0),
            "seed {seed}: `{cli} fmt` changes the module:\n{}",
            format.stdout
        );
        stack.apply_once()?;
        let outputs = stack.outputs()?;
        ensure!(
            outputs.len() == values.len(),
            "the outputs from {cli} differ from the outputs of the module"
        );
        for (name, value) in values {
            let found = &outputs[name].value;
            ensure!(
                found == value,
                "seed {seed}, output {name}: expected {value}, {cli} evaluates {found}"
            );
        }
    }
    Ok(())
}
