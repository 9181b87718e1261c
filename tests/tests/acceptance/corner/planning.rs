//! Plans: defaults, computed values, replacement, and write-only and sensitive arguments.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result, ensure};
use serde_json::json;
use tfharness::Stack;
use tfharness::workspace::{Action, Change};

use super::{change, corner, rewrite, state, with_every_cli};
use crate::diagnostic::{Saying, expect_refused};

const ADDRESS: &str = "corner_planned.engine";
const ENGINE: &str = "resource \"corner_planned\" \"engine\" {\n  name = \"engine\"\n}\n";

/// Returns the configuration for an engine with additional arguments.
fn engine(arguments: &str) -> String {
    ENGINE.replace("}\n", &format!("  {arguments}\n}}\n"))
}

/// Returns the planned change to the engine after its arguments are replaced.
fn planned(stack: &Stack, arguments: &str) -> Result<Change> {
    rewrite(stack, &engine(arguments))?;
    change(&stack.plan()?, ADDRESS)
}

const REPLACE: [Action; 2] = [Action::Delete, Action::Create];

#[test]
fn defaults_are_planned_at_every_depth() -> Result<()> {
    with_every_cli(|cli| {
        let arguments = r#"settings = {}
          pipes = [{ width = 1 }]"#;
        let stack = corner(cli, &engine(arguments))?.init()?;
        let planned = change(&stack.plan()?, ADDRESS)?;
        assert_eq!(
            (&planned.after["speed"], &planned.after["sound"]),
            (&json!(5), &json!("brumm"))
        );
        assert_eq!(planned.after["running"], true);
        assert_eq!(
            planned.after["settings"]["heat"], 90,
            "defaults must apply to nested attributes"
        );
        let steel = planned.after["pipes"][0]["metal"] == "steel";
        assert!(
            steel,
            "defaults must apply to set elements: {}",
            planned.after["pipes"]
        );
        stack.apply()?;
        assert_eq!(state(&stack, ADDRESS)?["speed"], 5);
        Ok(stack.destroy()?)
    })
}

#[test]
fn set_elements_are_compared_including_their_defaults() -> Result<()> {
    with_every_cli(|cli| {
        let pipes = |more: &str| format!("pipes = [{{ width = 1 }}, {{ width = 2 }}{more}]");
        let gold = r#", { width = 1, metal = "gold" }"#;
        let stack = corner(cli, &engine(&pipes(gold)))?.apply()?;
        let stored = state(&stack, ADDRESS)?["pipes"].clone();
        let marks = stored
            .as_array()
            .context("the state contains no pipes")?
            .iter()
            .map(|pipe| pipe["mark"].as_str());
        let marks: BTreeSet<_> = marks.flatten().collect();
        assert_eq!(marks, BTreeSet::from(["1 gold", "1 steel", "2 steel"]));
        let fewer = planned(&stack, &pipes(""))?;
        assert_eq!(fewer.actions, [Action::Update]);
        assert_eq!(fewer.after["pipes"].as_array().map(Vec::len), Some(2));
        assert_eq!(
            fewer.after_unknown["pipes"],
            json!([{ "mark": true }, { "mark": true }])
        );
        stack.apply()?;
        let twice = pipes(r#", { width = 1, metal = "steel" }"#);
        rewrite(&stack, &engine(&twice))?;
        let says = ["`pipes` contains elements that are equal after default values"];
        expect_refused(
            &stack,
            &["plan"],
            &Saying {
                at: Some("pipes = ["),
                says: &says,
            },
        )?;
        rewrite(&stack, &engine(""))?;
        stack.apply()?;
        Ok(stack.destroy()?)
    })
}

#[test]
fn default_applies_again_when_the_argument_is_removed() -> Result<()> {
    with_every_cli(|cli| {
        let stack = corner(cli, &engine("speed = 7\n  settings = { heat = 20 }"))?.apply()?;
        let planned = planned(&stack, "settings = {}")?;
        assert_eq!(planned.actions, [Action::Update]);
        assert_eq!(
            (&planned.after["speed"], &planned.after["settings"]["heat"]),
            (&json!(5), &json!(90))
        );
        stack.apply()?;
        Ok(stack.destroy()?)
    })
}

#[test]
fn computed_values_are_unknown_only_if_the_object_changes() -> Result<()> {
    with_every_cli(|cli| {
        let stack = corner(cli, &engine("settings = {}"))?.apply()?;
        let same = planned(&stack, "settings = {}")?;
        assert_eq!(same.actions, [Action::NoOp]);
        assert_eq!(same.after["revision"], 1);
        let other = planned(&stack, "settings = {}\n  speed = 6")?;
        assert_eq!(other.actions, [Action::Update]);
        assert_eq!(
            other.after_unknown["revision"], true,
            "{}",
            other.after_unknown
        );
        assert_eq!(
            other.after_unknown["settings"]["measured"], true,
            "{}",
            other.after_unknown
        );
        assert_eq!(
            other.after_unknown["place"], true,
            "{}",
            other.after_unknown
        );
        stack.apply()?;
        let stored = state(&stack, ADDRESS)?;
        assert_eq!(
            (&stored["revision"], &stored["settings"]["measured"]),
            (&json!(2), &json!("measured-2"))
        );
        Ok(stack.destroy()?)
    })
}

#[test]
fn kept_value_stays_known_in_an_update() -> Result<()> {
    with_every_cli(|cli| {
        let stack = corner(cli, ENGINE)?.init()?;
        assert_eq!(
            change(&stack.plan()?, ADDRESS)?.after_unknown["id"],
            true,
            "a new object must not have a prior value"
        );
        stack.apply()?;
        let planned = planned(&stack, "speed = 6")?;
        assert_eq!(planned.after["id"], "id-engine");
        stack.apply()?;
        Ok(stack.destroy()?)
    })
}

#[test]
fn optional_computed_value_is_kept_when_the_argument_is_removed() -> Result<()> {
    with_every_cli(|cli| {
        let stack = corner(cli, &engine("place = \"here\""))?.apply()?;
        assert_eq!(state(&stack, ADDRESS)?["place"], "here");
        assert_eq!(
            planned(&stack, "")?.actions,
            [Action::NoOp],
            "removing the argument must keep the prior value"
        );
        let other = planned(&stack, "place = \"there\"")?;
        assert_eq!(
            (other.actions.as_slice(), &other.after["place"]),
            ([Action::Update].as_slice(), &json!("there"))
        );
        stack.apply()?;
        Ok(stack.destroy()?)
    })
}

#[test]
fn changed_fuel_or_oil_forces_replacement() -> Result<()> {
    with_every_cli(|cli| {
        let stack = corner(
            cli,
            &engine("fuel = \"coal\"\n  settings = { oil = \"palm\" }"),
        )?
        .apply()?;
        let fuel = planned(&stack, "fuel = \"wood\"\n  settings = { oil = \"palm\" }")?;
        assert_eq!(
            (fuel.actions.as_slice(), fuel.replace_paths),
            (REPLACE.as_slice(), vec![vec![json!("fuel")]])
        );
        assert_eq!(
            fuel.after_unknown["id"], true,
            "the replacement must have a new identifier"
        );
        let oil = planned(&stack, "fuel = \"coal\"\n  settings = { oil = \"olive\" }")?;
        assert_eq!(oil.actions, REPLACE);
        assert_eq!(oil.replace_paths, [[json!("settings"), json!("oil")]]);
        let heat = planned(
            &stack,
            "fuel = \"coal\"\n  settings = { oil = \"palm\", heat = 10 }",
        )?;
        assert_eq!(
            heat.actions,
            [Action::Update],
            "heat must be updated in place"
        );
        rewrite(
            &stack,
            &engine("fuel = \"wood\"\n  settings = { oil = \"olive\" }"),
        )?;
        stack.apply()?;
        assert_eq!(
            state(&stack, ADDRESS)?["revision"],
            1,
            "the engine must be replaced"
        );
        Ok(stack.destroy()?)
    })
}

const SECRETS: &str = r#"
variable "key" {
  type      = string
  ephemeral = true
  sensitive = true
}
variable "key_version" { type = number }
variable "seed_version" { type = number }

resource "corner_planned" "engine" {
  name         = "engine"
  key          = var.key
  key_version  = var.key_version
  seed         = "${var.key}-seed"
  seed_version = var.seed_version
}
"#;

#[test]
fn write_only_argument_reaches_only_the_provider() -> Result<()> {
    with_every_cli(|cli| {
        let workspace = corner(cli, SECRETS)?
            .var("key", "open-sesame")
            .var("key_version", 1)
            .var("seed_version", 1);
        let mut stack = workspace.apply()?;
        assert_eq!(
            state(&stack, ADDRESS)?["key_length"],
            11,
            "the provider must receive the key"
        );
        stack.set_var("key", "open-barley");
        stack.expect_empty_plan()?;
        stack.set_var("key", "open-rice");
        stack.set_var("key_version", 2);
        let plan = stack.plan()?;
        let planned = change(&plan, ADDRESS)?;
        assert_eq!(planned.actions, [Action::Update]);
        assert_eq!(
            (&planned.after["key"], &planned.after["seed"]),
            (&json!(null), &json!(null))
        );
        stack.apply()?;
        assert_eq!(state(&stack, ADDRESS)?["key_length"], 9);
        let texts = [
            stack.state_text()?,
            format!("{plan:?}"),
            super::object(&stack, "corner_planned.engine.json")?,
        ];
        for text in texts {
            ensure!(!text.contains("open-"), "a key was stored: {text}");
        }
        stack.set_var("seed_version", 2);
        let reseeded = change(&stack.plan()?, ADDRESS)?;
        assert_eq!(
            (reseeded.actions.as_slice(), reseeded.replace_paths),
            (REPLACE.as_slice(), vec![vec![json!("seed")]])
        );
        stack.apply()?;
        Ok(stack.destroy()?)
    })
}

#[test]
fn sensitive_value_is_not_shown() -> Result<()> {
    with_every_cli(|cli| {
        let stack = corner(cli, &engine("sticker = \"so private\""))?.init()?;
        let shown = stack.succeed(&["plan", "-input=false", "-no-color"])?;
        ensure!(
            shown.contains("(sensitive value)") && !shown.contains("so private"),
            "{shown}"
        );
        stack.apply()?;
        rewrite(&stack, &engine("sticker = \"so very private\""))?;
        let shown = stack.succeed(&["plan", "-input=false", "-no-color"])?;
        ensure!(
            shown.contains("will be updated in-place") && !shown.contains("private"),
            "{shown}"
        );
        stack.destroy()?;
        Ok(())
    })
}

#[test]
fn invalid_argument_is_reported_at_its_position() -> Result<()> {
    with_every_cli(|cli| {
        let stack = corner(cli, &engine("speed = 11"))?.init()?;
        expect_refused(
            &stack,
            &["plan"],
            &Saying {
                at: Some("speed = 11"),
                says: &["between 0 and 10"],
            },
        )?;
        rewrite(&stack, &engine("id = \"mine\""))?;
        expect_refused(
            &stack,
            &["plan"],
            &Saying {
                at: Some("id"),
                says: &["id"],
            },
        )?;
        rewrite(&stack, "resource \"corner_planned\" \"engine\" {}\n")?;
        expect_refused(
            &stack,
            &["plan"],
            &Saying {
                at: Some("resource"),
                says: &["name"],
            },
        )?;
        Ok(())
    })
}
