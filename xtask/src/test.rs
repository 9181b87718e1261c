//! `cargo xtask test`: finds or builds the command lines, builds the binaries that tests start, and runs every test.

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use tfharness::Kind;
use tfharness::toolchain::{self, Cli};

use crate::cli::{CliName, Test};
use crate::console::{self, Stage, seconds};
use crate::repository::{Child, Missing, Repository, run};

/// Package of the tests that apply examples. They wait for AWS most of the time, so they run side by side.
const ACCEPTANCE: &str = "acceptance";
const ROOMS: &str = "rooms";
const END_TO_END: &str = "end to end";
/// Applies that run at once: memory for that many `hashicorp/aws` processes, not cores, is the limit.
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

    let mut build = repository.cargo();
    build.args(["build", "--workspace", "--bins", "--examples"]);
    let name = "building everything that tests start";
    Stage::default().aloud(name, || run(&mut build))?;

    let filter = options.filter.as_deref();
    let suite = |name, arguments: &[&str]| {
        let mut cargo = repository.cargo();
        cargo
            .args(["test", "--locked", "--no-fail-fast"])
            .args(arguments);
        cargo.args(["--"]).args(filter).args(match name {
            END_TO_END => ["--test-threads", SIDE_BY_SIDE].as_slice(),
            _ => &[],
        });
        cargo
            .env("SKREG_CLI", programs(&wanted))
            .env("SKREG_REQUIRE", programs(&required));
        Suite::run(name, &mut cargo)
    };
    let suites = [
        suite(ROOMS, &["--workspace", "--exclude", ACCEPTANCE])?,
        suite(END_TO_END, &["--package", ACCEPTANCE])?,
    ];
    summary(&suites, &present, filter)
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

/// What came of one `cargo test`.
struct Suite {
    name: &'static str,
    passed: usize,
    failed: Vec<String>,
    /// Something failed that has no name: a build, a process that died.
    broken: bool,
    took: Duration,
}

impl Suite {
    fn run(name: &'static str, cargo: &mut Command) -> Result<Self> {
        console::heading(&format!("Tests: {name}"));
        let start = Instant::now();
        let mut suite = Self {
            name,
            passed: 0,
            failed: Vec::new(),
            broken: false,
            took: Duration::ZERO,
        };
        let status = Child::start(cargo)?.each_line(|line| {
            suite.read(line);
            console::line(line);
        })?;
        suite.broken = !status.success() && suite.failed.is_empty();
        suite.took = start.elapsed();
        Ok(suite)
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

    fn holds(&self) -> bool {
        self.failed.is_empty() && !self.broken
    }
}

fn summary(suites: &[Suite], present: &[Present], filter: Option<&str>) -> Result<()> {
    console::heading("Summary");
    let rows = suites.iter().map(|suite| {
        let failed = if suite.broken {
            "did not run to its end".into()
        } else {
            suite.failed.len().to_string()
        };
        [
            suite.name.into(),
            suite.passed.to_string(),
            failed,
            seconds(suite.took),
        ]
    });
    console::table(&["tests", "passed", "failed", "time"], rows);
    for one in present {
        match &one.found {
            Ok(cli) => console::good(&format!("ran under {cli}")),
            Err(why) => console::bad(&format!("not run under {}: {why}", one.kind)),
        }
    }
    for name in suites.iter().flat_map(|suite| &suite.failed) {
        console::bad(&format!("failed: {name}"));
    }
    let passed: usize = suites.iter().map(|suite| suite.passed).sum();
    let failed: usize = suites.iter().map(|suite| suite.failed.len()).sum();
    match filter {
        _ if !suites.iter().all(Suite::holds) => bail!("{passed} tests passed, {failed} failed"),
        Some(filter) if passed == 0 => bail!("no test has `{filter}` in its name"),
        _ => console::good(&format!("{passed} tests passed")),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outcomes_are_read_from_what_libtest_prints() {
        let mut suite = Suite {
            name: ROOMS,
            passed: 0,
            failed: Vec::new(),
            broken: false,
            took: Duration::ZERO,
        };
        for line in [
            "running 3 tests",
            "test json::reads ... ok",
            "test crates/tfdocs/src/lib.rs - (line 5) ... ok",
            "test a ... b ... FAILED",
            "test result: FAILED. 2 passed; 1 failed; 0 ignored",
        ] {
            suite.read(line);
        }
        assert_eq!(
            (suite.passed, suite.failed.as_slice()),
            (2, ["a ... b".to_owned()].as_slice())
        );
        assert!(!suite.holds());
    }
}
