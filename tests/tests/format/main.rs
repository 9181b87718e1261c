//! Our formatting pass against `fmt` of every command line, byte by byte, on files that nobody wrote for it.
//!
//! The pass is run as the program that a small example of its crate is; this crate does not know it otherwise.

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

/// Files by name.
type Files = BTreeMap<String, String>;

#[test]
fn a_thousand_scrambled_files_are_formatted_as_every_command_line_does() -> Result<()> {
    let scrambled: Files = (0..1000)
        .map(|seed| (format!("{seed:04}.tf"), body::file(seed)))
        .collect();
    let ours = formatted(&scrambled)?;
    let unchanged = ours
        .iter()
        .filter(|(name, text)| scrambled[*name] == **text);
    ensure!(
        unchanged.count() < 20,
        "expected scrambled files, found formatted ones"
    );
    for cli in Cli::all()? {
        let theirs = formatted_by(&cli, &scrambled)?;
        expect_same(&cli.to_string(), &theirs, &ours)?;
    }
    Ok(())
}

#[test]
fn every_example_is_left_as_it_is() -> Result<()> {
    let mut examples = Files::new();
    collect(&root()?.join("examples"), &mut examples)?;
    ensure!(!examples.is_empty(), "found no example");
    expect_same("the author", &examples, &formatted(&examples)?)
}

/// What our pass makes of files.
fn formatted(files: &Files) -> Result<Files> {
    let directory = tempfile::tempdir()?;
    let directory = Utf8Path::from_path(directory.path()).context("a path in UTF-8")?;
    write(directory, files)?;
    let output = Command::new(program()?).arg(directory).output()?;
    ensure!(
        output.status.success(),
        "our pass failed: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    read(directory, files)
}

/// What a command line makes of files, all in one run.
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

/// Fails with the first line that differs.
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
        "{} of {} files differ. The first, {name}, from line {} on:\n--- {who}\n{}--- our pass\n{}",
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

/// Every `.tf` below a directory, named after its path.
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
    Ok(tests.parent().context("a crate of the workspace")?.into())
}

/// The example that runs our pass.
fn program() -> Result<Utf8PathBuf> {
    let test = Utf8PathBuf::from_path_buf(std::env::current_exe()?).ok();
    let profile = test.as_deref().and_then(|test| test.parent()?.parent());
    let program = profile
        .context("tests run in target/PROFILE/deps")?
        .join("examples/fmt");
    ensure!(
        program.is_file(),
        "{program} is not built; build it with: cargo build -p tfmodgen --examples"
    );
    Ok(program)
}
