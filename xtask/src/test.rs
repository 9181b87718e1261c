//! `cargo xtask test`: finds or builds the command lines, builds the binaries that tests start, and runs every test.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use tfharness::Kind;
use tfharness::toolchain::{self, Cli};

use crate::cli::Test;
use crate::console::{self, Stage, seconds};
use crate::repository::{Child, Missing, Repository, run};

/// Package of the tests that apply examples. They wait for AWS most of the time, so they run side by side.
const ACCEPTANCE: &str = "acceptance";
/// Applies that run at once: memory for that many `hashicorp/aws` processes, not cores, is the limit.
const SIDE_BY_SIDE: &str = "6";

/// Runs the command.
///
/// # Errors
/// When a required command line is missing, something does not build, or a test fails.
pub(crate) fn test(repository: &Repository, options: &Test) -> Result<()> {
    let required: Vec<Kind> = options.require.iter().map(|name| (*name).into()).collect();
    let present = command_lines(&required)?;
    toolchain::emulator_python_with(&Stage::default())?;

    let mut build = repository.cargo();
    build.args([
        "build",
        "--quiet",
        "--locked",
        "--workspace",
        "--bins",
        "--examples",
    ]);
    Stage::default().run(
        "building everything that tests start",
        || run(&mut build),
        |()| String::new(),
    )?;

    let filter = options.filter.as_deref();
    let require = required
        .iter()
        .map(|kind| kind.program())
        .collect::<Vec<_>>()
        .join(",");
    let suites = [
        suite(
            repository,
            "rooms",
            &["--workspace", "--exclude", ACCEPTANCE],
            filter,
            &require,
        )?,
        suite(
            repository,
            "end to end",
            &["--package", ACCEPTANCE],
            filter,
            &require,
        )?,
    ];
    summary(&suites, &present, filter)
}

/// A command line that tests run under, or why it is not here.
struct Present {
    kind: Kind,
    found: Result<Cli, String>,
}

fn command_lines(required: &[Kind]) -> Result<Vec<Present>> {
    let mut present = Vec::new();
    for kind in Kind::ALL {
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

fn suite(
    repository: &Repository,
    name: &'static str,
    packages: &[&str],
    filter: Option<&str>,
    require: &str,
) -> Result<Suite> {
    console::heading(&format!("Tests: {name}"));
    let start = Instant::now();
    let mut cargo = repository.cargo();
    cargo
        .args(["test", "--locked", "--no-fail-fast"])
        .args(packages)
        .args(filter);
    cargo.env("SKREG_REQUIRE", require);
    if packages.contains(&ACCEPTANCE) && !packages.contains(&"--exclude") {
        cargo.args(["--", "--test-threads", SIDE_BY_SIDE]);
    }
    let mut suite = Suite {
        name,
        passed: 0,
        failed: Vec::new(),
        broken: false,
        took: Duration::ZERO,
    };
    let status = Child::start(&mut cargo)?.each_line(|line| {
        suite.read(line);
        console::line(line);
    })?;
    suite.broken = !status.success() && suite.failed.is_empty();
    suite.took = start.elapsed();
    Ok(suite)
}

impl Suite {
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
