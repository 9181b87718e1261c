//! Interrupts create, update, and destroy operations on every resource type at each API call: kills the provider or the
//! CLI, drops the response, or causes AWS to throttle, to fail, or to return an outdated response. The next run must converge, or print a command that
//! converges. The interruption must not duplicate or orphan an object.
//!
//! `cargo xtask test --full` runs every call with every fault and every CLI. By default, each write has one fault, every
//! fault occurs, and reads are sampled. The provider determines the result of an interruption, so one CLI is sufficient.

mod authorities;
mod certificates;
mod publications;
mod remedy;
mod run;
mod schedule;
mod subject;
mod table;
mod whole;

use std::io::Write as _;
use std::time::Instant;

use acceptance::alternating_clis;
use anyhow::{Context as _, Result, ensure};
use tfharness::Cli;

use crate::scenario::side_by_side;
use run::{Outcome, calls_of_a_quiet_run, run_with};
use subject::Subject;

/// Number of concurrent runs. A run mostly waits.
const SIDE_BY_SIDE: usize = 6;

#[test]
fn root_interrupted_at_any_call_converges() -> Result<()> {
    interrupt(&subject::ROOTS)
}

#[test]
fn root_in_kms_interrupted_at_any_call_converges() -> Result<()> {
    interrupt(&authorities::KMS_ROOTS)
}

#[test]
fn intermediate_interrupted_at_any_call_converges() -> Result<()> {
    interrupt(&authorities::INTERMEDIATES)
}

#[test]
fn certificate_interrupted_at_any_call_converges() -> Result<()> {
    interrupt(&certificates::LEAVES)
}

#[test]
fn certificate_for_a_request_interrupted_at_any_call_converges() -> Result<()> {
    interrupt(&certificates::REQUESTS)
}

#[test]
fn cross_certificate_interrupted_at_any_call_converges() -> Result<()> {
    interrupt(&certificates::CROSS_CERTIFICATES)
}

#[test]
fn revocation_list_interrupted_at_any_call_converges() -> Result<()> {
    interrupt(&publications::LISTS)
}

#[test]
fn trust_bundle_interrupted_at_any_call_converges() -> Result<()> {
    interrupt(&publications::TRUST_BUNDLES)
}

#[test]
fn bundle_interrupted_at_any_call_converges() -> Result<()> {
    interrupt(&subject::BUNDLES)
}

/// Interrupts every operation, prints the table, and returns an error if a run has a violation.
fn interrupt(subjects: &[Subject]) -> Result<()> {
    let mut all = Vec::new();
    for cli in alternating_clis()? {
        for subject in subjects {
            all.extend(interrupt_everywhere(subject, &cli)?);
        }
    }
    let violations: Vec<_> = all.iter().filter_map(Outcome::violation).collect();
    // The table is the result, so the test writes it to standard error without capture.
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

fn interrupt_everywhere(subject: &Subject, cli: &Cli) -> Result<Vec<Outcome>> {
    let started = Instant::now();
    let calls = calls_of_a_quiet_run(subject, cli)?;
    let cases = schedule::cases(&calls);
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
