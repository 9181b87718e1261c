//! Nested blocks in every nesting mode, declared with structs and in a hand-written schema.

use anyhow::Result;
use serde_json::json;
use tfharness::workspace::Action;

use super::{change, corner, rewrite, state, with_one_cli};
use crate::diagnostic::{Saying, expect_refused};

const HOUSE: &str = r#"
resource "corner_blocks" "house" {
  name = "house"
  roof {}
  floor {
    usage = "shop"
    room {}
    room {
      windows = 0
      tenant  = "baker"
    }
  }
  floor { usage = "attic" }
  tree { kind = "oak" }
  tree {
    kind   = "elm"
    metres = 9
  }
  door "back" {}
  door "front" { target = "street" }
}
"#;

#[test]
fn blocks_are_planned_with_defaults_at_every_depth() -> Result<()> {
    with_one_cli(|cli| {
        let stack = corner(cli, HOUSE)?.init()?;
        let after = change(&stack.plan()?, "corner_blocks.house")?.after;
        assert_eq!(after["roof"], json!({ "material": "tile" }));
        assert_eq!(
            after["floor"][0]["room"][0],
            json!({ "windows": 1, "tenant": null })
        );
        assert_eq!(
            after["floor"][0]["room"][1],
            json!({ "windows": 0, "tenant": "baker" })
        );
        assert_eq!(after["floor"][1]["room"], json!([]));
        assert_eq!(
            after["tree"],
            json!([{ "kind": "elm", "metres": 9 }, { "kind": "oak", "metres": 2 }])
        );
        assert_eq!(
            after["door"],
            json!({ "back": { "target": null }, "front": { "target": "street" } })
        );
        stack.apply()?;
        assert_eq!(state(&stack, "corner_blocks.house")?["height"], 2);
        Ok(stack.destroy()?)
    })
}

#[test]
fn blocks_are_added_and_removed_in_place() -> Result<()> {
    with_one_cli(|cli| {
        let stack = corner(cli, HOUSE)?.apply()?;
        let between = HOUSE.replace(
            "  floor { usage = \"attic\" }",
            "  floor { usage = \"flat\" }\n  floor { usage = \"attic\" }",
        );
        rewrite(&stack, &between.replace("  roof {}\n", ""))?;
        let planned = change(&stack.plan()?, "corner_blocks.house")?;
        assert_eq!(planned.actions, [Action::Update]);
        assert_eq!(planned.after["roof"], json!(null));
        assert_eq!(planned.after["floor"][1]["usage"], "flat");
        stack.apply()?;
        assert_eq!(state(&stack, "corner_blocks.house")?["height"], 3);
        rewrite(
            &stack,
            "resource \"corner_blocks\" \"house\" {\n  name = \"house\"\n}\n",
        )?;
        stack.apply()?;
        let empty = state(&stack, "corner_blocks.house")?;
        let blocks = (
            &empty["roof"],
            &empty["floor"],
            &empty["tree"],
            &empty["door"],
        );
        assert_eq!(blocks, (&json!(null), &json!([]), &json!([]), &json!({})));
        Ok(stack.destroy()?)
    })
}

#[test]
fn error_in_a_block_shows_the_position_of_the_value() -> Result<()> {
    with_one_cli(|cli| {
        let stack = corner(cli, &HOUSE.replace("windows = 0", "windows = 10"))?.init()?;
        let at = Saying {
            at: Some("windows = 10"),
            says: &["between 0 and 9"],
        };
        expect_refused(&stack, &["plan"], &at)?;
        rewrite(
            &stack,
            &HOUSE.replace("roof {}", "roof {\n    material = \"glass\"\n  }"),
        )?;
        expect_refused(
            &stack,
            &["plan"],
            &Saying {
                at: Some("material = \"glass\""),
                says: &["`tile` or `straw`"],
            },
        )?;
        let note =
            super::HEAD.replace("directory =", "note {\n    text = \"\"\n  }\n  directory =");
        rewrite(&stack, HOUSE)?;
        stack.write("main.tf", &note)?;
        expect_refused(
            &stack,
            &["plan"],
            &Saying {
                at: Some("text = \"\""),
                says: &["between 1 and 20"],
            },
        )?;
        Ok(())
    })
}

const BY_HAND: &str = r#"
resource "corner_by_hand" "object" {
  name = "object"
  setting {
    key   = "number"
    value = 0.1
  }
  setting {
    key   = "mixed"
    value = { list = [1, "two", null] }
  }
  setting { key = "nothing" }
}
"#;

#[test]
fn hand_written_schema_supports_group_blocks_and_dynamic_values_in_a_list() -> Result<()> {
    with_one_cli(|cli| {
        let stack = corner(cli, BY_HAND)?.apply()?;
        let stored = state(&stack, "corner_by_hand.object")?;
        assert_eq!(
            stored["origin"],
            json!({ "country": "France", "grower": null }),
            "an absent group block must be an object"
        );
        assert_eq!(stored["setting"][0]["value"], json!(0.1));
        assert_eq!(
            stored["setting"][1]["value"],
            json!({ "list": [1, "two", null] })
        );
        assert_eq!(stored["setting"][2]["value"], json!(null));
        rewrite(&stack, &BY_HAND.replace("value = 0.1", "value = \"0.1\""))?;
        assert_eq!(
            change(&stack.plan()?, "corner_by_hand.object")?.actions,
            [Action::Update],
            "a change of type must be an update"
        );
        stack.apply()?;
        assert_eq!(
            state(&stack, "corner_by_hand.object")?["setting"][0]["value"],
            "0.1"
        );
        rewrite(
            &stack,
            "resource \"corner_by_hand\" \"object\" {\n  name = \"object\"\n  origin { country = \"Italy\" }\n}\n",
        )?;
        stack.apply()?;
        assert_eq!(
            state(&stack, "corner_by_hand.object")?["origin"]["country"],
            "Italy"
        );
        Ok(stack.destroy()?)
    })
}

#[test]
fn more_blocks_than_the_maximum_are_rejected() -> Result<()> {
    with_one_cli(|cli| {
        let four = BY_HAND.replace(
            "  setting { key = \"nothing\" }",
            "  setting { key = \"a\" }\n  setting { key = \"b\" }",
        );
        let stack = corner(cli, &four)?.init()?;
        expect_refused(
            &stack,
            &["plan"],
            &Saying {
                at: Some("setting {"),
                says: &["setting"],
            },
        )
        .map(drop)
    })
}
