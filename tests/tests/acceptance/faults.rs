//! Interrupts create, update and destroy of both resources at each API call: kills the provider or the command line,
//! drops the response, or lets AWS throttle or fail. The next run must converge, or print a command that converges. No
//! object may be duplicated or orphaned.
//!
//! `SKREG_FAULTS=all` (`cargo xtask test --full`) runs every call with every fault and every command line. By default,
//! each write has one fault such that every fault occurs, and reads and the second command line are sampled.

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

/// Number of concurrent runs, which mostly wait.
const SIDE_BY_SIDE: usize = 6;

#[test]
fn root_interrupted_at_any_call_converges() -> Result<()> {
    with_every_cli(&subject::ROOTS)
}

#[test]
fn bundle_interrupted_at_any_call_converges() -> Result<()> {
    with_every_cli(&subject::BUNDLES)
}

/// Runs every operation with every command line, prints the table, and returns an error if a run has a violation.
fn with_every_cli(subjects: &[Subject]) -> Result<()> {
    let mut all = Vec::new();
    for (place, cli) in Cli::all()?.iter().enumerate() {
        for subject in subjects {
            all.extend(interrupt_everywhere(subject, cli, place)?);
        }
    }
    let violations: Vec<_> = all.iter().filter_map(Outcome::violation).collect();
    // Written to standard error without capture, because the table is the result.
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
        "{} with {cli}: {} runs for {} calls in {:.0?}",
        subject.name,
        cases.len(),
        calls.len(),
        started.elapsed()
    )?;
    Ok(outcomes)
}
