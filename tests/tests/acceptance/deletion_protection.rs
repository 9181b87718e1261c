//! Deletion protection of every resource type that owns a private key: no command deletes or replaces a protected key.

use anyhow::{Context as _, Result, ensure};
use tfharness::workspace::Stack;
use tfharness::{Cli, LocalAws, Workspace};

use crate::authority::Authority;
use crate::clis::with_every_cli;
use crate::diagnostic::{APPLY, PLAN, listed, run};
use crate::key_owner::{ALL, Issuer, KeyOwner};
use crate::scenario::side_by_side;

/// Root module that calls the module with the resource.
const CALLER: &str = r#"
    variable "issuer" { type = any }
    module "owner" {
      source = "./owner"
      issuer = var.issuer
    }
"#;
const CALLER_WITHOUT_MODULE: &str = r#"
    variable "issuer" { type = any }
"#;
const MODULE: &str = "owner/main.tf";

#[test]
fn protected_keys_are_neither_deleted_nor_replaced() -> Result<()> {
    with_every_cli(|cli, aws| {
        side_by_side(&ALL, ALL.len(), |owner| {
            expect_protected(cli, &aws.sibling(), owner).context(owner.kind)
        })
        .map(drop)
    })
}

fn expect_protected(cli: &Cli, aws: &LocalAws, owner: &KeyOwner) -> Result<()> {
    let issuer = Issuer::create(cli, aws)?;
    let stack = Workspace::inline(CALLER)
        .file(MODULE, owner.module())
        .cli(cli)
        .aws(aws)
        .var("issuer", issuer.object.clone())
        .apply()?;
    let address = format!("module.owner.{}", owner.address());
    let made = Authority::read(aws, owner.secret)?;
    for arguments in [
        &["plan", "-destroy"][..],
        &["destroy", "-auto-approve"],
        &["apply", "-destroy", "-auto-approve"],
    ] {
        expect_refused(&stack, arguments, "protected from deletion")?;
    }
    let replace = format!("-replace={address}");
    for arguments in [
        &["plan", &*replace][..],
        &["apply", "-auto-approve", &replace],
    ] {
        expect_refused(&stack, arguments, "cannot be replaced")?;
    }
    stack.succeed(&["taint", "-no-color", &address])?;
    for arguments in [PLAN, APPLY] {
        expect_refused(&stack, arguments, "cannot be replaced").context("tainted")?;
    }
    stack.succeed(&["untaint", "-no-color", &address])?;

    stack.write(MODULE, &KeyOwner::module_without_block())?;
    expect_refused(&stack, PLAN, "protected from deletion").context("without the block")?;
    stack.write("main.tf", CALLER_WITHOUT_MODULE)?;
    for arguments in [PLAN, APPLY] {
        expect_refused(&stack, arguments, "protected from deletion")
            .context("without the module")?;
    }

    stack.write("main.tf", CALLER)?;
    stack.write(MODULE, &owner.module())?;
    stack.expect_empty_plan()?;
    made.expect_same(&Authority::read(aws, owner.secret)?)?;
    let deletions = aws.count("secretsmanager", "DeleteSecret");
    ensure!(deletions == 0, "expected no deletion, found {deletions}");

    // The remedy in the messages: disable the protection, apply, and then destroy.
    let unprotected = owner
        .module()
        .replace("deletion_protection = true", "deletion_protection = false");
    stack.write(MODULE, &unprotected)?;
    stack.apply()?;
    stack.destroy()?;
    crate::scenario::expect_nothing_stored(&stack)
}

/// Checks that a command fails with errors that all contain the text, and that it starts no operation.
fn expect_refused(stack: &Stack, arguments: &[&str], says: &str) -> Result<()> {
    let (finished, diagnostics) = run(stack, arguments)?;
    let errors: Vec<_> = diagnostics
        .iter()
        .filter(|one| one.severity == "error")
        .collect();
    let fits = errors.iter().all(|error| error.summary.contains(says));
    let found = fits && !errors.is_empty();
    let started = finished.stdout.contains("\"type\":\"apply_start\"");
    ensure!(
        finished.code() == Some(1) && found && !started,
        "{} {arguments:?}: expected an error with {says:?} during planning, found exit code {:?} and\n{}",
        stack.cli(),
        finished.code(),
        listed(&diagnostics)
    );
    Ok(())
}
