//! Runs the commands of READMEs in a shell, with the CLI under test as `tofu`. A user who approves answers every question
//! with `yes`.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use camino::Utf8Path;
use tfharness::toolchain::emulator_python;
use tfharness::workspace::{Finished, Stack};
use tfharness::{Cli, Workspace};

use crate::readme::{install, install_cli};

/// Runs the commands of the AWS CLI in the READMEs.
const AWS: &str = include_str!("aws.py");

/// Runs commands, and returns their result, even if they fail.
pub(crate) fn run(stack: &Stack, commands: &str) -> Result<Finished> {
    let script = format!("yes yes | {{\n{commands}\n}}");
    let running = stack.start_program("sh", &["-euc", &script])?;
    Ok(running.wait()?)
}

/// Runs commands that must succeed, and returns their standard output.
pub(crate) fn succeed(stack: &Stack, commands: &str) -> Result<String> {
    let finished = run(stack, commands)?;
    ensure!(
        finished.code() == Some(0),
        "{commands}\n{}{}",
        finished.stdout,
        finished.stderr
    );
    Ok(finished.stdout)
}

/// Installs the CLI as `tofu` and the commands of the AWS CLI in a folder, and returns the workspace with them.
pub(crate) fn in_shell(cli: &Cli, workspace: Workspace, programs: &Path) -> Result<Workspace> {
    let folder = Utf8Path::from_path(programs).context("not UTF-8")?;
    install_cli(cli, folder)?;
    let python = emulator_python()?;
    install(&folder.join("aws"), &format!("#!{python}\n{AWS}"))?;
    let path = std::env::var("PATH").unwrap_or_default();
    Ok(workspace
        .env("PATH", format!("{folder}:{path}"))
        .env("TF_CLI_ARGS", "-no-color")
        .without_env("TF_INPUT"))
}

/// Returns the ID of the lock in an error message, which ends with a comma if more follows.
pub(crate) fn lock_id(message: &str) -> Result<String> {
    let (_, rest) = message
        .split_once(" ID:")
        .with_context(|| format!("no lock ID in {message}"))?;
    let id = rest.split_whitespace().next().unwrap_or_default();
    Ok(id.trim_end_matches(',').to_owned())
}
