//! Tests the provider program: its schemas, and its messages if it is started incorrectly.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use tfharness::Workspace;
use tfharness::process::Group;
use tfharness::workspace::Stack;

use crate::authority::example;
use crate::clis::with_every_cli;

/// Value that Terraform and OpenTofu assign to `TF_PLUGIN_MAGIC_COOKIE` (plugin protocol, handshake).
const COOKIE: &str = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2";

#[test]
fn printed_schemas_match_every_cli() -> Result<()> {
    with_every_cli(|cli, aws| {
        let stack = example(cli, aws).init()?;
        let output = started(&program(&stack)?, &["--schema"], &[])?;
        ensure!(
            output.status.success(),
            "expected --schema to succeed, found {output:?}"
        );
        let own: Value =
            serde_json::from_slice(&output.stdout).context("--schema did not print JSON")?;
        let (own, read) = (only(&own)?, stack.schemas()?);
        let read = only(&read)?;
        for part in ["provider", "resource_schemas"] {
            ensure!(
                !own[part].is_null(),
                "expected --schema to print {part}, found {own}"
            );
        }
        expect_same("", own, read)
    })
}

/// Returns the schemas for the only provider in the output of `providers schema -json`.
fn only(schemas: &Value) -> Result<&Value> {
    let providers = schemas["provider_schemas"]
        .as_object()
        .context("expected provider_schemas")?;
    let mut ours = providers
        .iter()
        .filter(|(address, _)| address.ends_with("skreg/skreg"));
    let (Some((_, found)), None) = (ours.next(), ours.next()) else {
        anyhow::bail!("expected only skreg/skreg, found {:?}", providers.keys());
    };
    Ok(found)
}

/// Compares two schemas. Returns an error at the first difference.
fn expect_same(path: &str, own: &Value, read: &Value) -> Result<()> {
    match (own, read) {
        (Value::Object(own), Value::Object(read)) => {
            let keys: std::collections::BTreeSet<_> = own.keys().chain(read.keys()).collect();
            keys.into_iter().try_for_each(|key| {
                let value = |object: &serde_json::Map<String, Value>| {
                    object.get(key).cloned().unwrap_or(Value::Null)
                };
                expect_same(&format!("{path}/{key}"), &value(own), &value(read))
            })
        }
        _ => {
            ensure!(
                own == read,
                "at {path}: --schema prints {own}, `providers schema -json` prints {read}"
            );
            Ok(())
        }
    }
}

#[test]
fn manual_start_fails_with_an_explanation() -> Result<()> {
    let stack = Workspace::of("examples/root-ca").open()?;
    let program = program(&stack)?;
    for (variables, expected) in [
        (&[][..], "is not intended to be run directly"),
        (
            &[("TF_PLUGIN_MAGIC_COOKIE", "another")],
            "another program started it",
        ),
    ] {
        let output = started(&program, &[], variables)?;
        let text =
            String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        let sentence = text.trim().lines().count() == 1 && text.contains(expected);
        ensure!(
            sentence,
            "with {variables:?}: expected one sentence that contains {expected:?}, found {output:?}"
        );
        ensure!(
            !output.status.success(),
            "with {variables:?}: expected a failure, found {output:?}"
        );
        ensure!(
            !text.contains("panic"),
            "with {variables:?}: found a panic in {text}"
        );
    }
    Ok(())
}

#[test]
fn outdated_host_receives_a_handshake_and_a_log_message() -> Result<()> {
    let stack = Workspace::of("examples/root-ca").open()?;
    let mut command = Command::new(program(&stack)?);
    command
        .env_clear()
        .env("TF_PLUGIN_MAGIC_COOKIE", COOKIE)
        .env("PLUGIN_PROTOCOL_VERSIONS", "4,5");
    command.env(
        "PLUGIN_CLIENT_CERT",
        crate::openssl::foreign_root("host")?.1,
    );
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut group = Group::spawn(&mut command)?;
    let mut line = String::new();
    BufReader::new(group.stdout().context("stdout is not piped")?).read_line(&mut line)?;
    ensure!(
        line.starts_with("1|6|"),
        "expected a handshake line for protocol 6, found {line:?}"
    );
    let mut log = group.stderr().context("stderr is not piped")?;
    group.kill()?;
    let mut text = String::new();
    log.read_to_string(&mut text)?;
    let expected = "Use Terraform or OpenTofu 1.11 or later";
    ensure!(
        text.contains(expected),
        "expected {expected:?} on standard error, found {text:?}"
    );
    Ok(())
}

#[test]
fn provider_without_tls_works_and_logs_a_warning() -> Result<()> {
    with_every_cli(|cli, aws| {
        let stack = example(cli, aws)
            .env("TF_DISABLE_PLUGIN_TLS", "1")
            .trace()
            .apply()?;
        let (trace, expected) = (
            stack.trace()?,
            "The host disabled TLS (TF_DISABLE_PLUGIN_TLS)",
        );
        ensure!(
            trace.contains(expected),
            "expected {expected:?} in the trace log of {}",
            stack.directory()
        );
        Ok(())
    })
}

/// The memory of the provider can contain private keys.
#[cfg(target_os = "linux")]
#[test]
fn running_provider_does_not_dump_core() -> Result<()> {
    use std::os::unix::process::ExitStatusExt as _;
    let stack = Workspace::of("examples/root-ca").open()?;
    // The limit of the shell is as high as the system permits.
    let script = "ulimit -S -c \"$(ulimit -H -c)\" && exec \"$0\"";
    let mut child = Command::new("sh")
        .args(["-c", script])
        .arg(program(&stack)?)
        .current_dir(stack.directory())
        .env("TF_PLUGIN_MAGIC_COOKIE", COOKIE)
        .env("PLUGIN_PROTOCOL_VERSIONS", "6")
        .env(
            "PLUGIN_CLIENT_CERT",
            crate::openssl::foreign_root("host")?.1,
        )
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut line = String::new();
    let stdout = child.stdout.take().context("stdout is not piped")?;
    BufReader::new(stdout).read_line(&mut line)?;
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", child.id()));
    let id = i32::try_from(child.id())?;
    let id = rustix::process::Pid::from_raw(id).context("the child has no process ID")?;
    rustix::process::kill_process(id, rustix::process::Signal::ABORT)?;
    let status = child.wait()?;
    ensure!(
        line.starts_with("1|6|"),
        "expected a handshake line, found {line:?}"
    );
    let limits = limits?;
    let limit = limits
        .lines()
        .find_map(|line| line.strip_prefix("Max core file size"))
        .context("the limits do not contain the core file size")?;
    let words: Vec<&str> = limit.split_whitespace().collect();
    ensure!(
        words == ["0", "0", "bytes"],
        "expected no core files, found the limit {limit:?}"
    );
    ensure!(
        status.signal().is_some() && !status.core_dumped(),
        "expected a signal without a core dump, found {status:?}"
    );
    Ok(())
}

/// Returns the provider program in the mirror of a workspace.
fn program(stack: &Stack) -> Result<PathBuf> {
    let environment = stack.environment()?;
    let base = Path::new(&environment["HOME"])
        .parent()
        .context("the home directory is not in the workspace")?;
    let found = find(&base.join("mirror"))?;
    found.with_context(|| format!("no program of skreg/skreg exists below {}", base.display()))
}

fn find(directory: &Path) -> Result<Option<PathBuf>> {
    for entry in std::fs::read_dir(directory)? {
        let entry = entry?;
        if entry
            .file_name()
            .to_string_lossy()
            .starts_with("terraform-provider-skreg")
        {
            return Ok(Some(entry.path()));
        }
        if entry.file_type()?.is_dir()
            && let Some(found) = find(&entry.path())?
        {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

fn started(program: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Result<Output> {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .env_clear()
        .envs(variables.iter().copied())
        .stdin(Stdio::null());
    Ok(command.output()?)
}
