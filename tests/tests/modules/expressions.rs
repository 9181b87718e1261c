//! Random expressions: what the command line evaluates is what Rust computed. Among them are texts made of every marker,
//! quote and control character, in every position that a text can have.

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use tfharness::{Cli, Workspace};

use crate::program;

/// Texts in one module, beside the adversarial ones and the expressions.
const TEXTS: usize = 10_000;

#[test]
fn every_expression_has_its_value() -> Result<()> {
    for (position, cli) in Cli::all()?.into_iter().enumerate() {
        let seed = (2026 + position).to_string();
        let printed: Value = serde_json::from_str(&program::output("expressions", &[&seed])?)?;
        let files = printed["files"].as_object().context("files")?;
        let values = printed["values"].as_object().context("values")?;
        ensure!(
            values["texts"].as_array().map(Vec::len) == Some(TEXTS),
            "the module has other texts than {TEXTS}"
        );
        let mut workspace = Workspace::inline("").cli(&cli);
        for (name, text) in files {
            workspace = workspace.file(name, text.as_str().context("a text")?);
        }
        let stack = workspace.init()?;
        let format = stack.run(&["fmt", "-check", "-diff", "-no-color"])?;
        ensure!(
            format.code() == Some(0),
            "seed {seed} is not formatted as `{cli} fmt` would:\n{}",
            format.stdout
        );
        stack.apply_once()?;
        let outputs = stack.outputs()?;
        ensure!(
            outputs.len() == values.len(),
            "{cli} gives other outputs than the module has"
        );
        for (name, value) in values {
            let found = &outputs[name].value;
            ensure!(
                found == value,
                "seed {seed}, output {name}: {cli} evaluates {found}, meant was {value}"
            );
        }
    }
    Ok(())
}
