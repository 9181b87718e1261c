//! Ephemeral resources under real command lines: opened, renewed, closed, and stored nowhere.

use anyhow::{Context as _, Result, ensure};
use tfharness::{Cli, Stack};

use super::{corner, object, rewrite, state, with_every_cli};
use crate::diagnostic::{APPLY, PLAN, Saying, expect_refused, expect_warned};

/// Appears in the token of the lease and nowhere else.
const SEED: &str = "seed-8c1f0d4e";
const JOURNAL: &str = "corner_lease.car.log";

fn lease(arguments: &str) -> String {
    format!("ephemeral \"corner_lease\" \"car\" {{\n  name = \"car\"\n  {arguments}\n}}\n")
}

/// A lease, and a resource that takes its token as a write-only argument.
fn with_engine(arguments: &str) -> String {
    format!(
        "{}resource \"corner_planned\" \"engine\" {{\n  name = \"engine\"\n  key = ephemeral.corner_lease.car.token\n  \
         key_version = 1\n}}\n",
        lease(arguments)
    )
}

fn journal(stack: &Stack) -> Result<Vec<String>> {
    Ok(object(stack, JOURNAL)?.lines().map(str::to_owned).collect())
}

#[test]
fn ephemeral_resource_is_opened_and_closed_in_each_phase() -> Result<()> {
    with_every_cli(|cli| {
        let stack = corner(cli, &with_engine(""))?.init()?;
        stack.plan()?;
        assert_eq!(journal(&stack)?, ["open o1", "close o1"]);
        stack.succeed(&["apply", "-auto-approve", "-input=false"])?;
        let engine = state(&stack, "corner_planned.engine")?;
        assert_eq!(
            engine["key_length"], 14,
            "the token reaches the provider that takes it"
        );
        // Once in the plan, and once in the plan and the apply of the second command.
        assert_eq!(journal(&stack)?, ["open o1", "close o1"].repeat(3));
        Ok(stack.destroy()?)
    })
}

#[test]
fn token_is_in_no_plan_state_or_log() -> Result<()> {
    with_every_cli(|cli| {
        let configuration = with_engine("seed = var.seed");
        let variable = "variable \"seed\" {\n  type      = string\n  ephemeral = true\n}\n";
        let stack = corner(cli, &format!("{variable}{configuration}"))?
            .var("seed", SEED)
            .trace()
            .init()?;
        stack.succeed(&["apply", "-auto-approve", "-input=false"])?;
        let length = i64::try_from("token-of-".len() + SEED.len())?;
        assert_eq!(
            state(&stack, "corner_planned.engine")?["key_length"],
            length
        );
        ensure!(!stack.state_text()?.contains(SEED), "it is in the state");
        let trace = stack.trace()?;
        ensure!(
            trace.contains("OpenEphemeralResource"),
            "the log has the call"
        );
        ensure!(
            !trace.contains(&format!("token-of-{SEED}")),
            "the token is in the log"
        );
        Ok(stack.destroy()?)
    })
}

/// The command line decides which private data `close` receives: Terraform passes those of `open`, OpenTofu those of the
/// last `renew`.
#[test]
fn open_lease_is_renewed_with_the_data_of_open() -> Result<()> {
    with_every_cli(|cli| {
        let configuration = format!(
            "{}resource \"corner_tenant\" \"cat\" {{\n  lease = \"car\"\n  token = \
             ephemeral.corner_lease.car.token\n}}\n",
            lease("renewed = true")
        );
        let stack = corner(cli, &configuration)?.init()?;
        stack.succeed(&["apply", "-auto-approve", "-input=false"])?;
        let journal = journal(&stack)?;
        let applied = journal
            .iter()
            .rposition(|line| line.starts_with("open"))
            .context("it was opened")?;
        let calls: Vec<_> = journal[applied..].iter().map(String::as_str).collect();
        let closed = match is_tofu(cli) {
            true => "close r1",
            false => "close o1",
        };
        assert_eq!(calls, ["open o1", "renew o1", closed]);
        Ok(stack.destroy()?)
    })
}

fn is_tofu(cli: &Cli) -> bool {
    cli.kind() == tfharness::Kind::Tofu
}

#[test]
fn ephemeral_resource_is_checked_before_it_is_opened() -> Result<()> {
    with_every_cli(|cli| {
        let stack = corner(cli, "")?.init()?;
        for (arguments, at, says) in [
            ("misbehave = \"dance\"", "misbehave", "`warn`"),
            ("token = \"mine\"", "token", "token"),
            ("seed = [1]", "seed", "string"),
        ] {
            rewrite(&stack, &lease(arguments))?;
            let saying = Saying {
                at: Some(at),
                says: &[says],
            };
            expect_refused(&stack, PLAN, &saying)?;
        }
        let slash = "ephemeral \"corner_lease\" \"car\" {\n  name = \"a/car\"\n}\n";
        rewrite(&stack, slash)?;
        let saying = Saying {
            at: Some("name"),
            says: &["The name has a slash"],
        };
        expect_refused(&stack, PLAN, &saying)?;
        Ok(())
    })
}

#[test]
fn failures_of_a_lease_are_reported_without_its_token() -> Result<()> {
    with_every_cli(|cli| {
        let stack = corner(cli, "")?.trace().init()?;
        for (misbehave, says) in [
            (
                "panic in open",
                &["crashed in OpenEphemeralResource", "message is not shown"][..],
            ),
            (
                "panic in close",
                &["crashed in CloseEphemeralResource", "message is not shown"],
            ),
            (
                "another name",
                &[
                    "The result of corner_lease breaks the protocol",
                    "`name` differs",
                ],
            ),
            ("fail to close", &["The lease does not close", "by hand"]),
        ] {
            rewrite(&stack, &lease(&format!("misbehave = {misbehave:?}")))?;
            let at = match misbehave {
                "another name" => "name = \"car\"",
                _ => "ephemeral \"corner_lease\"",
            };
            let saying = Saying { at: Some(at), says };
            expect_refused(&stack, PLAN, &saying)?;
        }
        let trace = stack.trace()?;
        ensure!(
            trace.contains("panic: the message is not shown"),
            "it panicked"
        );
        ensure!(!trace.contains("token-of-plain"), "the token is in the log");
        rewrite(&stack, &lease("misbehave = \"warn\""))?;
        let warned = Saying {
            at: Some("name = \"car\""),
            says: &["The lease is short", "Hurry."],
        };
        expect_warned(&stack, APPLY, &warned)?;
        Ok(())
    })
}
