//! Compares the schemas in the source of the framework examples with the schemas that the CLIs print.

use std::io::Write as _;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use tfharness::Workspace;

use crate::clis::offline::with_every_cli;
use crate::example;

#[test]
fn printed_schemas_match_the_structs() -> Result<()> {
    with_every_cli(|cli| {
        for name in ["corner", "hello"] {
            let hcl = format!(
                "terraform {{\n  required_providers {{\n    {name} = {{\n      source = \"{name}/{name}\"\n    }}\n  }}\n}}\n"
            );
            let stack = Workspace::inline(hcl)
                .cli(cli)
                .provider(&format!("{name}/{name}"), example::program(name)?)
                .init()?;
            let printed = stack.schemas()?;
            let mut comparison = Command::new(example::program("same_schema")?)
                .arg(name)
                .env_clear()
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()?;
            write!(
                comparison
                    .stdin
                    .take()
                    .context("standard input is not piped")?,
                "{printed}"
            )?;
            let output = comparison.wait_with_output()?;
            let differences = String::from_utf8_lossy(&output.stdout);
            ensure!(output.status.success(), "{name}: {differences}");
        }
        Ok(())
    })
}
