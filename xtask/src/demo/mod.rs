//! `cargo xtask demo`: applies the examples to a local AWS, looks at what was made, destroys it, and looks again.

mod presence;
mod proof;

use std::path::Path;

use anyhow::{Context, Result, ensure};
use tfharness::aws::Served;
use tfharness::toolchain::{Cli, Progress as _};
use tfharness::workspace::Output;
use tfharness::{Kind, LocalAws, Stack, Workspace};

use crate::cli::Demo;
use crate::console::{self, Stage};
use crate::doctor;
use crate::interrupt;
use crate::repository::Repository;

const ROOT_CA: &str = "root-ca";
const EXAMPLES: [&str; 2] = [ROOT_CA, "service"];

/// Runs the command.
///
/// # Errors
/// When a tool is missing, an example does not apply, settle or go, or something is not as it should be on the API.
pub(crate) fn demo(repository: &Repository, options: &Demo) -> Result<()> {
    let examples = chosen(repository, &options.examples)?;
    console::heading("This machine");
    doctor::show(&doctor::findings(repository));

    console::heading("Getting ready");
    let stage = Stage::default();
    let cli = command_line(options.cli.map(Into::into), &stage)?;
    console::good(&format!("{cli} at {}", cli.path()));
    stage.aloud("building the provider", || repository.build())?;
    let served = LocalAws::serve(0, &stage)?;
    let aws = served.account();
    console::good(&format!(
        "local AWS at {}, account {}",
        aws.endpoint(),
        aws.id()
    ));

    let mut stacks = Vec::new();
    for name in &examples {
        let stack = applied(repository, name, &cli, aws, &stage)?;
        stacks.push((name.as_str(), stack));
    }
    if options.keep {
        calls(aws);
        return stay(&served, &stacks);
    }
    gone(stacks, aws, &stage)?;
    calls(aws);
    further(&cli);
    Ok(())
}

fn chosen(repository: &Repository, asked: &[String]) -> Result<Vec<String>> {
    for name in asked {
        let known = EXAMPLES.contains(&name.as_str())
            && repository.path(&format!("examples/{name}")).is_dir();
        ensure!(
            known,
            "there is no example `{name}`; there are {}",
            EXAMPLES.join(", ")
        );
    }
    match asked {
        [] => Ok(EXAMPLES.map(Into::into).to_vec()),
        asked => Ok(asked.to_vec()),
    }
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
    name: &str,
    cli: &Cli,
    aws: &LocalAws,
    stage: &Stage,
) -> Result<Stack> {
    console::heading(&format!("examples/{name}"));
    let listener = stage.clone();
    let workspace = Workspace::of(format!("{}/examples/{name}", repository.root().display()))
        .cli(cli)
        .aws(aws)
        // The examples refuse to be destroyed, as they should for a user; this one is going to be.
        .var("deletion_protection", false)
        .listen(move |line| show_progress(&listener, line));
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
    if name == ROOT_CA {
        let pem: String = stack.output("root_ca_cert_pem")?;
        let secret: String = stack.output("secret_arn")?;
        let verify = || proof::root_verifies(repository, aws, &pem, &secret);
        stage.telling("openssl verify", verify, Clone::clone)?;
    }
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
fn stay(served: &Served, stacks: &[(&str, Stack)]) -> Result<()> {
    console::heading("Look around");
    console::line(
        "Until Ctrl-C the local AWS answers and the directories stay. In another shell:\n",
    );
    for line in served.export_lines() {
        console::line(&format!("  {line}"));
    }
    for (name, stack) in stacks {
        let environment = stack.environment()?;
        let configuration = environment
            .get("TF_CLI_CONFIG_FILE")
            .context("a workspace has no configuration file")?;
        console::line(&format!("\n  # examples/{name}"));
        console::line(&format!("  cd {}", stack.directory()));
        console::line(&format!(
            "  export TF_CLI_CONFIG_FILE={configuration} TF_VAR_deletion_protection=false"
        ));
        console::line(&format!("  {} show", stack.cli().path()));
    }
    console::line("\nAny AWS command line sees the same account, such as `aws ecs list-clusters`.");
    interrupt::wait();
    Ok(())
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
        Path::new("examples").display()
    ));
}
