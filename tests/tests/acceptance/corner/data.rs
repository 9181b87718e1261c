//! Data sources under Terraform and OpenTofu: read during planning, or during apply if the configuration is still
//! unknown.

use anyhow::{Context as _, Result, ensure};
use serde_json::json;
use tfharness::Stack;

use super::{corner, object, rewrite, state, with_one_cli};
use crate::diagnostic::{APPLY, PLAN, Saying, expect_refused, expect_warned};

const NOTE: &str = "data.corner_note.cat";

fn cat() -> &'static str {
    "resource \"corner_life\" \"cat\" {\n  name = \"cat\"\n  note = \"soft\"\n}\n"
}

fn note(arguments: &str) -> String {
    format!("data \"corner_note\" \"cat\" {{\n  {arguments}\n}}\n")
}

fn with_cat(arguments: &str) -> String {
    format!("{}{}", cat(), note(arguments))
}

/// Creates a life, and returns a stack with a data source that reads its note.
fn reading(cli: &tfharness::Cli, arguments: &str) -> Result<Stack> {
    let stack = corner(cli, cat())?.apply()?;
    rewrite(&stack, &with_cat(arguments))?;
    Ok(stack)
}

#[test]
fn data_source_is_read_with_defaults_and_nested_computed_values() -> Result<()> {
    with_one_cli(|cli| {
        let stack = reading(
            cli,
            "name = \"cat\"\n  remarks = [{ text = \"a\" }, { text = \"b\" }]",
        )?;
        stack.apply()?;
        let read = state(&stack, NOTE)?;
        assert_eq!(
            (&read["text"], &read["prefix"]),
            (&json!("note: soft"), &json!("note: "))
        );
        assert_eq!(
            read["remarks"],
            json!([{ "text": "a", "number": 1 }, { "text": "b", "number": 2 }])
        );
        Ok(stack.destroy()?)
    })
}

#[test]
fn data_source_with_unknown_configuration_is_read_during_apply() -> Result<()> {
    with_one_cli(|cli| {
        let resources = with_cat("name = trimprefix(corner_life.cat.id, \"id-\")");
        let stack = corner(cli, &resources)?.init()?;
        let plan = stack.plan()?;
        let planned = plan
            .resource(NOTE)
            .context("the plan does not contain the read")?;
        assert_eq!(planned.change.after_unknown["text"], json!(true));
        stack.apply()?;
        assert_eq!(state(&stack, NOTE)?["text"], "note: soft");
        Ok(stack.destroy()?)
    })
}

#[test]
fn invalid_configuration_fails_before_the_read() -> Result<()> {
    with_one_cli(|cli| {
        let stack = reading(cli, "name = \"\"")?;
        for (arguments, at, says) in [
            ("name = \"\"", "name", "between 1 and 20 characters"),
            ("name = \"a/cat\"", "name", "Name contains a slash"),
            ("name = \"cat\"\n  text = \"mine\"", "text", "text"),
            ("name = null", "name", "required"),
            (
                "name = \"cat\"\n  misbehave = \"dance\"",
                "misbehave",
                "`wait`",
            ),
        ] {
            rewrite(&stack, &with_cat(arguments))?;
            let saying = Saying {
                at: Some(at),
                says: &[says],
            };
            expect_refused(&stack, PLAN, &saying)?;
        }
        rewrite(&stack, cat())?;
        Ok(stack.destroy()?)
    })
}

#[test]
fn failed_read_names_the_attribute_and_a_panic_is_reported_as_a_bug() -> Result<()> {
    with_one_cli(|cli| {
        let stack = reading(cli, "name = \"dog\"")?;
        let missing = Saying {
            at: Some("name = \"dog\""),
            says: &["Life does not exist", "Create it first."],
        };
        expect_refused(&stack, PLAN, &missing)?;
        rewrite(&stack, &with_cat("name = \"cat\"\n  misbehave = \"panic\""))?;
        let crashed = Saying {
            at: Some("data \"corner_note\""),
            says: &[
                "crashed in ReadDataSource",
                "the message is not shown",
                "This is a bug in the provider",
            ],
        };
        expect_refused(&stack, PLAN, &crashed)?;
        let short = "name = \"cat\"\n  misbehave = \"wait\"\n  timeouts {\n    read = \"1s\"\n  }";
        rewrite(&stack, &with_cat(short))?;
        let late = Saying {
            at: Some("data \"corner_note\""),
            says: &[
                "Reading the note timed out",
                "Increase `read` in the `timeouts` block.",
            ],
        };
        expect_refused(&stack, PLAN, &late)?;
        rewrite(&stack, &with_cat("name = \"cat\"\n  misbehave = \"warn\""))?;
        let warned = Saying {
            at: Some("name = \"cat\""),
            says: &["Note is hard to read", "Use a larger font."],
        };
        expect_warned(&stack, APPLY, &warned)?;
        ensure!(object(&stack, "corner_life.cat.json")?.contains("soft"));
        Ok(stack.destroy()?)
    })
}
