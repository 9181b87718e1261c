//! `cargo xtask demo`: applies the examples to a local AWS, looks at what was made, destroys it, and looks again.

mod picture;
mod presence;
mod proof;

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use tfharness::toolchain::{Cli, Progress as _};
use tfharness::workspace::Output;
use tfharness::{Kind, LocalAws, Stack, Workspace};

use crate::cli::Demo;
use crate::console::{self, Stage};
use crate::doctor;
use crate::interrupt;
use crate::repository::Repository;

/// An example, what makes it destroyable, and where its root certificate is.
struct Example {
    name: &'static str,
    /// Variables for an apply that is going to be destroyed: as they are, the examples refuse to be, as they should for
    /// a user.
    variables: &'static [(&'static str, &'static str)],
    /// The outputs that hold certificate and name of the secret of the key.
    root: Option<(&'static str, &'static str)>,
    /// The output that holds the name of the secret with the connection URL of a database.
    connection: Option<&'static str>,
}

const SKREG: &[(&str, &str)] = &[
    ("disposable", "true"),
    ("github_repository", "\"skreg/skreg\""),
];
const UNPROTECTED: &[(&str, &str)] = &[("deletion_protection", "false")];

/// Every example; the first is what the demo shows where none is named.
const EXAMPLES: [Example; 4] = [
    Example {
        name: "skreg",
        variables: SKREG,
        root: Some(("root_ca_cert", "root_ca_key_secret_name")),
        connection: Some("connection_secret_name"),
    },
    Example {
        name: "skreg-minimal",
        variables: SKREG,
        root: None,
        connection: None,
    },
    Example {
        name: "root-ca",
        variables: UNPROTECTED,
        root: Some(("root_ca_cert_pem", "secret_arn")),
        connection: None,
    },
    Example {
        name: "service",
        variables: UNPROTECTED,
        root: None,
        connection: None,
    },
];

/// Runs the command.
///
/// # Errors
/// When a tool is missing, an example does not apply, settle or go, or something is not as it should be on the API.
pub(crate) fn demo(repository: &Repository, options: &Demo) -> Result<()> {
    let examples = chosen(&options.examples)?;
    console::heading("What is going to be made");
    for example in &examples {
        console::line(&format!("examples/{}", example.name));
        picture::before(repository, example.name)?;
    }
    console::heading("This machine");
    let findings = doctor::findings(repository);
    doctor::show(&findings);
    let asked = options.cli.map(Into::into);
    doctor::ready(&findings, asked)?;

    console::heading("Getting ready");
    let stage = Stage::default();
    let cli = command_line(asked, &stage)?;
    console::good(&format!("{cli} at {}", cli.path()));
    let provider = stage.aloud("building the provider", || repository.build())?;
    let provider = provider.to_str().context("a target directory in UTF-8")?;
    let served = LocalAws::serve(0, &stage)?;
    let aws = served.account();
    console::good(&format!(
        "local AWS at {}, account {}",
        aws.endpoint(),
        aws.id()
    ));

    let mut stacks = Vec::new();
    for example in &examples {
        let workspace = Workspace::of(format!("examples/{}", example.name))
            .cli(&cli)
            .aws(aws)
            .provider("skreg/skreg", provider);
        let stack = applied(repository, example, workspace, aws, &stage)?;
        stacks.push((example.name, stack));
    }
    if options.keep {
        calls(aws);
        return stay(&stacks);
    }
    gone(stacks, aws, &stage)?;
    calls(aws);
    further(&cli);
    Ok(())
}

fn chosen(asked: &[String]) -> Result<Vec<&'static Example>> {
    let [first, ..] = &EXAMPLES;
    if asked.is_empty() {
        return Ok(vec![first]);
    }
    let find = |name: &String| {
        let known = EXAMPLES.iter().find(|example| example.name == *name);
        known.with_context(|| {
            let names = EXAMPLES.each_ref().map(|example| example.name);
            format!(
                "there is no example `{name}`; there are {}",
                names.join(", ")
            )
        })
    };
    asked.iter().map(find).collect()
}

/// The command line that was asked for, else the first that is installed, else an OpenTofu that is built.
fn command_line(asked: Option<Kind>, stage: &Stage) -> Result<Cli> {
    let installed = || {
        Kind::ALL
            .into_iter()
            .find_map(|kind| Cli::installed(kind).ok())
    };
    let found = match asked {
        Some(kind) => Cli::find_with(kind, stage),
        None => installed().map_or_else(|| Cli::find_with(Kind::Tofu, stage), Ok),
    };
    Ok(found?)
}

/// Applies an example and looks at everything that it made.
fn applied(
    repository: &Repository,
    example: &Example,
    mut workspace: Workspace,
    aws: &LocalAws,
    stage: &Stage,
) -> Result<Stack> {
    console::heading(&format!("examples/{}", example.name));
    for (name, value) in example.variables {
        let value: serde_json::Value = serde_json::from_str(value)?;
        workspace = workspace.var(name, value);
    }
    let (listener, times) = (stage.clone(), picture::Times::default());
    let heard = times.clone();
    let workspace = workspace.listen(move |line| {
        heard.hear(line);
        show_progress(&listener, line);
    });
    let stack = stage.run("init", || workspace.init())?;
    stage.run("apply", || stack.apply_once())?;
    stage.telling(
        "second plan",
        || stack.expect_settled(),
        |()| "empty".into(),
    )?;

    let state = stack.show()?;
    let present = || presence::everything_exists(aws, &state);
    stage.telling("asking the API", present, |count| {
        format!("{count} of {count} resources exist")
    })?;
    if let Some((certificate, key)) = example.root {
        let pem: String = stack.output(certificate)?;
        let secret: String = stack.output(key)?;
        let verify = || proof::root_verifies(repository, aws, &pem, &secret);
        stage.telling("openssl verify", verify, Clone::clone)?;
    }
    if let Some(output) = example.connection {
        let secret: String = stack.output(output)?;
        let connects = || proof::connects(aws, &secret);
        stage.telling("DATABASE_URL", connects, Clone::clone)?;
    }
    picture::after(&times, &state);
    outputs(&stack.outputs()?);
    Ok(stack)
}

/// Shows what a person watches an apply for: resources that begin and end, and totals.
fn show_progress(stage: &Stage, line: &str) {
    let telling = [
        ": Creating...",
        ": Creation complete",
        ": Still creating",
        ": Destroying...",
        ": Destruction complete",
        ": Still destroying",
        ": Modif",
        "Apply complete!",
        "Destroy complete!",
    ];
    if telling.iter().any(|part| line.contains(part)) {
        stage.line(line);
    }
}

fn outputs(outputs: &std::collections::BTreeMap<String, Output>) {
    let rows = outputs.iter().map(|(name, output)| {
        let value = match (&output.value, output.sensitive) {
            (_, true) => "(sensitive)".into(),
            (serde_json::Value::String(text), false) => short(text),
            (value, false) => {
                serde_json::to_string_pretty(value).unwrap_or_else(|_| value.to_string())
            }
        };
        [name.clone(), value]
    });
    console::table(&["output", "value"], rows);
}

/// The first and last two lines of a long text, such as a certificate.
fn short(text: &str) -> String {
    let lines: Vec<&str> = text.trim_end().lines().collect();
    match lines.as_slice() {
        [first, second, .., before, last] if lines.len() > 6 => {
            format!(
                "{first}\n{second}\n… {} lines …\n{before}\n{last}",
                lines.len() - 4
            )
        }
        _ => lines.join("\n"),
    }
}

/// Calls by service, with the actions that make or change something named.
fn calls(aws: &LocalAws) {
    console::heading("API calls");
    let mut services = std::collections::BTreeMap::<String, (usize, usize, Vec<String>)>::new();
    for count in aws.counts() {
        let entry = services.entry(count.service).or_default();
        entry.0 += count.calls;
        entry.1 += count.errors;
        let reads = ["Describe", "Get", "List", "GET ", "HEAD "];
        if !reads.iter().any(|read| count.action.starts_with(read)) {
            entry.2.push(format!("{} {}", count.calls, count.action));
        }
    }
    let rows = services
        .into_iter()
        .map(|(service, (calls, errors, writes))| {
            [
                service,
                calls.to_string(),
                errors.to_string(),
                writes.join(", "),
            ]
        });
    console::table(&["service", "calls", "errors", "of these, writes"], rows);
}

/// Leaves local AWS and directories standing until Ctrl-C, and says how to look around.
fn stay(stacks: &[(&str, Stack)]) -> Result<()> {
    console::heading("Look around");
    console::line("Until Ctrl-C the local AWS answers and the directories stay. In another shell:");
    for (name, stack) in stacks {
        console::line(&format!("\n  # examples/{name}"));
        let show = format!("{} show", quoted(stack.cli().path().as_str()));
        for line in block(stack.directory().as_str(), &stack.environment()?, &show) {
            console::line(&format!("  {line}"));
        }
    }
    console::line(
        "\nThere, any AWS command line sees the same account, such as `aws ecs list-clusters`.",
    );
    interrupt::wait();
    Ok(())
}

/// Lines for a shell that runs a command as the demo does. Each block points at the local AWS by itself: a reader who copies
/// only one of them must not reach an account of their own.
fn block(directory: &str, environment: &BTreeMap<String, String>, command: &str) -> Vec<String> {
    let needed = |name: &str| {
        ["AWS_", "TF_CLI_", "TF_VAR_"]
            .iter()
            .any(|prefix| name.starts_with(prefix))
            || name.ends_with("_PROXY")
    };
    let mut lines = vec![
        format!("cd {}", quoted(directory)),
        // What a user may have set and what would count for more than the lines below.
        "unset $(env | sed -n 's/^\\(AWS_[A-Z0-9_]*\\)=.*/\\1/p') http_proxy https_proxy no_proxy"
            .to_owned(),
    ];
    lines.extend(
        environment
            .iter()
            .filter(|(name, _)| needed(name))
            .map(|(name, value)| format!("export {name}={}", quoted(value))),
    );
    lines.push(command.to_owned());
    lines
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/.:_-,@=".contains(c);
    match !word.is_empty() && word.chars().all(plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
}

/// Destroys the stacks, the last one first, and checks that nothing is left.
fn gone(stacks: Vec<(&str, Stack)>, aws: &LocalAws, stage: &Stage) -> Result<()> {
    console::heading("Clean up");
    for (name, stack) in stacks.into_iter().rev() {
        stage.run(&format!("destroy examples/{name}"), || stack.destroy())?;
    }
    stage.telling(
        "asking the API",
        || aws.expect_empty(),
        |()| "nothing is left".into(),
    )?;
    Ok(())
}

fn further(cli: &Cli) {
    let other = match cli.kind() {
        Kind::Tofu => Kind::Terraform,
        Kind::Terraform => Kind::Tofu,
    };
    console::heading("How to go on");
    for (command, what) in [
        (
            "cargo xtask demo --keep".to_owned(),
            "the same, left standing to look around",
        ),
        (
            format!("cargo xtask demo --cli {other}"),
            "the same under the other command line",
        ),
        ("cargo xtask test".to_owned(), "every test"),
    ] {
        console::line(&format!("  {command:<36} {what}"));
    }
    console::line(&format!(
        "  {:<36} configurations to start from",
        "examples/"
    ));
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn every_block_leads_to_the_local_aws_and_nowhere_else() -> Result<()> {
        let directory = tempfile::tempdir()?;
        let ours = [
            ("AWS_ACCESS_KEY_ID", "100000000001"),
            ("AWS_ENDPOINT_URL", "http://127.0.0.1:4566"),
            ("AWS_REGION", "us-east-1"),
            ("HTTPS_PROXY", "http://100000000001:local@127.0.0.1:4566"),
            ("TF_CLI_CONFIG_FILE", "/it's here/cli.tfrc"),
            ("TF_VAR_deletion_protection", "false"),
        ];
        let environment = ours.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let path = directory.path().to_str().context("a path in UTF-8")?;
        let lines = block(path, &environment.into(), "env");
        let users = [
            ("AWS_PROFILE", "production"),
            ("AWS_SESSION_TOKEN", "token"),
            (
                "AWS_ENDPOINT_URL_ECS",
                "https://ecs.eu-west-1.amazonaws.com",
            ),
            ("AWS_REGION", "eu-west-1"),
            ("https_proxy", "http://proxy.example.com"),
        ];
        for shell in ["bash", "sh"] {
            let output = Command::new(shell)
                .args(["-c", &lines.join("\n")])
                .envs(users)
                .output()?;
            let seen = String::from_utf8(output.stdout)?;
            for (name, value) in ours {
                assert!(
                    seen.lines().any(|line| line == format!("{name}={value}")),
                    "{shell}: {name} in {seen}"
                );
            }
            for name in [
                "AWS_PROFILE",
                "AWS_SESSION_TOKEN",
                "AWS_ENDPOINT_URL_ECS",
                "https_proxy",
            ] {
                assert!(
                    !seen.contains(&format!("\n{name}=")),
                    "{shell}: {name} in {seen}"
                );
            }
        }
        Ok(())
    }
}
