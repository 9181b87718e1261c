//! Checks that passwords and private keys exist only in Secrets Manager: searches state, plan, all files in the
//! workspace, and the trace log.
//!
//! The exception is the log of hashicorp/aws. With debug logging, it contains the bodies of calls that set the database
//! password. A module cannot change this, so the search skips these lines only.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use tfharness::workspace::Stack;

use crate::facts::text;
use crate::requirements::Registry;

/// Searches a stack that was applied with trace logging.
pub(crate) fn expect_nowhere_else(stack: &Stack, registry: &Registry<'_>) -> Result<()> {
    let password = registry.password()?;
    let pki = registry.pki()?;
    let mut keys = String::new();
    for name in ["root-ca-key", "intermediate-ca-key", "package-signing-key"] {
        keys.push_str(&text(&pki.document(name)?, "/private_key_pem")?);
    }
    let lines = keys
        .lines()
        .filter(|line| !line.starts_with("-----") && line.len() >= 32);
    let mut needles = vec![
        ("the password", password.as_str()),
        ("a private key", "PRIVATE KEY-----"),
    ];
    needles.extend(lines.map(|line| ("a line of a private key", line)));
    ensure!(needles.len() > 80, "the private keys have too few lines");

    stack.plan()?;
    let mut places = vec![
        ("the state".to_owned(), stack.state_text()?),
        (
            "the plan as JSON".to_owned(),
            stack.succeed(&["show", "-json", "harness.tfplan"])?,
        ),
    ];
    let environment = stack.environment()?;
    let base = Path::new(&environment["HOME"])
        .parent()
        .context("the home directory is not in the workspace")?;
    files(base, &mut places)?;
    for (place, expected) in [
        ("the state", "BEGIN CERTIFICATE"),
        ("the plan as JSON", "aws_db_instance"),
        ("trace.log", "ApplyResourceChange"),
        ("trace.log", "terraform-provider-aws"),
    ] {
        let found = places
            .iter()
            .any(|(name, text)| name.ends_with(place) && text.contains(expected));
        ensure!(
            found,
            "expected {expected:?} in {place}; the search is not valid without it"
        );
    }
    let exceptions = places
        .iter_mut()
        .filter(|(place, _)| place.ends_with("trace.log"));
    let mut left_out = 0;
    for (_, text) in exceptions {
        let lines = text.lines().filter(|line| !is_body_of_database_call(line));
        let kept: Vec<_> = lines.collect();
        left_out += text.lines().count() - kept.len();
        *text = kept.join("\n");
    }
    ensure!(
        (1..=4).contains(&left_out),
        "skipped {left_out} lines of the trace log"
    );
    for (place, text) in &places {
        for (what, needle) in &needles {
            // The error must not contain the secret.
            let at = text.find(needle);
            ensure!(
                at.is_none(),
                "found {what} in {place}, after {:?}",
                at.map(|at| before(text, at))
            );
        }
    }
    Ok(())
}

/// Returns whether a log line is the body of a call that sets a database password.
fn is_body_of_database_call(line: &str) -> bool {
    let calls = [
        "  | Action=CreateDBInstance&",
        "  | Action=ModifyDBInstance&",
    ];
    calls.iter().any(|call| line.starts_with(call))
}

/// Returns the text before a match, which identifies its source.
fn before(text: &str, at: usize) -> String {
    let start = text[..at].rfind('\n').map_or(0, |line| line + 1);
    text[start..at].chars().take(300).collect()
}

fn files(directory: &Path, places: &mut Vec<(String, String)>) -> Result<()> {
    for entry in std::fs::read_dir(directory)? {
        let entry = entry?;
        let (kind, path) = (entry.file_type()?, entry.path());
        // Provider programs contain no secrets from a run.
        if kind.is_dir() && !path.ends_with("mirror") && !path.ends_with(".terraform") {
            files(&path, places)?;
        } else if kind.is_file() {
            let bytes = std::fs::read(&path)?;
            places.push((
                path.display().to_string(),
                String::from_utf8_lossy(&bytes).into_owned(),
            ));
        }
    }
    Ok(())
}
