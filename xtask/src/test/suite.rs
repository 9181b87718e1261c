//! Test suites: runs of `cargo test`, two at a time, because one that applies waits for AWS while another one computes.

use std::collections::{BTreeSet, VecDeque};
use std::ffi::OsString;
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::console::{self, seconds};
use crate::repository::{Child, Repository, run};

/// The targets that take longest. Each is a suite of its own, and they begin first.
const LONG: [&str; 2] = ["packages", "acceptance"];
/// Suites that run at once.
const LANES: usize = 2;
/// Tests of a suite that run at once: those that apply wait for AWS most of the time. Memory for that many
/// `hashicorp/aws` processes is the limit, not cores.
const SIDE_BY_SIDE: &str = "6";

/// What came of all suites.
#[derive(Default)]
pub(super) struct Outcome {
    pub(super) passed: usize,
    pub(super) failed: Vec<String>,
    /// Something failed that has no name: a process that died.
    pub(super) broken: bool,
    pub(super) took: Duration,
}

/// Builds and runs every test whose name has `filter` in it.
///
/// # Errors
/// When tests do not build, or cannot be started. A test that fails is part of the outcome.
pub(super) fn run_all(
    repository: &Repository,
    filter: Option<&str>,
    environment: &[(&str, OsString)],
) -> Result<Outcome> {
    let start = Instant::now();
    // Always the whole workspace: any other selection gets other features of what packages share, and is compiled anew.
    let cargo = |arguments: &[&str]| {
        let mut cargo = repository.cargo();
        cargo.args(["test", "--workspace"]).args(arguments);
        cargo
    };
    run(&mut cargo(&["--no-run", "--quiet"]))?;
    let suites = selections(repository)?.into_iter().map(|(title, targets)| {
        let targets: Vec<_> = targets.iter().map(String::as_str).collect();
        let mut command = cargo(&targets);
        command
            .args(["--no-fail-fast", "--"])
            .args(filter)
            .env("RUST_TEST_THREADS", SIDE_BY_SIDE)
            .envs(environment.iter().map(|(name, value)| (name, value)));
        Suite { title, command }
    });
    let waiting: Mutex<VecDeque<Suite>> = Mutex::new(suites.collect());
    let outcome = Mutex::default();
    thread::scope(|scope| {
        let lanes: Vec<_> = (0..LANES)
            .map(|_| scope.spawn(|| lane(&waiting, &outcome)))
            .collect();
        lanes.into_iter().try_for_each(|lane| {
            lane.join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        })
    })?;
    let mut outcome = outcome.into_inner().unwrap_or_else(PoisonError::into_inner);
    outcome.took = start.elapsed();
    Ok(outcome)
}

/// The suites: their titles, and what they select of the workspace. Together they select everything.
fn selections(repository: &Repository) -> Result<Vec<(String, Vec<String>)>> {
    let metadata = repository.metadata()?;
    let packages = metadata.workspace_packages();
    let targets = packages.iter().flat_map(|package| &package.targets);
    let tests: BTreeSet<&str> = targets
        .filter(|target| target.is_test())
        .map(|target| target.name.as_str())
        .collect();
    let test = |name: &str| ["--test".to_owned(), name.to_owned()];
    let (long, short): (Vec<&str>, Vec<&str>) =
        tests.into_iter().partition(|name| LONG.contains(name));
    let mut all: Vec<(String, Vec<String>)> = LONG
        .into_iter()
        .filter(|name| long.contains(name))
        .map(|name| (name.to_owned(), test(name).to_vec()))
        .collect();
    let rest = ["--lib", "--bins"].map(str::to_owned).into_iter();
    let rest = rest.chain(short.into_iter().flat_map(test)).collect();
    all.push(("units and interfaces".to_owned(), rest));
    all.push(("documentation".to_owned(), vec!["--doc".to_owned()]));
    Ok(all)
}

/// Runs suites until none waits.
fn lane(waiting: &Mutex<VecDeque<Suite>>, outcome: &Mutex<Outcome>) -> Result<()> {
    // Taken out of the queue before it runs, so that the queue is free meanwhile.
    let next = || guard(waiting).pop_front();
    while let Some(suite) = next() {
        suite.run(outcome)?;
    }
    Ok(())
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
            _ => return !test.starts_with("result: "),
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
            ("test a has been running for over 60 seconds", true),
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
        let mut selected: Vec<_> = suites.iter().flat_map(|(_, targets)| targets).collect();
        selected.retain(|name| name.as_str() != "--test");
        let each: BTreeSet<_> = selected.iter().collect();
        assert_eq!(each.len(), selected.len(), "{selected:?}");
        for expected in LONG
            .into_iter()
            .chain(["--lib", "--bins", "--doc", "findings"])
        {
            assert!(
                each.iter().any(|one| one.as_str() == expected),
                "{expected}"
            );
        }
        Ok(())
    }
}
