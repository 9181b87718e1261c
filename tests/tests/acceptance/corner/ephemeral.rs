//! Ephemeral resources under Terraform and OpenTofu: opened, renewed, and closed, and never stored.

use anyhow::{Context as _, Result, ensure};
use tfharness::{Cli, Stack};

use super::{corner, object, rewrite, state, with_one_cli};
use crate::diagnostic::{APPLY, PLAN, Saying, expect_refused, expect_warned};

/// Seed that occurs only in the token of the lease.
const SEED: &str = "seed-8c1f0d4e";
const JOURNAL: &str = "corner_lease.car.log";

fn lease(arguments: &str) -> String {
    format!("ephemeral \"corner_lease\" \"car\" {{\n  name = \"car\"\n  {arguments}\n}}\n")
}

/// Configuration with a lease and a resource that receives the token as a write-only argument.
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
    with_one_cli(|cli| {
        let stack = corner(cli, &with_engine(""))?.init()?;
        stack.plan()?;
        assert_eq!(journal(&stack)?, ["open o1", "close o1"]);
        stack.succeed(&["apply", "-auto-approve", "-input=false"])?;
        let engine = state(&stack, "corner_planned.engine")?;
        assert_eq!(
            engine["key_length"], 14,
            "the provider must receive the token"
        );
        // The first command opens and closes the lease once. The second command does so twice, during planning and
        // during apply.
        assert_eq!(journal(&stack)?, ["open o1", "close o1"].repeat(3));
        Ok(stack.destroy()?)
    })
}

#[test]
fn token_is_absent_from_state_and_log() -> Result<()> {
    with_one_cli(|cli| {
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
        ensure!(
            !stack.state_text()?.contains(SEED),
            "the state contains the seed"
        );
        let trace = stack.trace()?;
        ensure!(
            trace.contains("OpenEphemeralResource"),
            "the log does not contain the call"
        );
        ensure!(
            !trace.contains(&format!("token-of-{SEED}")),
            "the log contains the token"
        );
        Ok(stack.destroy()?)
    })
}

/// `close` receives different private data depending on the CLI: Terraform sends the private data from `open`, and
/// OpenTofu sends the private data from the last `renew`.
#[test]
fn open_lease_is_renewed_with_the_private_data_from_open() -> Result<()> {
    with_one_cli(|cli| {
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
            .context("the lease was not opened")?;
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
fn invalid_configuration_fails_before_open() -> Result<()> {
    with_one_cli(|cli| {
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
            says: &["Name contains a slash"],
        };
        expect_refused(&stack, PLAN, &saying)?;
        Ok(())
    })
}

#[test]
fn lease_failures_are_reported_without_the_token() -> Result<()> {
    with_one_cli(|cli| {
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
                    "The result of corner_lease violates the plugin protocol",
                    "`name` differs",
                ],
            ),
            ("fail to close", &["Lease could not be closed", "manually"]),
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
            "the provider did not panic"
        );
        ensure!(
            !trace.contains("token-of-plain"),
            "the log contains the token"
        );
        rewrite(&stack, &lease("misbehave = \"warn\""))?;
        let warned = Saying {
            at: Some("name = \"car\""),
            says: &["Lease expires soon", "Renew the lease soon."],
        };
        expect_warned(&stack, APPLY, &warned)?;
        Ok(())
    })
}
