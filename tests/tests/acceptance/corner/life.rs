//! Lifecycle of an object: drift, external deletion, protection, import, move, and state from an older version.

use std::fs;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use tfharness::Kind;
use tfharness::workspace::Action;

use super::{change, corner, edit, object, objects, rewrite, state, with_every_cli};
use crate::diagnostic::{Saying, expect_refused, expect_warned};

const ADDRESS: &str = "corner_life.cat";
const FILE: &str = "corner_life.cat.json";

fn cat(arguments: &str) -> String {
    format!("resource \"corner_life\" \"cat\" {{\n  name = \"cat\"\n  {arguments}\n}}\n")
}

#[test]
fn private_state_survives_reads_plans_and_updates() -> Result<()> {
    with_every_cli(|cli| {
        let stack = corner(cli, &cat("note = \"first\""))?.apply()?;
        for (written, note) in [(2, "second"), (3, "third")] {
            stack.expect_empty_plan()?;
            rewrite(&stack, &cat(&format!("note = {note:?}")))?;
            stack.apply()?;
            assert_eq!(
                state(&stack, ADDRESS)?["written"],
                written,
                "private state must contain the number of writes"
            );
        }
        Ok(stack.destroy()?)
    })
}

#[test]
fn drift_is_reported_and_corrected() -> Result<()> {
    with_every_cli(|cli| {
        let stack = corner(cli, &cat("note = \"calm\""))?.apply()?;
        edit(&stack, FILE, "calm", "full of gossip")?;
        let plan = stack.plan()?;
        let drift = plan
            .resource_drift
            .first()
            .context("the plan contains no drift")?;
        assert_eq!(drift.change.after["note"], "full of gossip");
        assert_eq!(change(&plan, ADDRESS)?.actions, [Action::Update]);
        expect_warned(
            &stack,
            &["plan"],
            &Saying {
                at: Some("note"),
                says: &["Note contains gossip"],
            },
        )?;
        stack.apply()?;
        ensure!(object(&stack, FILE)?.contains("calm"));
        Ok(stack.destroy()?)
    })
}

#[test]
fn missing_object_is_recreated() -> Result<()> {
    with_every_cli(|cli| {
        let stack = corner(cli, &cat(""))?.apply()?;
        fs::remove_file(stack.directory().join("objects").join(FILE))?;
        assert_eq!(change(&stack.plan()?, ADDRESS)?.actions, [Action::Create]);
        stack.apply()?;
        stack.destroy()?;
        assert_eq!(objects(&stack)?, 0);
        Ok(())
    })
}

#[test]
fn protected_object_is_not_destroyed() -> Result<()> {
    with_every_cli(|cli| {
        let stack = corner(cli, &cat("protected = true"))?.apply()?;
        let says = Saying {
            at: Some("protected"),
            says: &[
                "Life is protected",
                "Set `protected` to false, apply that change, and then try again.",
            ],
        };
        expect_refused(&stack, &["plan", "-destroy"], &says)?;
        expect_refused(&stack, &["destroy", "-auto-approve"], &says)?;
        assert_eq!(objects(&stack)?, 1);
        // Removing the configuration also plans a destroy operation.
        rewrite(&stack, "")?;
        let nowhere = Saying { at: None, ..says };
        expect_refused(&stack, &["apply", "-auto-approve"], &nowhere)?;
        rewrite(&stack, &cat("protected = false"))?;
        stack.apply()?;
        stack.destroy()?;
        assert_eq!(objects(&stack)?, 0);
        Ok(())
    })
}

#[test]
fn existing_object_is_imported() -> Result<()> {
    with_every_cli(|cli| {
        let stack = corner(cli, &cat("note = \"old\""))?.apply()?;
        stack.succeed(&["state", "rm", ADDRESS])?;
        let refused = |id: &str| -> Result<String> {
            let error = stack.failing(|stack| stack.import(ADDRESS, id))?;
            Ok(error
                .failure()
                .context("the import failed for another reason")?
                .text
                .clone())
        };
        let malformed = refused("a/cat")?;
        ensure!(
            malformed.contains("Import ID is not a name") && malformed.contains("such as `cat`"),
            "{malformed}"
        );
        let missing = refused("dog")?;
        ensure!(
            missing.contains("Cannot import non-existent remote object"),
            "{missing}"
        );
        stack.import(ADDRESS, "cat")?;
        let imported = state(&stack, ADDRESS)?;
        assert_eq!(
            (&imported["note"], &imported["written"]),
            (&json!("old"), &json!(100))
        );
        stack.expect_empty_plan()?;
        rewrite(&stack, &cat("note = \"new\""))?;
        stack.apply()?;
        assert_eq!(
            state(&stack, ADDRESS)?["written"],
            101,
            "private state from the import must be preserved"
        );
        Ok(stack.destroy()?)
    })
}

#[test]
fn import_block_reads_every_kind_of_value() -> Result<()> {
    with_every_cli(|cli| {
        let thing = r#"resource "corner_kinds" "thing" {
          name     = "thing"
          words    = ["a"]
          part_set = [{ mark = "x" }]
          part_map = { k = { label = "l" } }
        }
        resource "corner_blocks" "house" {
          name = "house"
          floor { usage = "shop" }
        }"#;
        let stack = corner(cli, thing)?.apply()?;
        stack.succeed(&["state", "rm", "corner_kinds.thing", "corner_blocks.house"])?;
        let import = "\nimport {\n  to = corner_kinds.thing\n  id = \"thing\"\n}\nimport {\n  to = corner_blocks.house\n  id = \"house\"\n}\n";
        rewrite(&stack, &format!("{thing}{import}"))?;
        assert_eq!(
            change(&stack.plan()?, "corner_kinds.thing")?.actions,
            [Action::NoOp]
        );
        assert_eq!(
            change(&stack.plan()?, "corner_blocks.house")?.actions,
            [Action::NoOp]
        );
        stack.apply()?;
        Ok(stack.destroy()?)
    })
}

#[test]
fn object_of_a_different_type_is_moved() -> Result<()> {
    with_every_cli(|cli| {
        let kinds =
            "resource \"corner_kinds\" \"cat\" {\n  name = \"cat\"\n  text = \"a note\"\n}\n";
        let stack = corner(cli, kinds)?.apply()?;
        // Creates the object that the moved resource reads.
        let life = json!({ "name": "cat", "note": "a note", "protected": false, "written": 7, "id": "id-cat" });
        fs::write(
            stack.directory().join("objects").join(FILE),
            life.to_string(),
        )?;
        rewrite(
            &stack,
            &format!(
                "{}\nmoved {{\n  from = corner_kinds.cat\n  to   = {ADDRESS}\n}}\n",
                cat("note = \"a note\"")
            ),
        )?;
        let plan = stack.plan()?;
        ensure!(
            plan.changes()
                .all(|resource| !resource.change.actions.contains(&Action::Delete)),
            "{plan:?}"
        );
        stack.apply()?;
        assert_eq!(
            state(&stack, ADDRESS)?["written"],
            50,
            "private state from the move must be preserved"
        );
        Ok(stack.destroy()?)
    })
}

#[test]
fn unsupported_move_is_rejected() -> Result<()> {
    with_every_cli(|cli| {
        let stack = corner(
            cli,
            "resource \"corner_slow\" \"cat\" {\n  name = \"cat\"\n}\n",
        )?
        .apply()?;
        rewrite(
            &stack,
            &format!(
                "{}\nmoved {{\n  from = corner_slow.cat\n  to   = {ADDRESS}\n}}\n",
                cat("")
            ),
        )?;
        // Terraform does not show the source line for errors in a move.
        let at = (cli.kind() == Kind::Tofu).then_some("resource");
        let says = [
            "Move from this type is not supported",
            "Only objects of type corner_kinds can be moved.",
        ];
        expect_refused(&stack, &["plan"], &Saying { at, says: &says })?;
        let back = r#"
          resource "corner_blocks" "cat" { name = "cat" }
          moved {
            from = corner_slow.cat
            to   = corner_blocks.cat
          }
        "#;
        rewrite(&stack, back)?;
        let says = [
            "Move is not supported",
            "An object of type corner_slow",
            "Remove the `moved` block, and then import",
        ];
        expect_refused(&stack, &["plan"], &Saying { at, says: &says })?;
        Ok(())
    })
}

#[test]
fn state_from_an_older_version_is_upgraded() -> Result<()> {
    with_every_cli(|cli| {
        let stack = corner(cli, &cat("note = \"a, b\""))?.apply()?;
        let mut stored: Value = serde_json::from_str(&stack.state_text()?)?;
        assert_eq!(stored["resources"][0]["instances"][0]["schema_version"], 1);
        stored["serial"] = json!(100);
        let instance = &mut stored["resources"][0]["instances"][0];
        instance["schema_version"] = json!(0);
        instance["attributes"] = json!({ "title": "cat", "notes": ["a", "b"] });
        stack.write("terraform.tfstate", &stored.to_string())?;
        stack.expect_empty_plan()?;
        rewrite(&stack, &cat("note = \"c\""))?;
        stack.apply()?;
        let upgraded: Value = serde_json::from_str(&stack.state_text()?)?;
        assert_eq!(
            upgraded["resources"][0]["instances"][0]["schema_version"],
            1
        );
        assert_eq!(state(&stack, ADDRESS)?["written"], 2);
        Ok(stack.destroy()?)
    })
}

#[test]
fn missing_attribute_in_the_state_is_read_as_null() -> Result<()> {
    with_every_cli(|cli| {
        let stack = corner(cli, &cat(""))?.apply()?;
        let mut stored: Value = serde_json::from_str(&stack.state_text()?)?;
        stored["serial"] = json!(100);
        let attributes = &mut stored["resources"][0]["instances"][0]["attributes"];
        *attributes = json!({ "name": "cat", "id": "id-cat", "written": 1, "protected": false, "dropped_long_ago": 1 });
        stack.write("terraform.tfstate", &stored.to_string())?;
        stack.expect_empty_plan()?;
        Ok(stack.destroy()?)
    })
}
