//! Bugs of a provider: panics, and answers that break the protocol. The user is told whose bug it is and where, in a
//! debug build before the command line sees it.

use anyhow::{Result, ensure};
use tfharness::Cli;

use super::{corner, objects, rewrite, state, tainted, with_every_cli};
use crate::diagnostic::{Saying, expect_refused, expect_warned};

const APPLY: [&str; 2] = ["apply", "-auto-approve"];

fn bug(arguments: &str) -> String {
    format!(
        "resource \"corner_faulty\" \"bug\" {{\n  name = \"bug\"\n  {arguments}\n}}\n\
         resource \"corner_faulty\" \"sound\" {{\n  name = \"sound\"\n}}\n"
    )
}

/// Applies with a bug, which must be reported.
fn expect_bug(cli: &Cli, arguments: &str, saying: &Saying<'_>) -> Result<tfharness::Stack> {
    let stack = corner(cli, &bug(arguments))?.trace().init()?;
    let diagnostics = expect_refused(&stack, &APPLY, saying)?;
    let whose = diagnostics
        .iter()
        .all(|found| found.detail.contains("This is a bug in the provider"));
    ensure!(whose, "{diagnostics:?}");
    Ok(stack)
}

#[test]
fn a_panic_is_reported_and_the_provider_goes_on() -> Result<()> {
    with_every_cli(|cli| {
        for place in ["validate", "plan", "create"] {
            let bit = format!("the bug bit in {place}");
            let says = Saying {
                at: Some("resource"),
                says: &["The provider crashed", &bit],
            };
            let stack = expect_bug(cli, &format!("misbehave = \"panic in {place}\""), &says)?;
            ensure!(
                stack.trace()?.contains(&format!("panic: {bit}")),
                "the log tells where the provider broke"
            );
            let others = usize::from(place == "create");
            assert_eq!(
                stack.show()?.resources.len(),
                others,
                "only what was applied beside it is stored"
            );
        }
        Ok(())
    })
}

#[test]
fn a_panic_in_an_update_keeps_the_object() -> Result<()> {
    with_every_cli(|cli| {
        let stack = corner(cli, &bug(""))?.apply()?;
        rewrite(&stack, &bug("misbehave = \"panic in update\""))?;
        expect_refused(
            &stack,
            &APPLY,
            &Saying {
                at: Some("resource"),
                says: &["the bug bit in update"],
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
fn a_panic_after_something_exists_leaves_it_tainted() -> Result<()> {
    with_every_cli(|cli| {
        let stack = corner(cli, &bug("misbehave = \"panic after create\""))?.init()?;
        let says = Saying {
            at: Some("resource"),
            says: &["the bug bit after create", "had recorded"],
        };
        expect_refused(&stack, &APPLY, &says)?;
        assert_eq!(state(&stack, "corner_faulty.bug")?["id"], "id-bug");
        ensure!(tainted(&stack, "corner_faulty.bug")?, "it is replaced");
        rewrite(&stack, &bug(""))?;
        stack.apply()?;
        stack.destroy()?;
        assert_eq!(
            objects(&stack)?,
            0,
            "nothing is left that no state knows of"
        );
        Ok(())
    })
}

#[test]
fn a_plan_that_breaks_the_rules_is_a_bug_with_its_place() -> Result<()> {
    with_every_cli(|cli| {
        let remark = "remark = \"mine\"\n  misbehave = \"plan another remark\"";
        let says = ["The plan of corner_faulty breaks the protocol"];
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
fn a_result_that_breaks_the_rules_is_a_bug_with_its_place() -> Result<()> {
    with_every_cli(|cli| {
        let says = ["The result of corner_faulty breaks the protocol"];
        let remark = "remark = \"mine\"\n  misbehave = \"tell another remark\"";
        expect_bug(
            cli,
            remark,
            &Saying {
                at: Some("remark = \"mine\""),
                says: &says,
            },
        )?;
        let legs = "legs = [\"front\", \"hind\"]\n  misbehave = \"forget a leg\"";
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
fn values_made_by_hand_are_checked_too() -> Result<()> {
    with_every_cli(|cli| {
        for (misbehave, at) in [
            ("unknown after apply", "resource"),
            ("another name", "name"),
        ] {
            let resources = format!(
                "resource \"corner_by_hand\" \"bug\" {{\n  name = \"bug\"\n  misbehave = {misbehave:?}\n}}\n"
            );
            let stack = corner(cli, &resources)?.init()?;
            let says = [
                "The result of corner_by_hand breaks the protocol",
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
fn warnings_of_a_plan_and_of_a_delete_are_shown() -> Result<()> {
    with_every_cli(|cli| {
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
            says: &["A trace is left", "Wipe it away by hand."],
        };
        expect_warned(&stack, &["destroy", "-auto-approve"], &trace)?;
        assert_eq!(objects(&stack)?, 0);
        Ok(())
    })
}
