//! Parses the diagnostics that the CLIs print with `-json`. Must not parse wrapped text.

use std::fmt;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use tfharness::Stack;
use tfharness::workspace::Finished;

/// Arguments for a plan.
pub(crate) const PLAN: &[&str] = &["plan"];
/// Arguments for an apply.
pub(crate) const APPLY: &[&str] = &["apply", "-auto-approve"];

/// An error or warning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Diagnostic {
    /// `error` or `warning`.
    pub(crate) severity: String,
    /// Summary.
    pub(crate) summary: String,
    /// Detail.
    pub(crate) detail: String,
    /// The configuration line that the diagnostic points to, which represents the attribute path.
    pub(crate) line: String,
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} at `{}`: {}\n{}",
            self.severity, self.line, self.summary, self.detail
        )
    }
}

/// Expected location and message of a diagnostic.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Saying<'a> {
    /// Start of the configuration line. `None` if the diagnostic must not point to a line.
    pub(crate) at: Option<&'a str>,
    /// Fragments of the summary or detail.
    pub(crate) says: &'a [&'a str],
}

impl Saying<'_> {
    fn fits(&self, diagnostic: &Diagnostic) -> bool {
        let text = format!("{}\n{}", diagnostic.summary, diagnostic.detail);
        let placed = match self.at {
            Some(beginning) => !beginning.is_empty() && diagnostic.line.starts_with(beginning),
            None => diagnostic.line.is_empty(),
        };
        placed && self.says.iter().all(|fragment| text.contains(fragment))
    }
}

/// Runs a command with `-json` and returns its result and diagnostics.
pub(crate) fn run(stack: &Stack, arguments: &[&str]) -> Result<(Finished, Vec<Diagnostic>)> {
    let (verb, rest) = arguments
        .split_first()
        .context("the command has no subcommand")?;
    let finished = stack.run(&[&[*verb, "-json", "-input=false"], rest].concat())?;
    let diagnostics = read(&finished.stdout);
    Ok((finished, diagnostics))
}

/// Checks that a command fails with only the expected error, and returns all diagnostics.
pub(crate) fn expect_refused(
    stack: &Stack,
    arguments: &[&str],
    saying: &Saying<'_>,
) -> Result<Vec<Diagnostic>> {
    let (finished, diagnostics) = run(stack, arguments)?;
    let errors: Vec<_> = diagnostics
        .iter()
        .filter(|found| found.severity == "error")
        .collect();
    let fits = !errors.is_empty() && errors.iter().all(|error| saying.fits(error));
    ensure!(
        fits && finished.code() == Some(1),
        "{} {arguments:?}: expected an error at {:?} with {:?}, found exit code {:?} and\n{}{}\nin {}",
        stack.cli(),
        saying.at,
        saying.says,
        finished.code(),
        listed(&diagnostics),
        finished.stderr,
        stack.directory(),
    );
    Ok(diagnostics)
}

/// Checks that a command succeeds with a warning.
pub(crate) fn expect_warned(stack: &Stack, arguments: &[&str], saying: &Saying<'_>) -> Result<()> {
    let (finished, diagnostics) = run(stack, arguments)?;
    let warned = diagnostics
        .iter()
        .any(|found| found.severity == "warning" && saying.fits(found));
    ensure!(
        warned && finished.code() == Some(0),
        "{} {arguments:?}: expected success and a warning at {:?} with {:?}, found exit code {:?} and\n{}{}",
        stack.cli(),
        saying.at,
        saying.says,
        finished.code(),
        listed(&diagnostics),
        finished.stderr,
    );
    Ok(())
}

/// Formats diagnostics for messages.
pub(crate) fn listed(diagnostics: &[Diagnostic]) -> String {
    if diagnostics.is_empty() {
        return "no diagnostics\n".to_owned();
    }
    diagnostics
        .iter()
        .map(|diagnostic| format!("{diagnostic}\n"))
        .collect()
}

fn read(stdout: &str) -> Vec<Diagnostic> {
    let messages = stdout
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    messages
        .filter(|message| message["type"] == "diagnostic")
        .map(|message| one(&message["diagnostic"]))
        .collect()
}

fn one(diagnostic: &Value) -> Diagnostic {
    let text = |pointer: &str| {
        diagnostic
            .pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let code = text("/snippet/code");
    Diagnostic {
        severity: text("/severity"),
        summary: text("/summary"),
        detail: text("/detail"),
        line: code.lines().next().unwrap_or_default().trim().to_owned(),
    }
}
