//! Executes the shell blocks of a document. `aws` commands are API calls, and all other commands run in `sh`, where
//! `tofu` is the CLI under test. Must run the commands exactly as printed.

use std::collections::BTreeMap;
use std::os::unix::fs::symlink;
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Map, Value, json};
use tempfile::TempDir;
use tfharness::{LocalAws, Stack};

/// Start of a block of shell commands in a document.
const BLOCK: &str = "```sh\n";
/// Option arguments that are numbers.
const NUMBERS: [&str; 2] = ["recovery-window-in-days", "pending-window-in-days"];

/// Returns the part of a document between a heading and the next heading of the same level.
pub(crate) fn section<'a>(document: &'a str, heading: &str) -> Result<&'a str> {
    let (_, rest) = document
        .split_once(&format!("\n## {heading}"))
        .with_context(|| format!("the document has no section {heading:?}"))?;
    Ok(rest
        .split_once("\n## ")
        .map_or(rest, |(section, _)| section))
}

/// Returns the shell blocks of a text.
pub(crate) fn blocks(text: &str) -> Result<Vec<&str>> {
    let blocks = text.split(BLOCK).skip(1);
    let blocks: Vec<_> = blocks
        .filter_map(|block| block.split("```").next())
        .collect();
    ensure!(!blocks.is_empty(), "the text has no shell blocks: {text}");
    Ok(blocks)
}

/// A shell in the directory of a stack.
pub(crate) struct Shell<'a> {
    aws: &'a LocalAws,
    /// Stack in whose directory the commands run.
    pub(crate) stack: &'a mut Stack,
    /// Values of placeholders such as `<secret_arn>`.
    values: BTreeMap<&'static str, String>,
    /// Directory with `tofu`.
    programs: TempDir,
}

impl<'a> Shell<'a> {
    /// Creates a shell with values for placeholders.
    pub(crate) fn new(
        aws: &'a LocalAws,
        stack: &'a mut Stack,
        values: impl IntoIterator<Item = (&'static str, String)>,
    ) -> Result<Self> {
        let programs = tempfile::tempdir()?;
        symlink(stack.cli().path(), programs.path().join("tofu"))?;
        Ok(Self {
            aws,
            stack,
            values: values.into_iter().collect(),
            programs,
        })
    }

    /// Sets the value of a placeholder.
    pub(crate) fn set(&mut self, placeholder: &'static str, value: impl Into<String>) {
        self.values.insert(placeholder, value.into());
    }

    /// Runs the shell blocks of a text in order, and returns the output of the last one.
    pub(crate) fn run_all(&mut self, text: &str) -> Result<String> {
        let mut output = String::new();
        for block in blocks(text)? {
            output = self.run(block)?;
        }
        Ok(output)
    }

    /// Runs commands and returns their standard output.
    pub(crate) fn run(&mut self, commands: &str) -> Result<String> {
        let filled = self.values.iter();
        let filled = filled.fold(commands.to_owned(), |text, (placeholder, value)| {
            text.replace(placeholder, value)
        });
        let mut output = String::new();
        let mut script = String::new();
        for line in filled.replace("\\\n", " ").lines() {
            let exported = line
                .strip_prefix("export ")
                .and_then(|rest| rest.split_once('='));
            match (exported, line.starts_with("aws ")) {
                (Some((name, value)), _) => {
                    output += &self.script(&std::mem::take(&mut script))?;
                    let value = value.trim_matches(['\'', '"']);
                    self.stack.set_env(name, Some(value));
                }
                (None, true) => {
                    output += &self.script(&std::mem::take(&mut script))?;
                    output += &self.call(line).with_context(|| line.to_owned())?;
                }
                (None, false) => script += &format!("{line}\n"),
            }
        }
        Ok(output + &self.script(&script)?)
    }

    fn script(&self, script: &str) -> Result<String> {
        if script.trim().is_empty() {
            return Ok(String::new());
        }
        let mut environment = self.stack.environment()?;
        let path = environment.get("PATH").cloned().unwrap_or_default();
        let programs = self.programs.path().display();
        environment.insert("PATH".to_owned(), format!("{programs}:{path}"));
        for command in ["apply", "destroy"] {
            environment.insert(format!("TF_CLI_ARGS_{command}"), "-auto-approve".to_owned());
        }
        let finished = Command::new("sh")
            .args(["-e", "-u", "-c", script])
            .env_clear()
            .envs(environment)
            .current_dir(self.stack.directory())
            .output()?;
        let output = String::from_utf8(finished.stdout)?;
        ensure!(
            finished.status.success(),
            "{}: {}:\n{script}\n{output}{}",
            self.stack.cli(),
            finished.status,
            String::from_utf8_lossy(&finished.stderr)
        );
        Ok(output)
    }

    /// Sends the API call of an `aws` command. The names of the action and the parameters are derived from the names of
    /// the command and the options (AWS CLI command reference).
    fn call(&self, line: &str) -> Result<String> {
        let words = words(line);
        ensure!(
            !words.iter().any(|word| word.contains('<')),
            "unknown placeholder in {words:?}"
        );
        let mut words = words.iter().skip(1);
        let (Some(service), Some(command)) = (words.next(), words.next()) else {
            bail!("expected a service and a command");
        };
        let mut parameters = Map::new();
        let mut query = None;
        while let Some(option) = words.next() {
            let name = option.strip_prefix("--").context("expected an option")?;
            let value = words
                .next()
                .with_context(|| format!("{option} has no value"))?;
            match name {
                "query" => query = Some(format!("/{}", value.replace('.', "/"))),
                "output" => {}
                name if NUMBERS.contains(&name) => {
                    let number: u32 = value.parse()?;
                    parameters.insert(of_the_api(name), json!(number));
                }
                name => {
                    parameters.insert(of_the_api(name), json!(value));
                }
            }
        }
        if service == "s3api" {
            return self.object(command, &parameters);
        }
        let answer = self
            .aws
            .call(service, &of_the_api(command), parameters.into())?;
        Ok(match query {
            None => answer.to_string(),
            Some(query) => {
                let found = answer.pointer(&query).and_then(Value::as_str);
                found
                    .with_context(|| format!("{query} in {answer}"))?
                    .to_owned()
            }
        })
    }

    fn object(&self, command: &str, parameters: &Map<String, Value>) -> Result<String> {
        let text = |name: &str| {
            parameters
                .get(name)
                .and_then(Value::as_str)
                .unwrap_or_default()
        };
        match command {
            "create-bucket" => self.aws.s3().create_bucket(text("Bucket"))?,
            "delete-object" => self.aws.s3().delete(text("Bucket"), text("Key"))?,
            _ => bail!("unsupported command"),
        }
        Ok(String::new())
    }
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

/// Converts `secret-id` to `SecretId`.
fn of_the_api(name: &str) -> String {
    let words = name.split('-').map(|word| {
        let (first, rest) = word.split_at(1.min(word.len()));
        format!("{}{rest}", first.to_uppercase())
    });
    words.collect()
}
