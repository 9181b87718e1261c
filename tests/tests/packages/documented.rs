//! Runs commands from a README: `aws` commands as API calls, and `tofu` commands with the CLI under test. Must run
//! commands exactly as printed.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Map, Value, json};
use tfharness::LocalAws;
use tfharness::workspace::Stack;

use crate::facts::text;

/// Supported `aws` commands and their options. Source: AWS CLI command reference. The command and option names are
/// derived from the action and parameter names.
const COMMANDS: [(&str, &str, &[&str]); 5] = [
    ("kms", "cancel-key-deletion", &["key-id"]),
    ("kms", "enable-key", &["key-id"]),
    ("secretsmanager", "describe-secret", &["secret-id"]),
    ("secretsmanager", "get-secret-value", &["secret-id"]),
    ("secretsmanager", "restore-secret", &["secret-id"]),
];

/// Query in a README that returns the versions in a bucket in the format for `delete-objects`.
const VERSIONS: &str = "{Objects: [Versions, DeleteMarkers][].{Key: Key, VersionId: VersionId}}";

/// Returns the commands in the shell blocks between two README passages, split into words.
pub(crate) fn commands(readme: &str, from: &str, to: &str) -> Result<Vec<Vec<String>>> {
    let (_, rest) = readme.split_once(from).with_context(|| from.to_owned())?;
    let (section, _) = rest.split_once(to).with_context(|| to.to_owned())?;
    let blocks = section
        .split("```sh\n")
        .skip(1)
        .filter_map(|block| block.split("```").next());
    let lines = blocks.flat_map(str::lines);
    let found: Vec<_> = lines.map(words).collect();
    ensure!(!found.is_empty(), "no commands between {from:?} and {to:?}");
    Ok(found)
}

/// Splits a line into words and resolves single quotes.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (number, part) in line.split('\'').enumerate() {
        match number % 2 {
            0 => words.extend(part.split_whitespace().map(str::to_owned)),
            _ => words.push(part.to_owned()),
        }
    }
    words
}

/// Context for the commands, with values for placeholders such as `<name>`.
pub(crate) struct Shell<'a> {
    pub(crate) aws: &'a LocalAws,
    pub(crate) stack: &'a Stack,
    /// Address of the module in the README and in this test.
    pub(crate) module: [&'a str; 2],
    pub(crate) values: BTreeMap<&'a str, String>,
}

impl Shell<'_> {
    /// Runs a command and returns its output.
    pub(crate) fn run(&self, command: &[String]) -> Result<Option<String>> {
        let command: Vec<_> = command.iter().map(|word| self.filled(word)).collect();
        let words: Vec<_> = command.iter().map(String::as_str).collect();
        ensure!(
            !words.iter().any(|word| word.contains('<')),
            "unknown placeholder in {words:?}"
        );
        match words.as_slice() {
            [
                "aws",
                "s3api",
                "list-object-versions",
                "--bucket",
                bucket,
                "--no-paginate",
                "--output",
                "json",
                "--query",
                VERSIONS,
                "|",
                "tee",
                file,
            ] => {
                let versions = self.aws.s3().versions(bucket)?;
                let objects = versions
                    .iter()
                    .map(|(key, version)| json!({ "Key": key, "VersionId": version }));
                let printed = json!({ "Objects": objects.collect::<Vec<_>>() }).to_string();
                self.stack.write(file, &printed)?;
                Ok(Some(printed))
            }
            [
                "aws",
                "s3api",
                "delete-objects",
                "--bucket",
                bucket,
                "--delete",
                document,
                "--output",
                "json",
            ] => {
                let file = document
                    .strip_prefix("file://")
                    .context("expected a file URL")?;
                let document = std::fs::read_to_string(self.stack.directory().join(file))?;
                let document: Value = serde_json::from_str(&document)?;
                let objects = document["Objects"].as_array().context("objects")?;
                let versions = objects
                    .iter()
                    .map(|object| Ok((text(object, "/Key")?, text(object, "/VersionId")?)))
                    .collect::<Result<Vec<_>>>()?;
                self.aws.s3().delete_versions(bucket, &versions)?;
                Ok(None)
            }
            ["aws", service, command, options @ ..] => self
                .call(service, command, options)
                .with_context(|| words.join(" ")),
            ["tofu", "import", address, id] => {
                let [theirs, ours] = self.module;
                let address = address.strip_prefix(theirs);
                let address =
                    address.with_context(|| format!("expected an address below {theirs}"))?;
                self.stack.import(&format!("{ours}{address}"), id)?;
                Ok(None)
            }
            ["tofu", "apply"] => {
                self.stack.apply()?;
                Ok(None)
            }
            _ => bail!("unsupported command: {}", words.join(" ")),
        }
    }

    fn filled(&self, word: &str) -> String {
        let fill = |word: String, (name, value): (&&str, &String)| word.replace(name, value);
        self.values.iter().fold(word.to_owned(), fill)
    }

    fn call(&self, service: &str, command: &str, options: &[&str]) -> Result<Option<String>> {
        let known = COMMANDS
            .iter()
            .find(|known| (known.0, known.1) == (service, command));
        let (_, _, takes) = known.context("unsupported command")?;
        let mut parameters = Map::new();
        let mut query = None;
        for option in options.chunks(2) {
            match option {
                ["--query", path] => query = Some(format!("/{path}")),
                ["--output", "text"] => {}
                [name, value] => {
                    let name = name.strip_prefix("--").unwrap_or(name);
                    ensure!(takes.contains(&name), "unsupported option {name}");
                    parameters.insert(of_the_api(name), Value::from(*value));
                }
                _ => bail!("{option:?} has no value"),
            }
        }
        let answer = self
            .aws
            .call(service, &of_the_api(command), Value::Object(parameters))?;
        query.map(|path| text(&answer, &path)).transpose()
    }
}

/// Converts `secret-id` to `SecretId`.
fn of_the_api(name: &str) -> String {
    let words = name.split('-').map(|word| {
        let (first, rest) = word.split_at(1.min(word.len()));
        format!("{}{rest}", first.to_uppercase())
    });
    words.collect()
}
