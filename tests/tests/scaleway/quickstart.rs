//! Executes every command in the READMEs of the examples, exactly as printed, with the CLI under test as `tofu`. A stub records
//! the calls of `curl`, because the addresses of the double do not exist.

use std::fs;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use camino::Utf8Path;
use serde_json::Value;
use tfharness::workspace::Stack;
use tfharness::{Cli, Workspace};

use crate::provider::scaleway;
use crate::readme::{blocks, install, install_cli};

/// Records its arguments and its input.
const CURL: &str = r#"#!/bin/sh
number=$(ls "$CURL_CALLS" | grep -c args || true)
printf '%s\n' "$@" > "$CURL_CALLS/$number.args"
case "$*" in *@-*) cat > "$CURL_CALLS/$number.body" ;; esac
"#;

/// A shell in which the commands of a README run.
struct Shell<'a> {
    stack: &'a Stack,
    programs: tempfile::TempDir,
}

impl<'a> Shell<'a> {
    fn new(cli: &Cli, stack: &'a Stack) -> Result<Self> {
        let programs = tempfile::tempdir()?;
        let folder = Utf8Path::from_path(programs.path()).context("not UTF-8")?;
        install_cli(cli, folder)?;
        install(&folder.join("curl"), CURL)?;
        fs::create_dir(folder.join("calls"))?;
        Ok(Self { stack, programs })
    }

    fn run(&self, commands: &str) -> Result<()> {
        let folder = self.programs.path().display().to_string();
        let environment = self.stack.environment()?;
        let path = environment.get("PATH").cloned().unwrap_or_default();
        // The README leaves the question for approval to the user.
        let output = Command::new("sh")
            .args(["-euc", commands])
            .current_dir(self.stack.directory())
            .env_clear()
            .envs(environment)
            .env("PATH", format!("{folder}:{path}"))
            .env("CURL_CALLS", format!("{folder}/calls"))
            .env("SCW_SECRET_KEY", "key")
            .env("TF_CLI_ARGS_apply", "-auto-approve")
            .env("TF_CLI_ARGS_destroy", "-auto-approve")
            .env("TF_VAR_alert_emails", r#"["ops@example.com"]"#)
            .env("TF_VAR_api_token", "token")
            .output()?;
        ensure!(
            output.status.success(),
            "{commands}\n{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(())
    }

    /// Returns the arguments of a call of `curl`, and its input as JSON.
    fn call(&self, number: usize) -> Result<(Vec<String>, Value)> {
        let calls = self.programs.path().join("calls");
        let read = |kind: &str| fs::read_to_string(calls.join(format!("{number}.{kind}")));
        let arguments = read("args").with_context(|| format!("no call {number} of curl"))?;
        let body = read("body").map_or(Ok(Value::Null), |body| serde_json::from_str(&body))?;
        Ok((arguments.lines().map(str::to_owned).collect(), body))
    }
}

#[test]
fn commands_in_the_readme_of_the_application_run() -> Result<()> {
    for cli in Cli::all()? {
        let stack = Workspace::of("examples/scaleway-app")
            .cli(&cli)
            .doubles([scaleway()])
            .open()?;
        let readme = fs::read_to_string(stack.directory().join("README.md"))?;
        let shell = Shell::new(&cli, &stack)?;
        for commands in blocks(&readme, "Run the example")? {
            shell.run(&commands)?;
        }
        let (health, _) = shell.call(0)?;
        ensure!(
            health.len() == 1
                && health[0].starts_with("https://")
                && health[0].ends_with("/health"),
            "{cli}: {health:?}"
        );

        // The profile dev has no monitoring.
        let tfvars = stack.directory().join("terraform.tfvars");
        let production = fs::read_to_string(&tfvars)?.replace("\"dev\"", "\"production\"");
        fs::write(&tfvars, production)?;
        shell.run("tofu apply -var disposable=true")?;
        for commands in blocks(&readme, "Monitoring")? {
            shell.run(&commands)?;
        }
        for (number, address, pointer) in [
            (
                1,
                ".metrics.cockpit.fr-par.scw.cloud/prometheus/config/v1/rules/shop",
                "/rules/0/alert",
            ),
            (
                2,
                ".metrics.cockpit.fr-par.scw.cloud/prometheus/config/v1/rules/shop",
                "/rules/0/alert",
            ),
            (
                3,
                ".dashboard.cockpit.scaleway.com/api/dashboards/db",
                "/dashboard/title",
            ),
        ] {
            let (arguments, body) = shell.call(number)?;
            ensure!(
                arguments.iter().any(|one| one == "X-Auth-Token: key")
                    && arguments.last().is_some_and(|one| one.ends_with(address)),
                "{cli}: {arguments:?}"
            );
            ensure!(
                body.pointer(pointer).is_some_and(Value::is_string),
                "{cli}: {body}"
            );
        }
        for commands in blocks(&readme, "Destroy")? {
            shell.run(&commands)?;
        }
        let left = stack.show()?.resources;
        ensure!(left.is_empty(), "{cli}: {left:?} remain");
    }
    Ok(())
}

#[test]
fn commands_in_the_readme_of_the_state_bucket_run() -> Result<()> {
    for cli in Cli::all()? {
        let stack = Workspace::of("examples/scaleway-state")
            .cli(&cli)
            .doubles([scaleway()])
            .open()?;
        let readme = fs::read_to_string(stack.directory().join("README.md"))?;
        let shell = Shell::new(&cli, &stack)?;
        for commands in blocks(&readme, "Run the example")? {
            shell.run(&commands)?;
        }
        let backend = stack.directory().join("backend.tf");
        let text = fs::read_to_string(&backend)?;
        ensure!(text.contains("use_lockfile"), "{cli}: {text}");
        // The state is still local.
        fs::remove_file(&backend)?;
        for commands in blocks(&readme, "Destroy")? {
            shell.run(&commands)?;
        }
        let left = stack.show()?.resources;
        ensure!(left.is_empty(), "{cli}: {left:?} remain");
    }
    Ok(())
}
