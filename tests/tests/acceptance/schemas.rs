//! Schemas as the framework's examples author them are what the command lines print for the built programs.

use std::io::Write as _;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use tfharness::Workspace;

use crate::corner::under_every_cli;
use crate::example;

#[test]
fn what_the_structs_say_is_what_the_command_lines_print() -> Result<()> {
    under_every_cli(|cli| {
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
                comparison.stdin.take().context("its standard input")?,
                "{printed}"
            )?;
            let output = comparison.wait_with_output()?;
            let differences = String::from_utf8_lossy(&output.stdout);
            ensure!(output.status.success(), "{name}: {differences}");
        }
        Ok(())
    })
}
