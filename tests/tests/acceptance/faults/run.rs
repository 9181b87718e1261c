//! Runs an operation with a fault, and repeats the operation until it converges.

use anyhow::{Context as _, Result, bail, ensure};
use tfharness::gateway::Call;
use tfharness::gateway::rules::Rule;
use tfharness::workspace::{Finished, Stack};
use tfharness::{Cli, LocalAws, on};

use super::remedy;
use super::schedule::{Case, Fault};
use super::subject::{Operation, Subject};
use crate::diagnostic::{self, Diagnostic};

/// Number of consecutive calls that fail. It exceeds [`ATTEMPTS`], so a burst outlasts the retries.
const BURST: usize = 4;
/// Number of consecutive calls that do not find a new secret.
const STALE: usize = 2;
/// `AWS_MAX_ATTEMPTS` for the interrupted run.
const ATTEMPTS: &str = "3";
/// Maximum number of rounds that run printed commands. After that, the operation counts as not converging.
const ROUNDS: usize = 3;

/// Result of an interrupted operation.
pub(super) struct Outcome {
    pub(super) subject: &'static str,
    pub(super) case: Case,
    cli: String,
    service: String,
    action: String,
    first: String,
    converged: Result<()>,
}

impl Outcome {
    /// Describes the violation that remains after the operation was repeated, if any.
    pub(super) fn violation(&self) -> Option<String> {
        let error = self.converged.as_ref().err()?;
        let Case { call, fault } = self.case;
        Some(format!(
            "- {} under {}: {fault} at call {call}, {} {}; first run: {}; then: {error:#}",
            self.subject, self.cli, self.service, self.action, self.first
        ))
    }
}

/// Returns the calls in an operation without faults.
pub(super) fn calls_of_a_quiet_run(subject: &Subject, cli: &Cli) -> Result<Vec<Call>> {
    let aws = LocalAws::account()?;
    let stack = (subject.prepare)(cli, &aws)?;
    let before = aws.journal().len();
    let (finished, diagnostics) = operate(subject, &stack)?;
    ensure!(
        finished.code() == Some(0),
        "\"{}\" fails without a fault:\n{}",
        subject.name,
        diagnostic::listed(&diagnostics)
    );
    let calls = aws.journal().split_off(before);
    expect_converged(subject, &aws, &stack).context("without a fault")?;
    ensure!(
        calls.len() > 1,
        "expected \"{}\" to call AWS, found {calls:?}",
        subject.name
    );
    Ok(calls)
}

/// Runs an operation with a fault, and repeats the operation until it converges.
pub(super) fn run_with(subject: &Subject, cli: &Cli, case: Case) -> Result<Outcome> {
    let aws = LocalAws::account()?;
    let mut stack = (subject.prepare)(cli, &aws)?;
    let rule = rule(case, &stack);
    aws.add_rule(&rule);
    stack.set_env("AWS_MAX_ATTEMPTS", Some(ATTEMPTS));
    let (finished, diagnostics) = operate(subject, &stack)?;
    stack.set_env("AWS_MAX_ATTEMPTS", None);
    aws.clear_rules();
    let error = diagnostics.iter().find(|found| found.severity == "error");
    let first = match error {
        Some(error) => error.summary.clone(),
        None => format!("exit code {:?}", finished.code()),
    };
    let journal = aws.journal();
    let met = journal.iter().find(|call| call.rule.is_some());
    let met = met.with_context(|| format!("the operation completed before the fault: {first}"))?;
    expect_heard(case.fault, &rule, &finished, error)?;
    let converged = converge(subject, &aws, &stack);
    Ok(Outcome {
        subject: subject.name,
        case,
        cli: cli.to_string(),
        service: met.service.clone(),
        action: met.action.clone(),
        first,
        converged,
    })
}

fn rule(case: Case, stack: &Stack) -> Rule {
    let call = on("*", "*").nth(case.call);
    let burst = on("*", "*").burst(case.call, BURST);
    let failure = "The request processing has failed because of an unknown error.";
    match case.fault {
        Fault::KillBefore => call.kill_before(&stack.providers()),
        Fault::KillAfter => call.kill_after(&stack.providers()),
        Fault::CommandKilled => call.kill_command_after(&stack.providers()),
        Fault::LostResponse => call.lose_response(),
        Fault::Throttle => burst.fail(400, "ThrottlingException", "Rate exceeded"),
        Fault::ServerError => burst.fail(500, "InternalFailure", failure),
        Fault::NotFound => {
            let message = "Secrets Manager can't find the specified secret.";
            on("*", "*")
                .burst(case.call, STALE)
                .fail(400, "ResourceNotFoundException", message)
        }
        Fault::ServerErrorAfter => call.fail_after(500, "InternalFailure", failure),
    }
}

/// Checks that the fault occurred, and that the CLI reports a killed process.
fn expect_heard(
    fault: Fault,
    rule: &Rule,
    finished: &Finished,
    error: Option<&Diagnostic>,
) -> Result<()> {
    let fired = rule.fired();
    let heard = match fault {
        Fault::KillBefore | Fault::KillAfter => finished.code() == Some(1) && error.is_some(),
        Fault::CommandKilled => finished.code().is_none(),
        _ => finished.code() == Some(0) || error.is_some(),
    };
    ensure!(
        fired > 0 && heard,
        "{fault} applied to {fired} calls, and the command exited with {:?}\n{}\n{}",
        finished.code(),
        finished.stdout,
        finished.stderr
    );
    Ok(())
}

/// Repeats the operation. If it fails, its error must contain a command that resolves the failure.
fn converge(subject: &Subject, aws: &LocalAws, stack: &Stack) -> Result<()> {
    for _ in 0..ROUNDS {
        let (finished, diagnostics) = operate(subject, stack)?;
        if finished.code() == Some(0) {
            return expect_converged(subject, aws, stack);
        }
        let commands = remedy::commands(&diagnostics);
        let said = diagnostic::listed(&diagnostics);
        ensure!(
            !commands.is_empty(),
            "the next run failed without printing a command:\n{said}"
        );
        for command in commands {
            remedy::follow(stack, aws, subject.address, &command)
                .with_context(|| format!("following {command:?} of\n{said}"))?;
        }
    }
    bail!("the printed commands did not resolve the error")
}

fn operate(subject: &Subject, stack: &Stack) -> Result<(Finished, Vec<Diagnostic>)> {
    let verb = match subject.operation {
        Operation::Apply => "apply",
        Operation::Destroy => "destroy",
    };
    diagnostic::run(stack, &[verb, "-auto-approve"])
}

fn expect_converged(subject: &Subject, aws: &LocalAws, stack: &Stack) -> Result<()> {
    if subject.operation == Operation::Apply {
        stack.expect_empty_plan()?;
    }
    (subject.expect_whole)(aws, stack)
}
