//! Test suites: runs of `cargo test`. Suites whose tests drive command lines run side by side, because a test that applies
//! waits for AWS most of the time; how many commands run at once is decided by the memory that they need.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use tfharness::schedule::{self, Schedule};

use super::times;
use crate::console::{self, seconds};
use crate::repository::{Child, Repository, run};

/// Package of the tests that drive command lines. Each of its test targets is a suite.
const END_TO_END: &str = "acceptance";
/// Memory of a test that drives a command line in MiB; as many tests as fit run at once in each suite.
const MEMORY_OF_A_TEST: u32 = 1000;

/// Result of all suites.
#[derive(Default)]
pub(super) struct Outcome {
    pub(super) passed: usize,
    pub(super) failed: Vec<String>,
    /// Something failed that has no name: a process that died.
    pub(super) broken: bool,
    pub(super) took: Duration,
}

/// Builds and runs every test whose name contains `filter`, with a budget in MiB for the commands that tests run.
///
/// # Errors
/// When tests do not build, or cannot be started. A test that fails is part of the outcome.
pub(super) fn run_all(
    repository: &Repository,
    filter: Option<&str>,
    environment: &[(&str, OsString)],
    memory: u32,
) -> Result<Outcome> {
    let start = Instant::now();
    // Always the whole workspace: any other selection gets other features of what packages share, and is compiled anew.
    let cargo = |arguments: &[&str]| {
        let mut cargo = repository.cargo();
        cargo.args(["test", "--workspace"]).args(arguments);
        cargo
    };
    run(&mut cargo(&["--no-run", "--quiet"]))?;
    let schedule = Schedule::start(memory).context("starting the schedule of commands")?;
    let processor = times::Processor::start();
    let threads = (memory / MEMORY_OF_A_TEST).max(2).to_string();
    let suite = |selection: &Selection| {
        let targets: Vec<_> = selection.targets.iter().map(String::as_str).collect();
        let mut command = cargo(&targets);
        command
            .args(["--no-fail-fast", "--"])
            .args(filter)
            .env(schedule::VARIABLE, schedule.socket())
            .envs(environment.iter().map(|(name, value)| (name, value)));
        if selection.side_by_side {
            command.env("RUST_TEST_THREADS", &threads);
        }
        let title = selection.title.clone();
        Suite { title, command }
    };
    let (long, short): (Vec<_>, Vec<_>) = selections(repository)?
        .into_iter()
        .partition(|selection| selection.side_by_side);
    // A lane for each suite that waits for AWS, and one for all that compute.
    let mut lanes: Vec<Vec<Suite>> = long.iter().map(|one| vec![suite(one)]).collect();
    lanes.push(short.iter().map(suite).collect());
    let outcome = Mutex::default();
    thread::scope(|scope| {
        let lanes: Vec<_> = lanes
            .into_iter()
            .map(|suites| scope.spawn(|| lane(suites, &outcome)))
            .collect();
        lanes.into_iter().try_for_each(|lane| {
            lane.join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        })
    })?;
    let mut outcome = outcome.into_inner().unwrap_or_else(PoisonError::into_inner);
    outcome.took = start.elapsed();
    times::show(&schedule.records(), memory, processor.busy());
    Ok(outcome)
}

/// Test targets that one run of `cargo test` selects.
struct Selection {
    title: String,
    targets: Vec<String>,
    /// Whether its tests drive command lines, so that many of them can run at once.
    side_by_side: bool,
}

/// Returns selections that together select every test of the workspace.
fn selections(repository: &Repository) -> Result<Vec<Selection>> {
    let metadata = repository.metadata()?;
    let test = |name: &str| ["--test".to_owned(), name.to_owned()];
    let mut long = Vec::new();
    let mut short = BTreeSet::new();
    for package in metadata.workspace_packages() {
        for target in package.targets.iter().filter(|target| target.is_test()) {
            if package.name.as_str() == END_TO_END {
                long.push(Selection {
                    title: target.name.clone(),
                    targets: test(&target.name).to_vec(),
                    side_by_side: true,
                });
            } else {
                short.insert(target.name.clone());
            }
        }
    }
    let units = ["--lib", "--bins"].map(str::to_owned).into_iter();
    let units = units.chain(short.iter().flat_map(|name| test(name)));
    let of_units = Selection {
        title: "units and interfaces".to_owned(),
        targets: units.collect(),
        side_by_side: false,
    };
    let of_documentation = Selection {
        title: "documentation".to_owned(),
        targets: vec!["--doc".to_owned()],
        side_by_side: false,
    };
    Ok(long
        .into_iter()
        .chain([of_units, of_documentation])
        .collect())
}

/// Runs suites one after another.
fn lane(suites: Vec<Suite>, outcome: &Mutex<Outcome>) -> Result<()> {
    suites.into_iter().try_for_each(|suite| suite.run(outcome))
}

fn guard<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Suite {
    title: String,
    command: Command,
}

impl Suite {
    /// Runs it. Tests are told as they end; what a suite has to say about its failures, when it has ended.
    fn run(mut self, all: &Mutex<Outcome>) -> Result<()> {
        let start = Instant::now();
        let mut outcome = Outcome::default();
        let mut said = Vec::new();
        let status =
            Child::start(&mut self.command)?.each_line(|line| match outcome.read(line) {
                true => console::line(line),
                false => said.push(line.to_owned()),
            })?;
        outcome.broken = !status.success() && outcome.failed.is_empty();
        let took = seconds(start.elapsed());
        let (title, passed, failed) = (&self.title, outcome.passed, outcome.failed.len());
        // One at a time, so that what two suites say is not mixed.
        let mut all = guard(all);
        if status.success() {
            console::good(&format!("{title}: {passed} passed in {took}"));
        } else {
            said.iter().for_each(|line| console::line(line));
            console::bad(&format!(
                "{title}: {passed} passed, {failed} failed in {took}"
            ));
        }
        all.passed += outcome.passed;
        all.failed.append(&mut outcome.failed);
        all.broken |= outcome.broken;
        Ok(())
    }
}

impl Outcome {
    /// Reads a line of libtest, `test NAME ... ok` or `test NAME ... FAILED`, and answers whether it tells of a test.
    fn read(&mut self, line: &str) -> bool {
        let Some(test) = line.strip_prefix("test ") else {
            return false;
        };
        match test.rsplit_once(" ... ") {
            Some((_, "ok")) => self.passed += 1,
            Some((name, "FAILED")) => self.failed.push(name.into()),
            // Summaries, and the reminders that a test takes longer than a minute: those that wait for AWS do.
            _ => return false,
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outcomes_are_read_from_what_libtest_prints() {
        let mut outcome = Outcome::default();
        let lines = [
            ("running 3 tests", false),
            ("test json::reads ... ok", true),
            ("test a has been running for over 60 seconds", false),
            ("test crates/tfdocs/src/lib.rs - (line 5) ... ok", true),
            ("test a ... b ... FAILED", true),
            ("test result: FAILED. 2 passed; 1 failed; 0 ignored", false),
        ];
        for (line, of_a_test) in lines {
            assert_eq!(outcome.read(line), of_a_test, "{line}");
        }
        assert_eq!(
            (outcome.passed, outcome.failed.as_slice()),
            (2, ["a ... b".to_owned()].as_slice())
        );
    }

    #[test]
    fn every_test_of_the_workspace_is_in_one_suite() -> Result<()> {
        let repository = Repository::find()?;
        let suites = selections(&repository)?;
        let mut selected: Vec<_> = suites.iter().flat_map(|one| &one.targets).collect();
        selected.retain(|name| name.as_str() != "--test");
        let each: BTreeSet<_> = selected.iter().collect();
        assert_eq!(each.len(), selected.len(), "{selected:?}");
        for expected in [
            "packages",
            "acceptance",
            "--lib",
            "--bins",
            "--doc",
            "findings",
        ] {
            assert!(
                each.iter().any(|one| one.as_str() == expected),
                "{expected}"
            );
        }
        Ok(())
    }
}
