//! Parses and runs the commands in error messages. Must not depend on specific errors.

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Map, Value};
use tfharness::LocalAws;
use tfharness::workspace::Stack;

use crate::diagnostic::Diagnostic;

/// First words of a printed command: a program, or a CLI subcommand, which errors print without the program name.
const FIRST_WORDS: [&str; 6] = ["aws", "import", "state", "untaint", "destroy", "apply"];

/// Returns the commands in the errors from a run. Each command is on a separate indented line.
pub(super) fn commands(diagnostics: &[Diagnostic]) -> Vec<Vec<String>> {
    let errors = diagnostics.iter().filter(|one| one.severity == "error");
    let lines = errors.flat_map(|error| error.detail.lines());
    let lines = lines.filter(|line| line.starts_with("    "));
    let words = lines.map(words);
    let mut commands: Vec<_> = words
        .filter(|words| {
            words
                .first()
                .is_some_and(|word| FIRST_WORDS.contains(&word.as_str()))
        })
        .collect();
    commands.dedup();
    commands
}

/// Splits a shell line into words and resolves quotes.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let (mut quote, mut begun) = (None, false);
    for letter in line.trim().chars() {
        match (quote, letter) {
            (Some(open), _) if open == letter => quote = None,
            (None, '\'' | '"') => (quote, begun) = (Some(letter), true),
            (None, ' ') => {
                if begun {
                    words.push(std::mem::take(&mut word));
                }
                begun = false;
            }
            _ => {
                word.push(letter);
                begun = true;
            }
        }
    }
    if begun {
        words.push(word);
    }
    words
}

/// Runs a printed command, with the resource address instead of its placeholder.
pub(super) fn follow(
    stack: &Stack,
    aws: &LocalAws,
    address: &str,
    command: &[String],
) -> Result<()> {
    let (first, rest) = command.split_first().context("the command is empty")?;
    if first == "aws" {
        return call(aws, rest);
    }
    let kind = address.split('.').next().unwrap_or_default();
    let placeholders = ["ADDRESS".to_owned(), format!("{kind}.NAME")];
    let arguments: Vec<&str> = command
        .iter()
        .map(|argument| match placeholders.contains(argument) {
            true => address,
            false => argument.as_str(),
        })
        .collect();
    stack.succeed(&arguments)?;
    Ok(())
}

/// Runs `aws SERVICE ACTION --NAME VALUE …` as a direct call.
fn call(aws: &LocalAws, arguments: &[String]) -> Result<()> {
    let [service, action, flags @ ..] = arguments else {
        bail!("`aws {}` has no action", arguments.join(" "));
    };
    // Parameter names start with an uppercase letter in Secrets Manager, and with a lowercase letter in ECS.
    let capital = service == "secretsmanager";
    let mut parameters = Map::new();
    for pair in flags.chunks(2) {
        let [flag, value] = pair else {
            bail!("`aws {}`: an option has no value", arguments.join(" "));
        };
        let name = flag
            .strip_prefix("--")
            .context("the option does not start with --")?;
        parameters.insert(camel(name, capital), Value::from(value.as_str()));
    }
    ensure!(!parameters.is_empty(), "the command has no parameters");
    aws.call(service, &camel(action, true), parameters.into())?;
    Ok(())
}

fn camel(kebab: &str, capital: bool) -> String {
    let parts = kebab.split('-').enumerate().map(|(place, part)| {
        let (first, rest) = part.split_at(part.len().min(1));
        match capital || place > 0 {
            true => format!("{}{rest}", first.to_uppercase()),
            false => part.to_owned(),
        }
    });
    parts.collect()
}

#[test]
fn printed_commands_are_parsed_as_in_a_shell() {
    let diagnostic = Diagnostic {
        severity: "error".to_owned(),
        summary: String::new(),
        detail: "Import it:\n\n    import ADDRESS 'a b/c'\n\nor aws.\nimport what you need\n"
            .to_owned(),
        line: String::new(),
    };
    assert_eq!(commands(&[diagnostic]), [["import", "ADDRESS", "a b/c"]]);
    assert_eq!(camel("restore-secret", true), "RestoreSecret");
    assert_eq!(camel("desired-count", false), "desiredCount");
}
