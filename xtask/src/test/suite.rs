//! Test suites, which are `cargo test` runs. All suites run in parallel, because an apply spends most of its time waiting for
//! AWS. The memory requirements of commands limit how many run in parallel.

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

/// Package that contains the tests that run Terraform and OpenTofu. Each of its test targets is a suite.
const END_TO_END: &str = "acceptance";

/// Result of all suites.
#[derive(Default)]
pub(super) struct Outcome {
    pub(super) passed: usize,
    pub(super) failed: Vec<Failed>,
    /// Whether a suite failed without a failed test, for example because a process crashed.
    pub(super) broken: bool,
    pub(super) took: Duration,
}

/// A failed test.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Failed {
    pub(super) name: String,
    /// First lines of its output, which usually state the reason.
    pub(super) says: Vec<String>,
}

/// Maximum number of output lines of a failed test that are kept.
const SHOWN: usize = 15;

/// Tests to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted<'a> {
    /// Every test that is not in an optional suite, or only those whose name contains the string.
    Named(Option<&'a str>),
    /// The tests of this optional suite.
    Suite(&'a str),
}

/// Returns the tests that a string selects: the optional suite with this name, or tests whose name contains the string.
///
/// # Errors
/// Returns an error if `cargo metadata` fails.
pub(super) fn wanted<'a>(repository: &Repository, filter: Option<&'a str>) -> Result<Wanted<'a>> {
    let optional = optional(repository)?;
    Ok(match filter {
        Some(name) if optional.iter().any(|one| one == name) => Wanted::Suite(name),
        filter => Wanted::Named(filter),
    })
}

/// Returns the names of the optional suites. `cargo test` does not run them, because their manifest has `test = false`.
fn optional(repository: &Repository) -> Result<Vec<String>> {
    let metadata = repository.metadata()?;
    let packages = metadata.workspace_packages();
    let targets = packages.iter().flat_map(|package| &package.targets);
    let optional = targets.filter(|target| target.is_test() && !target.test);
    Ok(optional.map(|target| target.name.clone()).collect())
}

/// Builds and runs tests. The memory budget in MiB applies to the commands that tests run.
///
/// # Errors
/// Returns an error if tests do not build or cannot be started. A failed test is part of the outcome.
pub(super) fn run_all(
    repository: &Repository,
    wanted: Wanted,
    environment: &[(&str, OsString)],
    memory: u32,
) -> Result<Outcome> {
    let start = Instant::now();
    // Always build the whole workspace, because any other selection changes the features of shared dependencies and
    // recompiles them.
    let cargo = |arguments: &[&str]| {
        let mut cargo = repository.cargo();
        cargo.args(["test", "--workspace"]).args(arguments);
        cargo
    };
    let (filter, selections) = match wanted {
        Wanted::Named(filter) => (filter, selections(repository)?),
        Wanted::Suite(name) => (None, vec![Selection::of(name)]),
    };
    let mut build = vec!["--no-run", "--quiet"];
    if let Wanted::Suite(name) = wanted {
        build.extend(["--test", name]);
    }
    run(&mut cargo(&build))?;
    let schedule = Schedule::start(memory).context("the command scheduler cannot be started")?;
    let processor = times::Processor::start();
    // A test that drives a CLI runs one command at a time.
    let threads = (memory / schedule::MAXIMUM_MEMORY).max(2).to_string();
    let suite = |selection: &Selection| {
        let targets: Vec<_> = selection.targets.iter().map(String::as_str).collect();
        let mut command = cargo(&targets);
        command
            .args(["--no-fail-fast", "--"])
            .args(filter)
            .env(schedule::VARIABLE, schedule.socket())
            .envs(environment.iter().map(|(name, value)| (name, value)));
        if selection.parallel {
            command.env("RUST_TEST_THREADS", &threads);
        }
        let title = selection.title.clone();
        Suite { title, command }
    };
    let suites: Vec<_> = selections.iter().map(suite).collect();
    let outcome = Mutex::default();
    thread::scope(|scope| {
        let running: Vec<_> = suites
            .into_iter()
            .map(|suite| scope.spawn(|| suite.run(&outcome)))
            .collect();
        running.into_iter().try_for_each(|suite| {
            suite
                .join()
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
    /// Whether most of the tests wait for Terraform or OpenTofu, which allows many of them to run in parallel.
    parallel: bool,
}

impl Selection {
    /// Selects one target whose tests run Terraform or OpenTofu.
    fn of(target: &str) -> Self {
        Self {
            title: target.to_owned(),
            targets: vec!["--test".to_owned(), target.to_owned()],
            parallel: true,
        }
    }

    /// Selects targets, most of whose tests use the processor most of the time.
    fn cpu_bound<'a>(title: &str, targets: impl IntoIterator<Item = &'a str>) -> Self {
        Self {
            title: title.to_owned(),
            targets: targets.into_iter().map(str::to_owned).collect(),
            parallel: false,
        }
    }
}

/// Returns selections that together contain every test in the workspace, except for optional suites.
fn selections(repository: &Repository) -> Result<Vec<Selection>> {
    let metadata = repository.metadata()?;
    let mut selections = Vec::new();
    // `--test` selects every target with a name, so a name belongs to the first package that uses it.
    let mut selected = BTreeSet::new();
    for package in metadata.workspace_packages() {
        let targets = package.targets.iter();
        let tests = targets.filter(|target| target.is_test() && target.test);
        let names: Vec<_> = tests
            .map(|target| target.name.as_str())
            .filter(|name| selected.insert((*name).to_owned()))
            .collect();
        if package.name.as_str() == END_TO_END {
            selections.extend(names.into_iter().map(Selection::of));
        } else if !names.is_empty() {
            let targets = names.iter().flat_map(|name| ["--test", name]);
            let title = format!("interface tests of {}", package.name);
            selections.push(Selection::cpu_bound(&title, targets));
        }
    }
    selections.push(Selection::cpu_bound("unit tests", ["--lib", "--bins"]));
    selections.push(Selection::cpu_bound("documentation tests", ["--doc"]));
    Ok(selections)
}

fn guard<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Suite {
    title: String,
    command: Command,
}

impl Suite {
    /// Runs the suite. Test results are printed immediately. Other output of a failed suite is printed when the suite
    /// ends.
    fn run(mut self, all: &Mutex<Outcome>) -> Result<()> {
        let start = Instant::now();
        let mut outcome = Outcome::default();
        let mut output = Vec::new();
        let status =
            Child::start(&mut self.command)?.each_line(|line| match outcome.read(line) {
                true => console::line(line),
                false => output.push(line.to_owned()),
            })?;
        outcome.broken = !status.success() && outcome.failed.is_empty();
        outcome.explain(&output);
        let took = seconds(start.elapsed());
        let (title, passed, failed) = (&self.title, outcome.passed, outcome.failed.len());
        // The lock prevents mixed output from two suites.
        let mut all = guard(all);
        if status.success() {
            console::good(&format!("{title}: {passed} passed in {took}"));
        } else {
            output.iter().for_each(|line| console::line(line));
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
    /// Reads an output line from libtest. Returns whether the line is a test result: `test NAME ... ok` or `test NAME
    /// ... FAILED`.
    fn read(&mut self, line: &str) -> bool {
        let Some(test) = line.strip_prefix("test ") else {
            return false;
        };
        match test.rsplit_once(" ... ") {
            Some((_, "ok")) => self.passed += 1,
            Some((name, "FAILED")) => self.failed.push(Failed {
                name: name.into(),
                says: Vec::new(),
            }),
            // Summaries, and notices about tests that run longer than a minute, which is normal for tests that wait for
            // AWS.
            _ => return false,
        }
        true
    }

    /// Reads the output of failed tests, which follows the line `---- NAME stdout ----`.
    fn explain(&mut self, output: &[String]) {
        for failed in &mut self.failed {
            let start = format!("---- {} stdout ----", failed.name);
            let lines = output.iter().skip_while(|line| **line != start).skip(1);
            let own = lines.take_while(|line| !line.starts_with("---- ") && *line != "failures:");
            let shown = own.filter(|line| !line.trim().is_empty()).take(SHOWN);
            failed.says = shown.cloned().collect();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outcomes_are_read_from_libtest_output() {
        let mut outcome = Outcome::default();
        let lines = [
            ("running 3 tests", false),
            ("test json::reads ... ok", true),
            ("test a has been running for over 60 seconds", false),
            ("test crates/tfdocs/src/lib.rs - (line 5) ... ok", true),
            ("test a ... b ... FAILED", true),
            ("test result: FAILED. 2 passed; 1 failed; 0 ignored", false),
        ];
        for (line, is_result) in lines {
            assert_eq!(outcome.read(line), is_result, "{line}");
        }
        assert_eq!(
            (
                outcome.passed,
                outcome.failed.len(),
                &*outcome.failed[0].name
            ),
            (2, 1, "a ... b")
        );
    }

    #[test]
    fn output_of_a_failed_test_is_in_the_outcome() {
        let mut outcome = Outcome::default();
        outcome.read("test one ... FAILED");
        outcome.read("test two ... FAILED");
        let output = "failures:\n\n---- one stdout ----\nError: first\n\nCaused by:\n---- two stdout ----\nsecond\n\nfailures:\n    one";
        let output: Vec<_> = output.lines().map(str::to_owned).collect();
        outcome.explain(&output);
        let says: Vec<_> = outcome
            .failed
            .iter()
            .map(|one| one.says.join("; "))
            .collect();
        assert_eq!(says, ["Error: first; Caused by:", "second"]);
    }

    #[test]
    fn every_workspace_test_is_in_one_suite() -> Result<()> {
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
                "no suite contains {expected}"
            );
        }
        assert!(
            each.iter().all(|one| one.as_str() != "kubernetes"),
            "{each:?}"
        );
        Ok(())
    }

    #[test]
    fn name_of_an_optional_suite_selects_only_this_suite() -> Result<()> {
        let repository = Repository::find()?;
        for (filter, expected) in [
            (Some("kubernetes"), Wanted::Suite("kubernetes")),
            (Some("packages"), Wanted::Named(Some("packages"))),
            (None, Wanted::Named(None)),
        ] {
            assert_eq!(wanted(&repository, filter)?, expected);
        }
        Ok(())
    }
}
