//! Compares the formatter with the `fmt` command in every CLI, byte by byte, on random files and examples.
//!
//! The formatter runs as an example program from its crate.

mod body;
mod expression;
mod quoted;
mod scrambled;

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use camino::{Utf8Path, Utf8PathBuf};
use tfharness::{Cli, Workspace};

/// File contents by name.
type Files = BTreeMap<String, String>;

#[test]
fn random_files_are_formatted_like_every_cli() -> Result<()> {
    let scrambled: Files = (0..1000)
        .map(|seed| (format!("{seed:04}.tf"), body::file(seed)))
        .collect();
    let ours = formatted(&scrambled)?;
    let unchanged = ours
        .iter()
        .filter(|(name, text)| scrambled[*name] == **text);
    ensure!(
        unchanged.count() < 20,
        "the random files must not already be formatted"
    );
    for cli in Cli::all()? {
        let theirs = formatted_by(&cli, &scrambled)?;
        expect_same(&cli.to_string(), &theirs, &ours)?;
    }
    Ok(())
}

#[test]
fn formatter_leaves_examples_unchanged() -> Result<()> {
    let mut examples = Files::new();
    collect(&root()?.join("examples"), &mut examples)?;
    ensure!(!examples.is_empty(), "expected at least one example");
    expect_same("the example", &examples, &formatted(&examples)?)
}

/// Returns the files as the formatter prints them.
fn formatted(files: &Files) -> Result<Files> {
    let directory = tempfile::tempdir()?;
    let directory = Utf8Path::from_path(directory.path()).context("the path is not UTF-8")?;
    write(directory, files)?;
    let output = Command::new(program()?).arg(directory).output()?;
    ensure!(
        output.status.success(),
        "the formatter failed: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    read(directory, files)
}

/// Returns the files as a CLI formats them in one run.
fn formatted_by(cli: &Cli, files: &Files) -> Result<Files> {
    let stack = Workspace::inline("locals {}\n").cli(cli).open()?;
    let directory = stack.directory().join("files");
    fs::create_dir(&directory)?;
    write(&directory, files)?;
    stack.succeed(&["fmt", "-list=false", "-no-color", "files"])?;
    read(&directory, files)
}

fn write(directory: &Utf8Path, files: &Files) -> Result<()> {
    for (name, text) in files {
        fs::write(directory.join(name), text)?;
    }
    Ok(())
}

fn read(directory: &Utf8Path, files: &Files) -> Result<Files> {
    let read = |name: &String| Ok((name.clone(), fs::read_to_string(directory.join(name))?));
    files.keys().map(read).collect()
}

/// Compares files, and returns an error at the first line that differs.
fn expect_same(who: &str, expected: &Files, found: &Files) -> Result<()> {
    let differ = |name: &&String| expected[*name] != found[*name];
    let Some(name) = expected.keys().find(differ) else {
        return Ok(());
    };
    let (expected_lines, found_lines) = (lines(&expected[name]), lines(&found[name]));
    let same = expected_lines.iter().zip(&found_lines);
    let line = same
        .take_while(|(expected, found)| expected == found)
        .count();
    let around = |lines: &[&str]| {
        let from = line.saturating_sub(3);
        lines.iter().skip(from).take(6).copied().collect::<String>()
    };
    anyhow::bail!(
        "{} of {} files differ. First difference: {name}, line {}:\n--- {who}\n{}--- formatter\n{}",
        expected.keys().filter(differ).count(),
        expected.len(),
        line + 1,
        around(&expected_lines),
        around(&found_lines)
    );
}

fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

/// Collects all `.tf` files below a directory, by path.
fn collect(directory: &Utf8Path, files: &mut Files) -> Result<()> {
    for entry in directory.read_dir_utf8()? {
        let path = entry?.into_path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension() == Some("tf") {
            let name = path.as_str().replace(['/', '\\'], "-");
            files.insert(name, fs::read_to_string(&path)?);
        }
    }
    Ok(())
}

fn root() -> Result<Utf8PathBuf> {
    let tests = Utf8Path::new(env!("CARGO_MANIFEST_DIR"));
    Ok(tests
        .parent()
        .context("the crate has no parent folder")?
        .into())
}

/// Returns the example program that runs the formatter.
fn program() -> Result<Utf8PathBuf> {
    let test = Utf8PathBuf::from_path_buf(std::env::current_exe()?).ok();
    let profile = test.as_deref().and_then(|test| test.parent()?.parent());
    let program = profile
        .context("the test is not in target/PROFILE/deps")?
        .join("examples/fmt");
    ensure!(
        program.is_file(),
        "{program} is not built; build it with: cargo build -p tfmodgen --examples"
    );
    Ok(program)
}
