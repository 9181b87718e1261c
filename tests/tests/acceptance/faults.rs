//! Interrupted operations: at each API call of a create, an update and a destroy, of both resources, the provider or the
//! command line is killed, the answer is lost, or AWS throttles or fails. The next run must converge, or end with an
//! error whose printed command converges; nothing may be left twice, and nothing that no state knows.
//!
//! `SKREG_FAULTS=all` (`cargo xtask test --full`) takes every call with every fault under every command line. Without it
//! each write meets one fault, so that every fault class is met, and reads and the second command line are sampled.

mod remedy;
mod run;
mod schedule;
mod subject;
mod table;
mod whole;

use std::io::Write as _;
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use tfharness::Cli;

use crate::scenario::side_by_side;
use run::{Outcome, calls_of_a_quiet_run, run_with};
use subject::Subject;

/// Runs at once: they wait more than they work.
const SIDE_BY_SIDE: usize = 6;

#[test]
fn a_root_interrupted_at_any_call_converges() -> Result<()> {
    under_every_cli(&subject::ROOTS)
}

#[test]
fn a_bundle_interrupted_at_any_call_converges() -> Result<()> {
    under_every_cli(&subject::BUNDLES)
}

/// Runs every subject under every command line, prints the table and fails where a run violated an expectation.
fn under_every_cli(subjects: &[Subject]) -> Result<()> {
    let mut all = Vec::new();
    for (place, cli) in Cli::all()?.iter().enumerate() {
        for subject in subjects {
            all.extend(interrupt_everywhere(subject, cli, place)?);
        }
    }
    let violations: Vec<_> = all.iter().filter_map(Outcome::violation).collect();
    // Past the test runner's capture, because the table is the result.
    writeln!(std::io::stderr(), "\n{}", table::of(&all))?;
    ensure!(
        violations.is_empty(),
        "{} of {} interrupted operations did not converge:\n{}",
        violations.len(),
        all.len(),
        violations.join("\n")
    );
    Ok(())
}

fn interrupt_everywhere(subject: &Subject, cli: &Cli, place: usize) -> Result<Vec<Outcome>> {
    let started = Instant::now();
    let calls = calls_of_a_quiet_run(subject, cli)?;
    let cases = schedule::cases(&calls, place);
    let outcomes = side_by_side(&cases, SIDE_BY_SIDE, |case| {
        run_with(subject, cli, *case).with_context(|| format!("{} {case:?}", subject.name))
    })?;
    writeln!(
        std::io::stderr(),
        "{} under {cli}: {} runs over {} calls in {:.0?}",
        subject.name,
        cases.len(),
        calls.len(),
        started.elapsed()
    )?;
    Ok(outcomes)
}
