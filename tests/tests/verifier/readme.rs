//! Reads the shell commands in a README, and installs programs that they run.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use anyhow::{Context as _, Result, ensure};
use camino::Utf8Path;
use tfharness::Cli;

/// Returns the shell blocks in a section of a README.
pub(crate) fn blocks(readme: &str, heading: &str) -> Result<Vec<String>> {
    let (_, rest) = readme
        .split_once(&format!("## {heading}\n"))
        .with_context(|| heading.to_owned())?;
    let section = rest.split("\n## ").next().unwrap_or(rest);
    let blocks = section.split("```sh\n").skip(1);
    let blocks: Vec<_> = blocks
        .filter_map(|block| Some(block.split_once("```")?.0.to_owned()))
        .collect();
    ensure!(!blocks.is_empty(), "{heading} has no commands");
    Ok(blocks)
}

/// Installs the CLI as `tofu` in a folder of programs.
pub(crate) fn install_cli(cli: &Cli, folder: &Utf8Path) -> Result<()> {
    let text = format!("#!/bin/sh\nexec {} \"$@\"\n", cli.path());
    install(&folder.join("tofu"), &text)
}

/// Writes a program.
pub(crate) fn install(path: &Utf8Path, text: &str) -> Result<()> {
    fs::write(path, text)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755))?;
    Ok(())
}
