//! `cargo xtask test`: finds or builds the command lines, builds the binaries that tests start, and runs every test.

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use tfharness::Kind;
use tfharness::toolchain::{self, Cli};

use crate::cli::{CliName, Test};
use crate::console::{self, Stage, seconds};
use crate::repository::{Child, Missing, Repository};

/// Tests that run at once: those that apply wait for AWS most of the time. Memory for that many `hashicorp/aws`
/// processes is the limit, not cores.
const SIDE_BY_SIDE: &str = "6";

/// Runs the command.
///
/// # Errors
/// When a required command line is missing, something does not build, or a test fails.
pub(crate) fn test(repository: &Repository, options: &Test) -> Result<()> {
    let required = kinds(&options.require);
    let wanted = match options.cli.as_slice() {
        [] => Kind::ALL.to_vec(),
        names => kinds(names),
    };
    let present = command_lines(&wanted, &required)?;
    toolchain::emulator_python_with(&Stage::default())?;
    toolchain::scanner_python_with(&Stage::default())?;

    let name = "building everything that tests start";
    let provider = Stage::default().aloud(name, || repository.build())?;

    console::heading("Tests");
    let filter = options.filter.as_deref();
    let mut cargo = repository.cargo();
    cargo
        .args(["test", "--workspace", "--no-fail-fast", "--"])
        .args(filter)
        .env("RUST_TEST_THREADS", SIDE_BY_SIDE)
        .env("SKREG_PROVIDER", provider)
        .env("SKREG_CLI", programs(&wanted))
        .env("SKREG_REQUIRE", programs(&required));
    summary(&Outcome::of(&mut cargo)?, &present, filter)
}

fn kinds(names: &[CliName]) -> Vec<Kind> {
    names.iter().map(|name| (*name).into()).collect()
}

fn programs(kinds: &[Kind]) -> String {
    kinds
        .iter()
        .map(|kind| kind.program())
        .collect::<Vec<_>>()
        .join(",")
}

/// A command line that tests run under, or why it is not here.
struct Present {
    kind: Kind,
    found: Result<Cli, String>,
}

fn command_lines(wanted: &[Kind], required: &[Kind]) -> Result<Vec<Present>> {
    let mut present = Vec::new();
    for kind in wanted.iter().copied() {
        match Cli::find_with(kind, &Stage::default()) {
            Ok(cli) => {
                console::good(&format!("{cli} at {}", cli.path()));
                present.push(Present {
                    kind,
                    found: Ok(cli),
                });
            }
            Err(error) if required.contains(&kind) => {
                return Err(Missing(format!("{:#}", anyhow::Error::new(error))).into());
            }
            Err(error) => present.push(Present {
                kind,
                found: Err(format!("{:#}", anyhow::Error::new(error))),
            }),
        }
    }
    match present.iter().any(|one| one.found.is_ok()) {
        true => Ok(present),
        false => Err(Missing("neither tofu nor terraform is here".into()).into()),
    }
}

/// What came of `cargo test`.
#[derive(Default)]
struct Outcome {
    passed: usize,
    failed: Vec<String>,
    /// Something failed that has no name: a build, a process that died.
    broken: bool,
    took: Duration,
}

impl Outcome {
    fn of(cargo: &mut Command) -> Result<Self> {
        let start = Instant::now();
        let mut outcome = Self::default();
        let status = Child::start(cargo)?.each_line(|line| {
            outcome.read(line);
            console::line(line);
        })?;
        outcome.broken = !status.success() && outcome.failed.is_empty();
        outcome.took = start.elapsed();
        Ok(outcome)
    }

    /// Reads a line of libtest: `test NAME ... ok`, `test NAME ... FAILED`.
    fn read(&mut self, line: &str) {
        let Some((name, outcome)) = line
            .strip_prefix("test ")
            .and_then(|rest| rest.rsplit_once(" ... "))
        else {
            return;
        };
        match outcome {
            "ok" => self.passed += 1,
            "FAILED" => self.failed.push(name.into()),
            _ => {}
        }
    }
}

fn summary(outcome: &Outcome, present: &[Present], filter: Option<&str>) -> Result<()> {
    console::heading("Summary");
    for name in &outcome.failed {
        console::bad(&format!("failed: {name}"));
    }
    for one in present {
        match &one.found {
            Ok(cli) => console::good(&format!("ran under {cli}")),
            Err(why) => console::bad(&format!("not run under {}: {why}", one.kind)),
        }
    }
    let (passed, failed, took) = (outcome.passed, outcome.failed.len(), seconds(outcome.took));
    match filter {
        _ if outcome.broken => {
            bail!("{passed} tests passed in {took}, and cargo test did not run to its end")
        }
        _ if failed > 0 => bail!("{passed} tests passed, {failed} failed in {took}"),
        Some(filter) if passed == 0 => bail!("no test has `{filter}` in its name"),
        _ => console::good(&format!("{passed} tests passed in {took}")),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outcomes_are_read_from_what_libtest_prints() {
        let mut outcome = Outcome::default();
        for line in [
            "running 3 tests",
            "test json::reads ... ok",
            "test crates/tfdocs/src/lib.rs - (line 5) ... ok",
            "test a ... b ... FAILED",
            "test result: FAILED. 2 passed; 1 failed; 0 ignored",
        ] {
            outcome.read(line);
        }
        assert_eq!(
            (outcome.passed, outcome.failed.as_slice()),
            (2, ["a ... b".to_owned()].as_slice())
        );
    }
}
