//! Bugs in a provider: panics, and responses that violate the protocol. Diagnostics identify the provider and the
//! position of the bug. In a debug build, the provider detects a violation before the CLI does.

use anyhow::{Result, ensure};
use tfharness::Cli;

use super::{corner, objects, rewrite, state, tainted, with_one_cli};
use crate::diagnostic::{Saying, expect_refused, expect_warned};

const APPLY: [&str; 2] = ["apply", "-auto-approve"];

fn bug(arguments: &str) -> String {
    format!(
        "resource \"corner_faulty\" \"bug\" {{\n  name = \"bug\"\n  {arguments}\n}}\n\
         resource \"corner_faulty\" \"sound\" {{\n  name = \"sound\"\n}}\n"
    )
}

/// Runs an apply that triggers a bug, and checks that every diagnostic attributes the bug to the provider.
fn expect_bug(cli: &Cli, arguments: &str, saying: &Saying<'_>) -> Result<tfharness::Stack> {
    let stack = corner(cli, &bug(arguments))?.trace().init()?;
    let diagnostics = expect_refused(&stack, &APPLY, saying)?;
    let attributed = diagnostics
        .iter()
        .all(|found| found.detail.contains("This is a bug in the provider"));
    ensure!(attributed, "{diagnostics:?}");
    Ok(stack)
}

#[test]
fn panic_is_reported_and_the_provider_continues() -> Result<()> {
    with_one_cli(|cli| {
        for place in ["validate", "plan", "create"] {
            let message = format!("requested panic in {place}");
            let says = Saying {
                at: Some("resource"),
                says: &["The provider crashed", &message],
            };
            let stack = expect_bug(cli, &format!("misbehave = \"panic in {place}\""), &says)?;
            ensure!(
                stack.trace()?.contains(&format!("panic: {message}")),
                "the log does not contain the panic"
            );
            let others = usize::from(place == "create");
            assert_eq!(
                stack.show()?.resources.len(),
                others,
                "only the other resource must be stored"
            );
        }
        Ok(())
    })
}

#[test]
fn panic_in_an_update_keeps_the_object() -> Result<()> {
    with_one_cli(|cli| {
        let stack = corner(cli, &bug(""))?.apply()?;
        rewrite(&stack, &bug("misbehave = \"panic in update\""))?;
        expect_refused(
            &stack,
            &APPLY,
            &Saying {
                at: Some("resource"),
                says: &["requested panic in update"],
            },
        )?;
        assert_eq!(state(&stack, "corner_faulty.bug")?["id"], "id-bug");
        rewrite(&stack, &bug(""))?;
        stack.apply()?;
        stack.destroy()?;
        assert_eq!(objects(&stack)?, 0);
        Ok(())
    })
}

#[test]
fn panic_after_the_creation_taints_the_object() -> Result<()> {
    with_one_cli(|cli| {
        let stack = corner(cli, &bug("misbehave = \"panic after create\""))?.init()?;
        let says = Saying {
            at: Some("resource"),
            says: &[
                "requested panic after create",
                "that the operation recorded",
            ],
        };
        expect_refused(&stack, &APPLY, &says)?;
        assert_eq!(state(&stack, "corner_faulty.bug")?["id"], "id-bug");
        ensure!(
            tainted(&stack, "corner_faulty.bug")?,
            "the object is not tainted"
        );
        rewrite(&stack, &bug(""))?;
        stack.apply()?;
        stack.destroy()?;
        assert_eq!(objects(&stack)?, 0, "untracked objects must not remain");
        Ok(())
    })
}

#[test]
fn invalid_plan_is_reported_as_a_bug_at_the_attribute() -> Result<()> {
    with_one_cli(|cli| {
        let remark = "remark = \"mine\"\n  misbehave = \"plan another remark\"";
        let says = ["The plan of corner_faulty violates the plugin protocol"];
        expect_bug(
            cli,
            remark,
            &Saying {
                at: Some("remark = \"mine\""),
                says: &says,
            },
        )?;
        expect_bug(
            cli,
            "misbehave = \"plan another remark\"",
            &Saying {
                at: Some("resource"),
                says: &says,
            },
        )?;
        let legs = "legs = [\"front\", \"hind\"]\n  misbehave = \"plan more legs\"";
        expect_bug(
            cli,
            legs,
            &Saying {
                at: Some("legs"),
                says: &says,
            },
        )?;
        Ok(())
    })
}

#[test]
fn invalid_result_is_reported_as_a_bug_at_the_attribute() -> Result<()> {
    with_one_cli(|cli| {
        let says = ["The result of corner_faulty violates the plugin protocol"];
        let remark = "remark = \"mine\"\n  misbehave = \"return another remark\"";
        expect_bug(
            cli,
            remark,
            &Saying {
                at: Some("remark = \"mine\""),
                says: &says,
            },
        )?;
        let legs = "legs = [\"front\", \"hind\"]\n  misbehave = \"omit a leg\"";
        expect_bug(
            cli,
            legs,
            &Saying {
                at: Some("legs"),
                says: &says,
            },
        )?;
        Ok(())
    })
}

#[test]
fn hand_written_schema_values_are_checked() -> Result<()> {
    with_one_cli(|cli| {
        for (misbehave, at) in [
            ("unknown after apply", "resource"),
            ("another name", "name"),
        ] {
            let resources = format!(
                "resource \"corner_by_hand\" \"bug\" {{\n  name = \"bug\"\n  misbehave = {misbehave:?}\n}}\n"
            );
            let stack = corner(cli, &resources)?.init()?;
            let says = [
                "The result of corner_by_hand violates the plugin protocol",
                "This is a bug in the provider",
            ];
            expect_refused(
                &stack,
                &APPLY,
                &Saying {
                    at: Some(at),
                    says: &says,
                },
            )?;
        }
        Ok(())
    })
}

#[test]
fn plan_and_delete_warnings_are_shown() -> Result<()> {
    with_one_cli(|cli| {
        let arguments = "note = \"old\"\n  misbehave = \"leave a trace\"";
        let stack = corner(cli, &bug(arguments))?.init()?;
        let deprecated = Saying {
            at: Some("note"),
            says: &["`note` is deprecated", "Use `remark` instead."],
        };
        expect_warned(&stack, &["plan"], &deprecated)?;
        expect_warned(&stack, &APPLY, &deprecated)?;
        let trace = Saying {
            at: None,
            says: &["Deletion is incomplete", "Remove it manually."],
        };
        expect_warned(&stack, &["destroy", "-auto-approve"], &trace)?;
        assert_eq!(objects(&stack)?, 0);
        Ok(())
    })
}
