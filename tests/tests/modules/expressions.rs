//! Random expressions: the command line and Rust compute the same values. They include texts with every marker, quote
//! and control character in every position.

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use tfharness::{Cli, Workspace};

use crate::program;

/// Number of random texts in a module, besides adversarial texts and expressions.
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
            "expected {TEXTS} texts in the module"
        );
        let mut workspace = Workspace::inline("").cli(&cli);
        for (name, text) in files {
            workspace = workspace.file(name, text.as_str().context("the content is not a text")?);
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
            "the outputs of {cli} differ from those of the module"
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
