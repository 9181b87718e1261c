//! Executes every command in the READMEs of the examples, exactly as printed, with the CLI under test as `tofu`. A stub records
//! the calls of `curl`, because the addresses of the double do not exist.

use std::fs;

use acceptance::alternating_clis;
use anyhow::{Context as _, Result, ensure};
use camino::Utf8Path;
use serde_json::Value;
use tfharness::workspace::Stack;
use tfharness::{Cli, Workspace};

use crate::provider::scaleway;
use crate::readme::{blocks, install};
use crate::shell::{in_shell, succeed};

/// Records its arguments and its input.
const CURL: &str = r#"#!/bin/sh
number=$(ls "$CURL_CALLS" | grep -c args || true)
printf '%s\n' "$@" > "$CURL_CALLS/$number.args"
case "$*" in *@-*) cat > "$CURL_CALLS/$number.body" ;; esac
"#;

/// An example with the programs that the commands of its README run.
struct Example {
    stack: Stack,
    programs: tempfile::TempDir,
}

impl Example {
    fn new(cli: &Cli, name: &str) -> Result<Self> {
        let programs = tempfile::tempdir()?;
        let folder = Utf8Path::from_path(programs.path()).context("not UTF-8")?;
        install(&folder.join("curl"), CURL)?;
        fs::create_dir(folder.join("calls"))?;
        let workspace = Workspace::of(format!("examples/{name}"))
            .cli(cli)
            .doubles([scaleway()])
            .env("CURL_CALLS", format!("{folder}/calls"))
            .env("SCW_SECRET_KEY", "key")
            .env("TF_VAR_alert_emails", r#"["ops@example.com"]"#)
            .env("TF_VAR_api_token", "token");
        let stack = in_shell(cli, workspace, programs.path())?.open()?;
        Ok(Self { stack, programs })
    }

    /// Runs the commands in a section of the README.
    fn run(&self, heading: &str) -> Result<()> {
        let readme = fs::read_to_string(self.stack.directory().join("README.md"))?;
        for commands in blocks(&readme, heading)? {
            succeed(&self.stack, &commands)?;
        }
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
    for cli in alternating_clis()? {
        let example = Example::new(&cli, "scaleway-app")?;
        let stack = &example.stack;
        example.run("Run the example")?;
        let (health, _) = example.call(0)?;
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
        succeed(stack, "tofu apply -var disposable=true")?;
        example.run("Monitoring")?;
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
            let (arguments, body) = example.call(number)?;
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
        example.run("Destroy")?;
        let left = stack.show()?.resources;
        ensure!(left.is_empty(), "{cli}: {left:?} remain");
    }
    Ok(())
}

#[test]
fn commands_in_the_readme_of_the_state_bucket_run() -> Result<()> {
    for cli in alternating_clis()? {
        let example = Example::new(&cli, "scaleway-state")?;
        let stack = &example.stack;
        example.run("Run the example")?;
        let backend = stack.directory().join("backend.tf");
        let text = fs::read_to_string(&backend)?;
        ensure!(text.contains("use_lockfile"), "{cli}: {text}");
        // The state is still local.
        fs::remove_file(&backend)?;
        example.run("Destroy")?;
        let left = stack.show()?.resources;
        ensure!(left.is_empty(), "{cli}: {left:?} remain");
    }
    Ok(())
}
