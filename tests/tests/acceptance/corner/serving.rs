//! The provider as a process: interrupts, deadlines, reattachment to a debugged provider, and programs that are not
//! hosts.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use rustix::process::Signal;
use tfharness::process::Group;
use tfharness::{Cli, Stack, Workspace};

use super::{HEAD, corner, objects, rewrite, state, tainted, with_every_cli};
use crate::diagnostic::{Saying, expect_refused};
use crate::example;

const COOKIE: &str = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2";

fn slow(arguments: &str) -> String {
    format!("resource \"corner_slow\" \"object\" {{\n  name = \"object\"\n  {arguments}\n}}\n")
}

/// Returns the number of sockets in the temporary directory. A killed provider would leave its socket behind.
fn sockets(stack: &Stack) -> Result<usize> {
    let directory = stack
        .environment()?
        .remove("TMPDIR")
        .context("TMPDIR is not set")?;
    let names = fs::read_dir(directory)?.map(|entry| Ok(entry?.file_name()));
    let names: Vec<_> = names.collect::<Result<_>>()?;
    Ok(names
        .iter()
        .filter(|name| name.to_string_lossy().starts_with("plugin"))
        .count())
}

#[test]
fn interrupt_cancels_the_creation_and_keeps_the_partial_state() -> Result<()> {
    with_every_cli(|cli| {
        let (sender, lines) = mpsc::channel();
        let workspace = corner(cli, &slow("waits = true"))?.env("TF_LOG_PROVIDER", "info");
        let stack = workspace
            .listen(move |line| drop(sender.send(line.to_owned())))
            .limit(Duration::from_secs(300))
            .init()?;
        let running = stack.start(&["apply", "-auto-approve", "-input=false", "-no-color"])?;
        while !lines
            .recv_timeout(Duration::from_secs(300))?
            .contains("creation waits")
        {}
        // As on a terminal, the provider also receives the signal, but must continue.
        running.interrupt();
        let finished = running.wait()?;
        ensure!(finished.code() == Some(1), "{finished:?}");
        let output = format!("{}{}", finished.stdout, finished.stderr);
        ensure!(
            output.contains("Creation was interrupted")
                && output.contains("Apply again to replace it"),
            "{output}"
        );
        assert_eq!(
            (
                &state(&stack, "corner_slow.object")?["id"],
                tainted(&stack, "corner_slow.object")?
            ),
            (&"id-object".into(), true)
        );
        assert_eq!(
            sockets(&stack)?,
            0,
            "a socket exists, so a provider was killed"
        );
        stack.destroy()?;
        assert_eq!(objects(&stack)?, 0);
        Ok(())
    })
}

#[test]
fn configured_timeout_ends_the_creation() -> Result<()> {
    with_every_cli(|cli| {
        let stack = corner(
            cli,
            &slow("waits = true\n  timeouts {\n    create = \"1s\"\n  }"),
        )?
        .limit(Duration::from_secs(300))
        .init()?;
        let says = [
            "Creation timed out",
            "Increase `create` in the `timeouts` block",
        ];
        expect_refused(
            &stack,
            &["apply", "-auto-approve"],
            &Saying {
                at: Some("resource"),
                says: &says,
            },
        )?;
        assert!(tainted(&stack, "corner_slow.object")?);
        rewrite(&stack, &slow("timeouts {\n    create = \"soon\"\n  }"))?;
        expect_refused(
            &stack,
            &["plan"],
            &Saying {
                at: Some("create = \"soon\""),
                says: &["`1h30m`"],
            },
        )?;
        rewrite(&stack, &slow(""))?;
        stack.apply()?;
        Ok(stack.destroy()?)
    })
}

#[test]
fn many_objects_are_created_in_parallel() -> Result<()> {
    with_every_cli(|cli| {
        let many = r#"resource "corner_life" "many" {
          for_each = toset([for number in range(100) : tostring(number)])
          name     = "life-${each.key}"
        }"#;
        let stack = corner(cli, many)?
            .env("TF_CLI_ARGS_apply", "-parallelism=50")
            .apply()?;
        assert_eq!(objects(&stack)?, 100);
        stack.destroy()?;
        assert_eq!(objects(&stack)?, 0);
        Ok(())
    })
}

#[test]
fn host_without_tls_is_served() -> Result<()> {
    with_every_cli(|cli| {
        let stack = corner(cli, &slow(""))?
            .env("TF_DISABLE_PLUGIN_TLS", "1")
            .apply()?;
        assert_eq!(sockets(&stack)?, 0);
        Ok(stack.destroy()?)
    })
}

#[test]
fn provider_under_a_debugger_is_reattached() -> Result<()> {
    let temporary = tempfile::tempdir()?;
    let program = example::program("corner")?;
    let mut command = Command::new(&program);
    command
        .arg("--debug")
        .env_clear()
        .env("TMPDIR", temporary.path())
        .stdout(Stdio::piped());
    let mut debugged = Group::spawn(&mut command)?;
    let mut lines =
        BufReader::new(debugged.stdout().context("standard output is not piped")?).lines();
    let json = loop {
        let line = lines
            .next()
            .context("the provider did not print TF_REATTACH_PROVIDERS")??;
        if let Some((_, rest)) = line.split_once("TF_REATTACH_PROVIDERS='") {
            break rest.trim_end_matches('\'').to_owned();
        }
    };
    // The CLIs run sequentially, because each configuration for a shared provider affects every CLI.
    for cli in Cli::all()? {
        let absolute = HEAD.replace("\"objects\"", "abspath(\"objects\")");
        let workspace = Workspace::inline(absolute)
            .file("resources.tf", slow(""))
            .cli(cli);
        let stack = workspace.reattach(json.as_str()).apply()?;
        assert_eq!(objects(&stack)?, 1);
        rewrite(&stack, &slow("waits = false\n  timeouts {}"))?;
        stack.apply()?;
        stack.destroy()?;
        assert_eq!(objects(&stack)?, 0);
    }
    ensure!(!debugged.ended(), "the provider exited before SIGINT");
    debugged.signal(Signal::INT);
    let status = debugged
        .wait(Duration::from_secs(60))?
        .context("the provider did not exit after SIGINT")?;
    ensure!(status.success(), "{status}");
    assert_eq!(
        fs::read_dir(temporary.path())?.count(),
        0,
        "the temporary directory must be empty after the exit"
    );
    Ok(())
}

#[test]
fn provider_without_a_host_prints_one_sentence() -> Result<()> {
    let program = example::program("corner")?;
    for (cookie, says) in [
        (None, "is not intended to be run directly"),
        (Some("oatmeal"), "TF_PLUGIN_MAGIC_COOKIE"),
    ] {
        let mut command = Command::new(&program);
        let cookie = cookie.map(|cookie| ("TF_PLUGIN_MAGIC_COOKIE", cookie));
        let output = command.env_clear().envs(cookie).output()?;
        let (stdout, stderr) = (
            String::from_utf8(output.stdout)?,
            String::from_utf8(output.stderr)?,
        );
        ensure!(
            output.status.code() == Some(1) && stdout.is_empty(),
            "{:?}\n{stdout}\n{stderr}",
            output.status
        );
        ensure!(
            stderr.lines().count() == 1 && stderr.contains(says),
            "{stderr}"
        );
    }
    Ok(())
}

#[test]
fn provider_prints_one_sentence_for_an_old_host() -> Result<()> {
    let temporary = tempfile::tempdir()?;
    let mut command = Command::new(example::program("corner")?);
    let variables = [
        ("TF_PLUGIN_MAGIC_COOKIE", COOKIE),
        ("PLUGIN_PROTOCOL_VERSIONS", "4,5"),
    ];
    command
        .env_clear()
        .envs(variables)
        .env("TMPDIR", temporary.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut provider = Group::spawn(&mut command)?;
    let mut handshake = String::new();
    BufReader::new(provider.stdout().context("standard output is not piped")?)
        .read_line(&mut handshake)?;
    ensure!(
        handshake.starts_with("1|6|unix|"),
        "the handshake does not name the protocol version: {handshake}"
    );
    let errors = BufReader::new(provider.stderr().context("standard error is not piped")?);
    provider.signal(Signal::TERM);
    let messages: Vec<_> = errors.lines().collect::<std::io::Result<_>>()?;
    let messages: Vec<_> = messages
        .iter()
        .filter(|line| line.contains("4,5"))
        .collect();
    ensure!(
        messages.len() == 1 && messages[0].contains("OpenTofu 1.11 or later."),
        "{messages:?}"
    );
    let status = provider
        .wait(Duration::from_secs(60))?
        .context("the provider did not exit after SIGTERM")?;
    ensure!(status.success(), "{status}");
    Ok(())
}
