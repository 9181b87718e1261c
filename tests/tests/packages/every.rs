//! Tests every package and submodule: it is formatted and valid without a warning, and its tests pass. Must not name a
//! module.
//!
//! The tests of input validations run with doubles, because no provider takes part in them, and a provider with all its
//! nested blocks would require most of the time. All other tests run with the providers.

use acceptance::{clis_for, is_full};
use anyhow::{Context as _, Result, bail, ensure};
use camino::{Utf8Path, Utf8PathBuf};
use serde_json::Value;
use tfharness::workspace::{Double, Stack};
use tfharness::{Cli, Kind, Workspace};

use crate::package::{self, Package};
use crate::preview_providers::kubernetes;
use crate::providers;
use crate::scaleway_provider::scaleway;
use crate::scenario::side_by_side;

/// Test file of a module with its input validations.
const INPUTS: &str = "tests/inputs.tftest.hcl";
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
    let mut cases = Vec::new();
    for module in &modules {
        cases.extend(clis_of(module)?.into_iter().map(|cli| (module, cli)));
    }
    let runs = side_by_side(&cases, AT_ONCE, |(module, cli)| {
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

/// Returns the CLIs that test a module: by default the one that its name selects. Only OpenTofu can run the tests of a module
/// with an ephemeral resource, so OpenTofu is selected if it is available.
fn clis_of(module: &Utf8Path) -> Result<Vec<Cli>> {
    let mut opentofu = Cli::all()?;
    opentofu.retain(|cli| cli.kind() == Kind::Tofu);
    let is_limited = has_ephemeral(&package::repository()?.join(module))?;
    match is_limited && !is_full() && !opentofu.is_empty() {
        true => Ok(opentofu),
        false => Ok(clis_for(module.as_str())?),
    }
}

/// Validates a module, runs its tests, and returns the number of cases.
fn expect_good(module: &Utf8PathBuf, cli: &Cli) -> Result<usize> {
    let stack = Workspace::of(module.clone())
        .doubles(uninstalled())
        .cli(cli)
        .init()?;
    let validation = stack.validate()?;
    ensure!(
        validation.valid && validation.diagnostics.is_empty(),
        "validate reports diagnostics: {:#?}",
        validation.diagnostics
    );
    let files = test_files(module)?;
    let of_inputs = Workspace::of(module.clone())
        .cli(cli)
        .doubles(providers::all().into_iter().chain(uninstalled()));
    let (inputs, others): (Vec<_>, Vec<_>) = files.iter().partition(|file| *file == INPUTS);
    let mut tested = Tested::default();
    if !others.is_empty() {
        tested.run(&stack, &others)?;
    }
    if !inputs.is_empty() {
        tested.run(&of_inputs.init()?, &inputs)?;
    }
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
        tested.failed == 0 && tested.passed >= files.len(),
        "cases in {files:?}: {} passed, {} failed:\n{}",
        tested.passed,
        tested.failed,
        tested.says
    );
    Ok(tested.passed)
}

/// Returns the doubles of the providers that are not installed.
pub(crate) fn uninstalled() -> impl Iterator<Item = Double> {
    kubernetes().into_iter().chain([scaleway()])
}

/// Returns the test files in a module, which must contain at least one.
fn test_files(module: &Utf8Path) -> Result<Vec<String>> {
    let package = Package::read(&package::repository()?.join(module))?;
    let is_test = |path: &&String| path.starts_with("tests/") && path.ends_with(".tftest.hcl");
    let files: Vec<_> = package.files().keys().filter(is_test).cloned().collect();
    ensure!(!files.is_empty(), "the module has no tests/*.tftest.hcl");
    Ok(files)
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

/// Results of `test` for a module.
#[derive(Default)]
struct Tested {
    passed: usize,
    failed: usize,
    /// Diagnostics.
    says: String,
}

impl Tested {
    /// Adds the results of some files. A run that does not pass although no case failed is an error.
    fn run(&mut self, stack: &Stack, files: &[&String]) -> Result<()> {
        let filters: Vec<_> = files.iter().map(|file| format!("-filter={file}")).collect();
        let mut arguments = vec!["test", "-json", "-no-color"];
        arguments.extend(filters.iter().map(String::as_str));
        let finished = stack.run(&arguments)?;
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
        let failed = count("failed")? + count("errored")?;
        self.passed += count("passed")?;
        // A file that cannot be loaded has no case.
        self.failed += failed.max(usize::from(summary["status"] != "pass"));
        self.says.push_str(&says.join("\n"));
        Ok(())
    }
}
