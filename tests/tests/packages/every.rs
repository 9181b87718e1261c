//! Tests every package and submodule: it is formatted and valid without a warning, and its tests pass. Must not name a
//! module.

use anyhow::{Context as _, Result, bail, ensure};
use camino::{Utf8Path, Utf8PathBuf};
use serde_json::Value;
use tfharness::workspace::Stack;
use tfharness::{Cli, Kind, Workspace};

use crate::package::{self, Package};
use crate::scaleway_provider::scaleway;
use crate::scenario::side_by_side;

/// Number of concurrent validations. The limit is required because reading schemas uses a whole CPU.
const AT_ONCE: usize = 2;
/// Error that Terraform reports when it tests a module with an ephemeral resource.
const NO_EPHEMERAL_MOCKS: &str = "No ephemeral resource types in mock providers";

#[test]
fn every_module_is_formatted() -> Result<()> {
    package::all()?;
    for cli in Cli::all()? {
        let stack = Workspace::of("modules").cli(&cli).open()?;
        let format = stack.run(&["fmt", "-check", "-diff", "-recursive", "-no-color"])?;
        ensure!(
            format.code() == Some(0),
            "`{cli} fmt` changes modules/:\n{}",
            format.stdout
        );
    }
    Ok(())
}

#[test]
fn every_module_is_valid_and_passes_its_tests() -> Result<()> {
    let modules = package::all()?;
    let clis = Cli::all()?;
    let both: Vec<_> = modules
        .iter()
        .flat_map(|module| clis.iter().map(move |cli| (module, cli)))
        .collect();
    let runs = side_by_side(&both, AT_ONCE, |(module, cli)| {
        Ok(expect_good(module, cli).with_context(|| format!("{module} with {cli}")))
    })?;
    let (good, bad): (Vec<_>, Vec<_>) = runs.into_iter().partition(Result::is_ok);
    let bad: Vec<_> = bad
        .into_iter()
        .filter_map(Result::err)
        .map(|error| format!("{error:#}"))
        .collect();
    ensure!(bad.is_empty(), "{}", bad.join("\n\n"));
    let runs: usize = good.into_iter().flatten().sum();
    ensure!(
        runs >= modules.len(),
        "{runs} cases ran, for {} modules",
        modules.len()
    );
    Ok(())
}

/// Validates a module, runs its tests, and returns the number of cases.
fn expect_good(module: &Utf8PathBuf, cli: &Cli) -> Result<usize> {
    let stack = Workspace::of(module.clone())
        .doubles([scaleway()])
        .cli(cli)
        .init()?;
    let validation = stack.validate()?;
    ensure!(
        validation.valid && validation.diagnostics.is_empty(),
        "validate reports diagnostics: {:#?}",
        validation.diagnostics
    );
    let files = test_files(module)?;
    let tested = Tested::run(&stack)?;
    if cli.kind() == Kind::Terraform && has_ephemeral(&package::repository()?.join(module))? {
        // If this check fails, Terraform supports ephemeral mocks, and the exception can be removed.
        ensure!(
            tested.passed == 0 && tested.says.contains(NO_EPHEMERAL_MOCKS),
            "expected an error for a mocked ephemeral resource, but {} cases passed:\n{}",
            tested.passed,
            tested.says
        );
        return Ok(0);
    }
    ensure!(
        tested.status == "pass" && tested.failed == 0 && tested.passed >= files,
        "cases in {files} files: {} passed, {} failed:\n{}",
        tested.passed,
        tested.failed,
        tested.says
    );
    Ok(tested.passed)
}

/// Returns the number of test files in a module, which must contain at least one.
fn test_files(module: &Utf8Path) -> Result<usize> {
    let files = Package::read(&package::repository()?.join(module))?;
    let is_test = |path: &&String| path.starts_with("tests/") && path.ends_with(".tftest.hcl");
    let count = files.files().keys().filter(is_test).count();
    ensure!(count > 0, "the module has no tests/*.tftest.hcl");
    Ok(count)
}

/// Returns whether a module, or a module that it calls, opens an ephemeral resource.
fn has_ephemeral(folder: &Utf8Path) -> Result<bool> {
    let files = Package::read(folder)?;
    let mut lines = files.files().iter().flat_map(|(path, text)| {
        let lines = text.lines().filter(|_| path.ends_with(".tf"));
        lines.filter(|line| line.starts_with("ephemeral "))
    });
    Ok(lines.next().is_some())
}

/// Result of `test` for a module.
struct Tested {
    status: String,
    passed: usize,
    failed: usize,
    /// Diagnostics, or the whole output if it contains no summary.
    says: String,
}

impl Tested {
    fn run(stack: &Stack) -> Result<Self> {
        let finished = stack.run(&["test", "-json", "-no-color"])?;
        let messages: Vec<Value> = finished
            .stdout
            .lines()
            .map(|line| serde_json::from_str(line).with_context(|| format!("not JSON: {line}")))
            .collect::<Result<_>>()?;
        let summary = messages
            .iter()
            .find(|message| message["type"] == "test_summary");
        let Some(summary) = summary.map(|message| &message["test_summary"]) else {
            bail!(
                "`test` printed no summary:\n{}{}",
                finished.stdout,
                finished.stderr
            );
        };
        let count = |name: &str| {
            let number = summary[name]
                .as_u64()
                .with_context(|| format!("{name} in {summary}"));
            anyhow::Ok(usize::try_from(number?)?)
        };
        let complaints = messages
            .iter()
            .filter(|message| message["type"] == "diagnostic");
        let says: Vec<_> = complaints
            .map(|message| message["diagnostic"].to_string())
            .collect();
        Ok(Self {
            status: summary["status"].as_str().unwrap_or_default().to_owned(),
            passed: count("passed")?,
            failed: count("failed")? + count("errored")?,
            says: says.join("\n"),
        })
    }
}
