//! `cargo xtask demo`: applies the examples to a local AWS emulator, verifies every resource, destroys the examples,
//! and checks that no resources remain.

mod presence;
mod summary;
mod verification;

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use serde_json::Value;
use tfharness::toolchain::{Cli, Progress as _};
use tfharness::workspace::Output;
use tfharness::{Kind, LocalAws, Stack, Workspace};

use crate::cli::Demo;
use crate::console::{self, Stage};
use crate::doctor;
use crate::interrupt;
use crate::repository::Repository;

/// An example to show.
struct Example {
    name: String,
    /// Variables that disable deletion protection, from the example's [`VARIABLES`] file. With the default values, the
    /// examples cannot be destroyed.
    variables: BTreeMap<String, Value>,
}

/// File that contains the variables of an example.
const VARIABLES: &str = "demo.tfvars.json";
/// Resource type of a root certificate authority.
const ROOT: &str = "skreg_pki_root_ca";
/// Resource type of a secret, which can contain the connection URL of a database.
const SECRET: &str = "aws_secretsmanager_secret";
/// The default example.
const DEFAULT: &str = "skreg";
/// Runs the command.
///
/// # Errors
/// Returns an error if a tool is missing, or if the apply, the second plan, a verification, or the destroy operation
/// fails.
pub(crate) fn demo(repository: &Repository, options: &Demo) -> Result<()> {
    let examples = select_examples(repository, &options.examples)?;
    console::heading("Resources to create");
    for example in &examples {
        console::line(&format!("examples/{}", example.name));
        summary::print_plan(repository, &example.name)?;
    }
    console::heading("Prerequisites");
    let findings = doctor::findings(repository);
    doctor::show(&findings);
    let requested = options.cli.map(Into::into);
    doctor::check_requirements(&findings, requested)?;

    console::heading("Preparation");
    let stage = Stage::default();
    let cli = command_line(requested, &stage)?;
    console::good(&format!("{cli} at {}", cli.path()));
    let provider = stage.run_without_spinner("building the provider", || repository.build())?;
    let provider = provider
        .to_str()
        .context("the path of the target directory is not UTF-8")?;
    let served = LocalAws::serve(0, &stage)?;
    let aws = served.account();
    console::good(&format!(
        "local AWS emulator at {}, account {}",
        aws.endpoint(),
        aws.id()
    ));

    let mut stacks = Vec::new();
    for example in &examples {
        let workspace = Workspace::of(format!("examples/{}", example.name))
            .cli(&cli)
            .aws(aws)
            .provider("skreg/skreg", provider);
        let stack = apply_example(repository, example, workspace, aws, &stage)?;
        stacks.push((example.name.as_str(), stack));
    }
    if options.keep {
        calls(aws);
        return keep_until_interrupt(&stacks);
    }
    destroy_all(stacks, aws, &stage)?;
    calls(aws);
    print_next_steps(&cli);
    Ok(())
}

/// Returns the requested examples, or the default example.
fn select_examples(repository: &Repository, requested: &[String]) -> Result<Vec<Example>> {
    match requested {
        [] => Ok(vec![Example::read(repository, DEFAULT)?]),
        names => names
            .iter()
            .map(|name| Example::read(repository, name))
            .collect(),
    }
}

impl Example {
    /// Reads an example, which is any folder in `examples/` that contains a root module.
    fn read(repository: &Repository, name: &str) -> Result<Self> {
        let files = repository.texts("examples/")?;
        if !files.contains_key(&format!("examples/{name}/main.tf")) {
            let names = files.keys().filter_map(|path| {
                let name = path.strip_prefix("examples/")?.strip_suffix("/main.tf")?;
                (!name.contains('/')).then_some(name)
            });
            let names = names.collect::<Vec<_>>().join(", ");
            bail!("example `{name}` does not exist; examples: {names}");
        }
        let path = format!("examples/{name}/{VARIABLES}");
        let variables = match files.get(&path) {
            Some(text) => serde_json::from_str(text).with_context(|| format!("reading {path}"))?,
            None => BTreeMap::new(),
        };
        Ok(Self {
            name: name.to_owned(),
            variables,
        })
    }
}

/// Returns the requested CLI. If no CLI is requested, returns the first installed CLI, or builds OpenTofu.
fn command_line(requested: Option<Kind>, stage: &Stage) -> Result<Cli> {
    let installed = || {
        Kind::ALL
            .into_iter()
            .find_map(|kind| Cli::installed(kind).ok())
    };
    let found = match requested {
        Some(kind) => Cli::find_with(kind, stage),
        None => installed().map_or_else(|| Cli::find_with(Kind::Tofu, stage), Ok),
    };
    Ok(found?)
}

/// Applies an example and verifies every resource.
fn apply_example(
    repository: &Repository,
    example: &Example,
    mut workspace: Workspace,
    aws: &LocalAws,
    stage: &Stage,
) -> Result<Stack> {
    console::heading(&format!("examples/{}", example.name));
    for (name, value) in &example.variables {
        workspace = workspace.var(name, value.clone());
    }
    let (listener, times) = (stage.clone(), summary::Times::default());
    let recorder = times.clone();
    let workspace = workspace.listen(move |line| {
        recorder.record(line);
        show_progress(&listener, line);
    });
    let stack = stage.run("init", || workspace.init())?;
    stage.run("apply", || stack.apply_once())?;
    stage.run_with_summary(
        "second plan",
        || stack.expect_empty_plan(),
        |()| "empty".into(),
    )?;

    let state = stack.show()?;
    let present = || presence::everything_exists(aws, &state);
    stage.run_with_summary("verifying with the API", present, |count| {
        format!("{count} of {count} resources exist")
    })?;
    for resource in state.managed() {
        let attribute = |name: &str| resource.values[name].as_str();
        match resource.kind.as_str() {
            ROOT => {
                let pem = attribute("certificate_pem").context("the root CA has no certificate")?;
                let secret = attribute("secret_arn").context("the root CA has no secret")?;
                let verify = || verification::root_certificate(repository, aws, pem, secret);
                stage.run_with_summary("openssl verify", verify, Clone::clone)?;
            }
            SECRET => {
                let secret = attribute("arn").context("the secret has no ARN")?;
                if let Some(url) = verification::connection_url(aws, secret)? {
                    let verify = || verification::database_accepts(aws, url);
                    stage.run_with_summary(
                        "password in the connection URL",
                        verify,
                        Clone::clone,
                    )?;
                }
            }
            _ => {}
        }
    }
    summary::print_result(&times, &state);
    outputs(&stack.outputs()?);
    Ok(stack)
}

/// Prints the lines that show progress: resource operations that start and complete, and totals.
fn show_progress(stage: &Stage, line: &str) {
    let shown = [
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
    if shown.iter().any(|part| line.contains(part)) {
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

/// Shortens a long string, such as a certificate, to its first two and last two lines.
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

/// Prints the number of calls and the write actions for each service.
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
    console::table(&["service", "calls", "errors", "write actions"], rows);
}

/// Keeps the local AWS emulator and the directories until Ctrl-C, and prints how to inspect them.
fn keep_until_interrupt(stacks: &[(&str, Stack)]) -> Result<()> {
    console::heading("Inspect the result");
    console::line(
        "The local AWS emulator and the directories remain available until you press Ctrl-C. In another shell, run:",
    );
    for (name, stack) in stacks {
        console::line(&format!("\n  # examples/{name}"));
        let show = format!("{} show", quoted(stack.cli().path().as_str()));
        for line in block(stack.directory().as_str(), &stack.environment()?, &show) {
            console::line(&format!("  {line}"));
        }
    }
    console::line(
        "\nAny AWS tool in that shell uses the same account. For example, run `aws ecs list-clusters`.",
    );
    interrupt::wait();
    Ok(())
}

/// Returns shell lines that run a command in the demo environment. Each block sets the complete environment, because a
/// block that is copied alone must not reach a real account.
fn block(directory: &str, environment: &BTreeMap<String, String>, command: &str) -> Vec<String> {
    let needed = |name: &str| {
        ["AWS_", "TF_CLI_", "TF_VAR_"]
            .iter()
            .any(|prefix| name.starts_with(prefix))
            || name.ends_with("_PROXY")
    };
    let mut lines = vec![
        format!("cd {}", quoted(directory)),
        // Unsets user variables that would take precedence over the following lines.
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

/// Quotes an argument for a shell.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/.:_-,@=".contains(c);
    match !word.is_empty() && word.chars().all(plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
}

/// Destroys the stacks in reverse order, and checks that no resources remain.
fn destroy_all(stacks: Vec<(&str, Stack)>, aws: &LocalAws, stage: &Stage) -> Result<()> {
    console::heading("Cleanup");
    for (name, stack) in stacks.into_iter().rev() {
        stage.run(&format!("destroy examples/{name}"), || stack.destroy())?;
    }
    stage.run_with_summary(
        "verifying with the API",
        || aws.expect_empty(),
        |()| "no resources remain".into(),
    )?;
    Ok(())
}

fn print_next_steps(cli: &Cli) {
    let other = match cli.kind() {
        Kind::Tofu => Kind::Terraform,
        Kind::Terraform => Kind::Tofu,
    };
    console::heading("Next steps");
    for (command, what) in [
        (
            "cargo xtask demo --keep".to_owned(),
            "run the demo and keep the result for inspection",
        ),
        (
            format!("cargo xtask demo --cli {other}"),
            "run the demo with the other CLI",
        ),
        ("cargo xtask test".to_owned(), "run every test"),
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
    fn every_block_uses_only_the_local_aws_emulator() -> Result<()> {
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
        let path = directory.path().to_str().context("the path is not UTF-8")?;
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
