//! `cargo xtask`: everything that is done in this repository, and the one writer of its tree.
//!
//! This file reads the command line and turns the outcome into an exit code; the commands have files of their own.

mod cli;
mod console;
#[path = "gen/mod.rs"]
mod generate;
mod repository;
mod tidy;

use std::process::ExitCode;

use clap::Parser as _;

use cli::{Cli, Command};
use repository::Repository;

fn main() -> ExitCode {
    match run(&Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            console::bad(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run(cli: &Cli) -> anyhow::Result<()> {
    let repository = Repository::find()?;
    match &cli.command {
        Command::Gen(options) => generate::generate(&repository, options),
        Command::Tidy(options) => tidy::tidy(&repository, options),
        _ => anyhow::bail!("not yet"),
    }
}
