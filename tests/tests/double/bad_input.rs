//! Damaged and missing files of a double: the error names the file and the next step.

use std::fs;

use acceptance::alternating_clis;
use anyhow::{Result, ensure};
use camino::Utf8Path;
use tfharness::workspace::{Double, Error, Stack};
use tfharness::{Cli, Workspace};

use crate::providers;

const CONFIGURATION: &str = r#"
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100"
    }
  }
}

data "aws_iam_policy_document" "this" {}

resource "aws_kms_alias" "this" {
  name          = "alias/double"
  target_key_id = "key-1"
}
"#;

/// Returns the error of a step on one line, because the CLIs wrap messages.
fn refusal<T>(stack: &Stack, step: impl FnOnce(&Stack) -> Result<T, Error>) -> Result<String> {
    let text = stack.failing(step)?.to_string();
    let words = text
        .split_whitespace()
        .filter(|word| !["│", "╷", "╵"].contains(word));
    Ok(words.collect::<Vec<_>>().join(" "))
}

/// Checks that a plan with a double fails, and that the error contains each of the phrases.
fn expect_refusal(cli: &Cli, double: Double, phrases: &[&str]) -> Result<()> {
    let workspace = Workspace::inline(CONFIGURATION).cli(cli);
    let stack = workspace.doubles([double]).init()?;
    let said = refusal(&stack, Stack::plan)?;
    for phrase in phrases {
        ensure!(
            said.contains(phrase),
            "{cli}: expected {phrase:?} in: {said}"
        );
    }
    Ok(())
}

#[test]
fn double_refuses_to_start_without_its_marker() -> Result<()> {
    for cli in alternating_clis()? {
        let workspace = Workspace::inline(CONFIGURATION).cli(&cli);
        let workspace = workspace.doubles([providers::aws()]);
        let stack = workspace.without_env("TFDOUBLE_OBJECTS").init()?;
        let said = refusal(&stack, Stack::plan)?;
        ensure!(
            said.contains("starts only if TFDOUBLE_OBJECTS is set"),
            "{cli}: {said}"
        );
    }
    Ok(())
}

#[test]
fn data_source_without_rules_names_the_missing_file() -> Result<()> {
    for cli in alternating_clis()? {
        let phrases = [
            "Data source has no rules",
            "data_sources/aws_iam_policy_document.json",
        ];
        expect_refusal(&cli, providers::aws(), &phrases)?;
    }
    Ok(())
}

#[test]
fn damaged_schemas_and_rules_are_reported() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let folder = Utf8Path::from_path(folder.path()).unwrap_or(Utf8Path::new("/"));
    let cases: [(&str, &str, &str, &[&str]); 6] = [
        (
            "empty",
            "",
            "",
            &["is not the output of `providers schema -json`"],
        ),
        (
            "other",
            "{\"provider_schemas\": {}}",
            "",
            &["contains no provider aws"],
        ),
        (
            "compressed",
            "\u{1f}\u{fffd}",
            "",
            &["is not the output of `providers schema -json`"],
        ),
        (
            "type",
            r#"{"provider_schemas": {"x/aws": {"resource_schemas": {"aws_kms_alias": {"block": {"attributes": {"a": {}}}}}}}}"#,
            "",
            &[
                "Double of aws_kms_alias cannot be created",
                "exactly one of type and nested_type",
            ],
        ),
        (
            "rule",
            "",
            r#"{"attributes": {"nam": {"replace": true}}}"#,
            &["name the attribute nam"],
        ),
        (
            "form",
            "",
            r#"{"attribute": {}}"#,
            &["is not a valid rule file", "unknown field `attribute`"],
        ),
    ];
    for cli in alternating_clis()? {
        for (name, schema, rules, phrases) in cases {
            let place = folder.join(format!("{}-{name}", cli.kind().program()));
            let resources = place.join("resources");
            fs::create_dir_all(&resources)?;
            fs::write(place.join("schema.json"), schema)?;
            let double = match rules {
                "" => Double::new("hashicorp/aws", "5.100.0", place.join("schema.json")),
                rules => {
                    fs::write(resources.join("aws_kms_alias.json"), rules)?;
                    Double::new("hashicorp/aws", "5.100.0", "schemas/hashicorp-aws/5.100.0")
                        .rules(place)
                }
            };
            expect_refusal(&cli, double, phrases)?;
        }
    }
    Ok(())
}
