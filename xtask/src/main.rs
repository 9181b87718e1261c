//! `cargo xtask`: the development commands of this repository, and the only program that writes generated files.
//!
//! This file parses the command line and converts the result to an exit code. Each command has a separate module.

mod bench;
mod catalog;
mod cli;
mod console;
mod demo;
mod doctor;
#[path = "gen/mod.rs"]
mod generate;
mod interrupt;
mod manual;
mod module;
mod repository;
mod schema;
mod test;
mod tidy;

use std::process::ExitCode;

use anyhow::Result;
use clap::Parser as _;
use tfharness::toolchain::{FindError, ToolError};

use cli::{Cli, Command};
use repository::{Missing, Repository};

/// Exit code for a missing tool. The error specifies the command that installs the tool.
const MISSING: u8 = 3;

fn main() -> ExitCode {
    match run(&Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        // An error after an interrupt is a consequence of the interrupt.
        Err(_) if interrupt::happened() => ExitCode::from(interrupt::EXIT_CODE),
        Err(error) => {
            console::bad(&format!("{error:#}"));
            match is_missing(&error) {
                true => ExitCode::from(MISSING),
                false => ExitCode::FAILURE,
            }
        }
    }
}

fn run(cli: &Cli) -> Result<()> {
    interrupt::watch()?;
    let repository = Repository::find()?;
    match &cli.command {
        Command::Doctor(options) => doctor::doctor(&repository, options),
        Command::Demo(options) => demo::demo(&repository, options),
        Command::Install(options) => manual::install(&repository, options),
        Command::Aws(options) => manual::aws(options),
        Command::Test(options) => test::test(&repository, options),
        Command::Gen(options) => generate::generate(&repository, options),
        Command::Schema(options) => schema::schema(&repository, options),
        Command::Module(options) => module::module(&repository, options),
        Command::Tidy(options) => tidy::tidy(&repository, options),
        Command::Bench(options) => bench::bench(&repository, options),
    }
}

/// Returns whether a tool must be installed before the command can succeed.
fn is_missing(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause.is::<Missing>()
            || matches!(cause.downcast_ref(), Some(FindError::Missing { .. }))
            || matches!(cause.downcast_ref(), Some(ToolError::Missing { .. }))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use tfharness::aws::StartError;
    use tfharness::toolchain::{BuildError, EmulatorError};

    #[test]
    fn missing_tool_is_found_in_the_error_chain() {
        let missing = || ToolError::Missing {
            name: "Go",
            command: "install go",
        };
        for error in [
            anyhow::Error::new(FindError::Build(BuildError::Tool(missing()))),
            anyhow::Error::new(StartError::Install(EmulatorError::Tool(missing()))),
            anyhow::Error::new(tfharness::workspace::Error::Cli(FindError::Missing {
                kind: tfharness::Kind::Terraform,
                found: Vec::new(),
            })),
        ] {
            assert!(is_missing(&error), "{error:?}");
            assert!(format!("{error:#}").contains("install"), "{error:#}");
        }
    }
}
