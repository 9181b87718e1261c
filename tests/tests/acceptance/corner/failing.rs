//! Operations that fail: the stored state, and the result of the next apply.

use anyhow::Result;
use serde_json::json;
use tfharness::Stack;
use tfharness::workspace::Action;

use super::{change, corner, objects, rewrite, state, tainted, with_one_cli};
use crate::diagnostic::{Saying, expect_refused};

const ADDRESS: &str = "corner_failing.thing";

fn thing(arguments: &str) -> String {
    format!("resource \"corner_failing\" \"thing\" {{\n  name = \"thing\"\n  {arguments}\n}}\n")
}

/// Runs an apply, and checks that it fails with this message.
fn expect_broken(stack: &Stack, says: &str) -> Result<()> {
    expect_refused(
        stack,
        &APPLY,
        &Saying {
            at: Some("fail"),
            says: &[says],
        },
    )
    .map(drop)
}

const APPLY: [&str; 2] = ["apply", "-auto-approve"];

#[test]
fn failed_create_without_an_object_leaves_the_state_empty() -> Result<()> {
    with_one_cli(|cli| {
        let stack = corner(cli, &thing("fail = \"create nothing\""))?.init()?;
        let says = Saying {
            at: Some("fail = \"create nothing\""),
            says: &["Operation failed on request", "nothing was created"],
        };
        expect_refused(&stack, &APPLY, &says)?;
        assert_eq!(stack.show()?.resources.len(), 0);
        rewrite(&stack, &thing(""))?;
        stack.apply()?;
        Ok(stack.destroy()?)
    })
}

#[test]
fn partial_create_is_replaced_by_the_next_apply() -> Result<()> {
    with_one_cli(|cli| {
        let stack = corner(cli, &thing("fail = \"create partial\""))?.init()?;
        expect_broken(&stack, "the thing was partially created")?;
        assert!(tainted(&stack, ADDRESS)?);
        let partial = state(&stack, ADDRESS)?;
        assert_eq!(
            (&partial["id"], &partial["seal"]),
            (&json!("id-thing"), &json!(null)),
            "known values must be stored"
        );
        rewrite(&stack, &thing(""))?;
        assert_eq!(
            change(&stack.plan()?, ADDRESS)?.actions,
            [Action::Delete, Action::Create]
        );
        stack.apply()?;
        assert_eq!(state(&stack, ADDRESS)?["seal"], "sealed");
        stack.destroy()?;
        assert_eq!(objects(&stack)?, 0, "objects must not remain");
        Ok(())
    })
}

#[test]
fn failed_update_keeps_the_prior_state() -> Result<()> {
    with_one_cli(|cli| {
        let stack = corner(cli, &thing("step = 1"))?.apply()?;
        rewrite(&stack, &thing("step = 2\n  fail = \"update unchanged\""))?;
        expect_broken(&stack, "nothing was changed")?;
        assert_eq!(
            (&state(&stack, ADDRESS)?["step"], tainted(&stack, ADDRESS)?),
            (&json!(1), false)
        );
        rewrite(&stack, &thing("step = 2"))?;
        stack.apply()?;
        assert_eq!(state(&stack, ADDRESS)?["step"], 2);
        Ok(stack.destroy()?)
    })
}

#[test]
fn partial_update_stores_the_applied_step() -> Result<()> {
    with_one_cli(|cli| {
        let stack = corner(cli, &thing(""))?.apply()?;
        rewrite(
            &stack,
            &thing("step = 1\n  next_step = 1\n  fail = \"update partial\""),
        )?;
        expect_broken(&stack, "one of two steps was applied")?;
        let partial = state(&stack, ADDRESS)?;
        assert_eq!(
            (
                &partial["step"],
                &partial["next_step"],
                tainted(&stack, ADDRESS)?
            ),
            (&json!(1), &json!(0), false)
        );
        rewrite(&stack, &thing("step = 1\n  next_step = 1"))?;
        stack.apply()?;
        assert_eq!(state(&stack, ADDRESS)?["next_step"], 1);
        Ok(stack.destroy()?)
    })
}

#[test]
fn failed_delete_keeps_the_object() -> Result<()> {
    with_one_cli(|cli| {
        let stack = corner(cli, &thing("fail = \"delete\""))?.apply()?;
        expect_refused(
            &stack,
            &["destroy", "-auto-approve"],
            &Saying {
                at: None,
                says: &["the thing was not deleted"],
            },
        )?;
        assert_eq!(state(&stack, ADDRESS)?["id"], "id-thing");
        rewrite(&stack, &thing(""))?;
        stack.apply()?;
        stack.destroy()?;
        assert_eq!(objects(&stack)?, 0);
        Ok(())
    })
}
