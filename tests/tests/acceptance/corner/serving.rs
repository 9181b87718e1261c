//! The provider as a process: interrupts, deadlines, a debugger's reattach, and hosts that are none.

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

fn snail(arguments: &str) -> String {
    format!("resource \"corner_slow\" \"snail\" {{\n  name = \"snail\"\n  {arguments}\n}}\n")
}

/// What a provider that was killed would leave in its temporary directory.
fn sockets(stack: &Stack) -> Result<usize> {
    let directory = stack
        .environment()?
        .remove("TMPDIR")
        .context("a temporary directory")?;
    let names = fs::read_dir(directory)?.map(|entry| Ok(entry?.file_name()));
    let names: Vec<_> = names.collect::<Result<_>>()?;
    Ok(names
        .iter()
        .filter(|name| name.to_string_lossy().starts_with("plugin"))
        .count())
}

#[test]
fn an_interrupt_stops_the_wait_and_keeps_what_is_known() -> Result<()> {
    with_every_cli(|cli| {
        let (sender, lines) = mpsc::channel();
        let workspace = corner(cli, &snail("waits = true"))?.env("TF_LOG_PROVIDER", "info");
        let stack = workspace
            .listen(move |line| drop(sender.send(line.to_owned())))
            .limit(Duration::from_secs(300))
            .init()?;
        let running = stack.start(&["apply", "-auto-approve", "-input=false", "-no-color"])?;
        while !lines
            .recv_timeout(Duration::from_secs(300))?
            .contains("the snail waits")
        {}
        // As on a terminal, the provider gets the signal too and must go on.
        running.interrupt();
        let finished = running.wait()?;
        ensure!(finished.code() == Some(1), "{finished:?}");
        let said = format!("{}{}", finished.stdout, finished.stderr);
        ensure!(
            said.contains("The snail was interrupted") && said.contains("it will be replaced"),
            "{said}"
        );
        assert_eq!(
            (
                &state(&stack, "corner_slow.snail")?["id"],
                tainted(&stack, "corner_slow.snail")?
            ),
            (&"id-snail".into(), true)
        );
        assert_eq!(sockets(&stack)?, 0, "every provider ended by itself");
        stack.destroy()?;
        assert_eq!(objects(&stack)?, 0);
        Ok(())
    })
}

#[test]
fn a_deadline_is_the_users_or_the_resources() -> Result<()> {
    with_every_cli(|cli| {
        let stack = corner(
            cli,
            &snail("waits = true\n  timeouts {\n    create = \"1s\"\n  }"),
        )?
        .limit(Duration::from_secs(300))
        .init()?;
        let says = [
            "did not arrive in time",
            "Allow more time in the block `timeouts`",
        ];
        expect_refused(
            &stack,
            &["apply", "-auto-approve"],
            &Saying {
                at: Some("resource"),
                says: &says,
            },
        )?;
        assert!(tainted(&stack, "corner_slow.snail")?);
        rewrite(&stack, &snail("timeouts {\n    create = \"soon\"\n  }"))?;
        expect_refused(
            &stack,
            &["plan"],
            &Saying {
                at: Some("create = \"soon\""),
                says: &["`1h30m`"],
            },
        )?;
        rewrite(&stack, &snail(""))?;
        stack.apply()?;
        Ok(stack.destroy()?)
    })
}

#[test]
fn many_objects_are_served_side_by_side() -> Result<()> {
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
fn a_host_may_do_without_tls() -> Result<()> {
    with_every_cli(|cli| {
        let stack = corner(cli, &snail(""))?
            .env("TF_DISABLE_PLUGIN_TLS", "1")
            .apply()?;
        assert_eq!(sockets(&stack)?, 0);
        Ok(stack.destroy()?)
    })
}

#[test]
fn a_provider_under_a_debugger_is_reattached() -> Result<()> {
    let temporary = tempfile::tempdir()?;
    let program = example::program("corner")?;
    let mut command = Command::new(&program);
    command
        .arg("--debug")
        .env_clear()
        .env("TMPDIR", temporary.path())
        .stdout(Stdio::piped());
    let mut debugged = Group::spawn(&mut command)?;
    let mut lines = BufReader::new(debugged.stdout().context("its standard output")?).lines();
    let json = loop {
        let line = lines.next().context("no line to reattach with")??;
        if let Some((_, rest)) = line.split_once("TF_REATTACH_PROVIDERS='") {
            break rest.trim_end_matches('\'').to_owned();
        }
    };
    // One after the other: the last one to configure a shared provider configures it for all.
    for cli in Cli::all()? {
        let absolute = HEAD.replace("\"objects\"", "abspath(\"objects\")");
        let workspace = Workspace::inline(absolute)
            .file("resources.tf", snail(""))
            .cli(cli);
        let stack = workspace.reattach(json.as_str()).apply()?;
        assert_eq!(objects(&stack)?, 1);
        rewrite(&stack, &snail("waits = false\n  timeouts {}"))?;
        stack.apply()?;
        stack.destroy()?;
        assert_eq!(objects(&stack)?, 0);
    }
    ensure!(!debugged.ended(), "it serves until its user ends it");
    debugged.signal(Signal::INT);
    let status = debugged
        .wait(Duration::from_secs(60))?
        .context("it did not end on SIGINT")?;
    ensure!(status.success(), "{status}");
    assert_eq!(
        fs::read_dir(temporary.path())?.count(),
        0,
        "the socket is removed"
    );
    Ok(())
}

#[test]
fn a_provider_that_no_host_started_says_so_in_one_sentence() -> Result<()> {
    let program = example::program("corner")?;
    for (cookie, says) in [
        (None, "is not run by hand"),
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
fn a_host_that_is_too_old_is_told_in_one_sentence() -> Result<()> {
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
    BufReader::new(provider.stdout().context("its standard output")?).read_line(&mut handshake)?;
    ensure!(
        handshake.starts_with("1|6|unix|"),
        "the host learns which version is spoken: {handshake}"
    );
    let errors = BufReader::new(provider.stderr().context("its standard error")?);
    provider.signal(Signal::TERM);
    let told: Vec<_> = errors.lines().collect::<std::io::Result<_>>()?;
    let told: Vec<_> = told.iter().filter(|line| line.contains("4,5")).collect();
    ensure!(
        told.len() == 1 && told[0].contains("OpenTofu 1.11, or later."),
        "{told:?}"
    );
    let status = provider
        .wait(Duration::from_secs(60))?
        .context("it did not end on SIGTERM")?;
    ensure!(status.success(), "{status}");
    Ok(())
}
