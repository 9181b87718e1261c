//! Values of every kind, which the provider stores exactly as configured.

use anyhow::Result;
use serde_json::json;
use tfharness::workspace::Action;

use super::{change, corner, object, rewrite, state, with_one_cli};

const ALL: &str = r#"
resource "corner_kinds" "all" {
  name   = "all"
  text   = "e\u0301"
  flag   = false
  whole  = -9007199254740993
  port   = 65535
  number = 123456789012345678901234567890
  words  = ["b", "", "a"]
  bag    = ["b", "a", "b"]
  labels = { "" = "empty", "ключ" = "значение" }
  table  = { a = [0.1, 1.5, 1e30, 123456789012345678901234567890.5], b = [] }
  anything = { deep = ["x", 1, true, null], exact = 0.1 }
  part = {
    label  = "single"
    size   = 0.1
    screws = { long = { length = 12345678901234567890.25 } }
  }
  parts    = [{ label = "one" }, { label = "two", size = 2, screws = {} }]
  part_map = { "a b" = { label = "named" } }
  part_set = [{ mark = "y" }, { mark = "x" }]
}
"#;

#[test]
fn every_kind_of_value_is_stored_exactly() -> Result<()> {
    with_one_cli(|cli| {
        let stack = corner(cli, ALL)?.apply()?;
        let stored = state(&stack, "corner_kinds.all")?;
        let number = |text: &str| -> Result<serde_json::Value> { Ok(serde_json::from_str(text)?) };
        assert_eq!(
            stored["text"], "\u{e9}",
            "strings must be in Unicode normalization form C"
        );
        assert_eq!(stored["flag"], false);
        assert_eq!(
            stored["whole"],
            json!(-9_007_199_254_740_993_i64),
            "numbers must not be converted to floats"
        );
        assert_eq!(stored["number"], number("123456789012345678901234567890")?);
        assert_eq!(stored["words"], json!(["b", "", "a"]));
        assert_eq!(stored["bag"], json!(["a", "b"]));
        assert_eq!(stored["labels"], json!({ "": "empty", "ключ": "значение" }));
        assert_eq!(stored["table"]["a"][0], number("0.1")?);
        assert_eq!(
            stored["table"]["a"][3],
            number("123456789012345678901234567890.5")?
        );
        assert_eq!(stored["table"]["b"], json!([]));
        assert_eq!(
            stored["anything"],
            json!({ "deep": ["x", 1, true, null], "exact": 0.1 })
        );
        assert_eq!(
            stored["part"]["screws"]["long"]["length"],
            number("12345678901234567890.25")?
        );
        assert_eq!(stored["part"]["code"], "code-single");
        assert_eq!(
            stored["parts"][0]["screws"],
            json!(null),
            "an absent map must differ from an empty map"
        );
        assert_eq!(stored["parts"][1]["screws"], json!({}));
        assert_eq!(stored["part_map"]["a b"]["code"], "code-named");
        let marks = json!([{ "code": "code-x", "mark": "x" }, { "code": "code-y", "mark": "y" }]);
        assert_eq!(stored["part_set"], marks);
        let kept = object(&stack, "corner_kinds.all.json")?;
        assert!(
            kept.contains(r#""number":123456789012345678901234567890"#),
            "{kept}"
        );
        assert!(kept.contains(r#""exact":0.1"#), "{kept}");
        assert!(
            kept.contains("[0.1,1.5,1000000000000000000000000000000,"),
            "{kept}"
        );
        Ok(stack.destroy()?)
    })
}

#[test]
fn attributes_that_are_not_configured_are_null() -> Result<()> {
    with_one_cli(|cli| {
        let stack = corner(cli, r#"resource "corner_kinds" "none" { name = "none" }"#)?.apply()?;
        let stored = state(&stack, "corner_kinds.none")?;
        let set = stored
            .as_object()
            .into_iter()
            .flatten()
            .filter(|(_, value)| !value.is_null());
        assert_eq!(
            set.map(|(name, _)| name.as_str()).collect::<Vec<_>>(),
            ["id", "name", "revision"]
        );
        Ok(stack.destroy()?)
    })
}

const UNKNOWN: &str = r#"
resource "corner_kinds" "first" { name = "first" }

resource "corner_kinds" "second" {
  name     = "second"
  text     = "pre-${corner_kinds.first.id}"
  whole    = corner_kinds.first.revision
  number   = corner_kinds.first.revision + 0.5
  words    = ["known", corner_kinds.first.id]
  bag      = [corner_kinds.first.id]
  labels   = { known = "known", id = corner_kinds.first.id }
  table    = { a = [corner_kinds.first.revision] }
  anything = corner_kinds.first.id
  part     = { label = corner_kinds.first.id }
  parts    = [{ label = "known" }, { label = corner_kinds.first.id }]
  part_map = { a = { label = "known", screws = { x = { length = corner_kinds.first.revision } } } }
  part_set = [{ mark = "known" }, { mark = corner_kinds.first.id }]
}

resource "corner_kinds" "third" {
  name     = "third"
  words    = split("-", corner_kinds.first.id)
  anything = { half = ["known", corner_kinds.first.id], number = corner_kinds.first.revision }
}

resource "corner_blocks" "house" {
  name = "house"
  floor {
    usage = corner_kinds.first.id
    room { tenant = "pre-${corner_kinds.first.id}" }
  }
  dynamic "floor" {
    for_each = split("-", corner_kinds.first.id)
    content { usage = floor.value }
  }
  dynamic "tree" {
    for_each = split("-", corner_kinds.first.id)
    content { kind = tree.value }
  }
  tree { kind = corner_kinds.first.id }
  door "front" { target = corner_kinds.first.id }
}

resource "corner_by_hand" "object" {
  name = "object"
  origin { grower = corner_kinds.first.id }
  setting {
    key   = "unknown"
    value = corner_kinds.first.id
  }
  setting {
    key   = corner_kinds.first.id
    value = { half = [corner_kinds.first.revision] }
  }
}
"#;

#[test]
fn unknown_values_are_planned_at_every_depth() -> Result<()> {
    with_one_cli(|cli| {
        let stack = corner(cli, UNKNOWN)?.init()?;
        let planned = change(&stack.plan()?, "corner_kinds.second")?;
        assert_eq!(planned.actions, [Action::Create]);
        assert_eq!(
            planned.after["labels"]["known"], "known",
            "known values must be planned"
        );
        assert_eq!(planned.after_unknown["labels"]["id"], true);
        assert_eq!(planned.after_unknown["parts"][1]["label"], true);
        assert_eq!(planned.after["parts"][0]["label"], "known");
        assert_eq!(planned.after_unknown["text"], true);
        stack.apply()?;
        let second = state(&stack, "corner_kinds.second")?;
        assert_eq!(second["text"], "pre-id-first");
        assert_eq!(second["number"], json!(1.5));
        assert_eq!(second["anything"], "id-first");
        assert_eq!(second["part"]["code"], "code-id-first");
        assert_eq!(second["part_map"]["a"]["screws"]["x"]["length"], 1);
        assert_eq!(second["part_set"].as_array().map(Vec::len), Some(2));
        let third = state(&stack, "corner_kinds.third")?;
        assert_eq!(third["words"], json!(["id", "first"]));
        assert_eq!(
            third["anything"],
            json!({ "half": ["known", "id-first"], "number": 1 })
        );
        let house = state(&stack, "corner_blocks.house")?;
        assert_eq!(house["height"], 3);
        assert_eq!(house["floor"][2]["usage"], "first");
        assert_eq!(house["tree"].as_array().map(Vec::len), Some(3));
        let by_hand = state(&stack, "corner_by_hand.object")?;
        assert_eq!(by_hand["setting"][0]["value"], "id-first");
        assert_eq!(by_hand["setting"][1]["value"], json!({ "half": [1] }));
        Ok(stack.destroy()?)
    })
}

#[test]
fn changed_dependency_leaves_dependents_unknown_until_apply() -> Result<()> {
    with_one_cli(|cli| {
        let stack = corner(cli, UNKNOWN)?.apply()?;
        rewrite(
            &stack,
            &UNKNOWN.replace(
                r#"{ name = "first" }"#,
                "{\n  name = \"first\"\n  flag = true\n}",
            ),
        )?;
        let plan = stack.plan()?;
        assert_eq!(
            change(&plan, "corner_kinds.first")?.actions,
            [Action::Update]
        );
        let second = change(&plan, "corner_kinds.second")?;
        assert_eq!(
            second.actions,
            [Action::Update],
            "the referenced revision must change"
        );
        assert_eq!(
            second.after["text"], "pre-id-first",
            "the referenced ID must not change"
        );
        stack.apply()?;
        assert_eq!(state(&stack, "corner_kinds.second")?["number"], json!(2.5));
        Ok(stack.destroy()?)
    })
}

#[test]
fn five_mebibyte_value_is_stored() -> Result<()> {
    with_one_cli(|cli| {
        let resources = r#"resource "corner_kinds" "big" {
          name = "big"
          text = file("big.txt")
        }"#;
        let text = "0123456789abcdef".repeat(5 << 16);
        let stack = corner(cli, resources)?
            .file("big.txt", text.as_str())
            .apply()?;
        assert_eq!(
            state(&stack, "corner_kinds.big")?["text"]
                .as_str()
                .map(str::len),
            Some(5 << 20)
        );
        assert!(object(&stack, "corner_kinds.big.json")?.contains(&text));
        Ok(stack.destroy()?)
    })
}

#[test]
fn fraction_is_rejected_for_a_whole_number() -> Result<()> {
    with_one_cli(|cli| {
        for (attribute, says) in [
            ("whole = 1.5", "a whole number"),
            ("port = 65536", "from 0 to 65535"),
            ("whole = 9223372036854775808", "a whole number"),
        ] {
            let resources = format!(
                "resource \"corner_kinds\" \"bad\" {{\n  name = \"bad\"\n  {attribute}\n}}\n"
            );
            let stack = corner(cli, &resources)?.init()?;
            crate::diagnostic::expect_refused(
                &stack,
                &["plan"],
                &crate::diagnostic::Saying {
                    at: Some(attribute),
                    says: &[says],
                },
            )?;
        }
        Ok(())
    })
}

#[test]
fn provider_with_unknown_configuration_is_configured_during_apply() -> Result<()> {
    with_one_cli(|cli| {
        let hcl = super::HEAD.replace(r#""objects""#, "terraform_data.where.output");
        let resources = r#"
          resource "terraform_data" "where" { input = "objects" }
          resource "corner_kinds" "late" { name = "late" }
        "#;
        let stack = corner(cli, resources)?.file("main.tf", hcl).apply()?;
        assert_eq!(state(&stack, "corner_kinds.late")?["id"], "id-late");
        Ok(stack.destroy()?)
    })
}
