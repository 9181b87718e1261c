//! The life of objects: create, read, update, replace, import, and delete, across the processes of several commands.

use std::fs;

use acceptance::alternating_clis;
use anyhow::{Context as _, Result, ensure};
use camino::{Utf8Path, Utf8PathBuf};
use tfharness::workspace::{Action, Stack};
use tfharness::{Cli, Workspace};

use crate::providers;

const HEAD: &str = r#"
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100"
    }
  }
}

provider "aws" {
  region = "eu-central-1"
}
"#;

const BODY: &str = r#"
resource "aws_kms_key" "this" {
  description = "first"
}

resource "aws_eip" "this" {
  count  = 3
  domain = "vpc"
}

resource "aws_secretsmanager_secret" "this" {
  name = "double"
}

resource "aws_secretsmanager_secret_version" "this" {
  secret_id                = aws_secretsmanager_secret.this.id
  secret_string_wo         = "not-to-be-stored"
  secret_string_wo_version = 1
}

output "addresses" {
  value = aws_eip.this[*].id
}

output "key" {
  value = aws_kms_key.this.arn
}
"#;

fn stack(cli: &Cli, body: &str) -> Result<Stack> {
    let workspace = Workspace::inline(format!("{HEAD}{body}")).cli(cli);
    Ok(workspace.doubles([providers::aws()]).init()?)
}

/// Returns the directory of the objects of a stack.
fn objects(stack: &Stack) -> Result<Utf8PathBuf> {
    Ok(stack.environment()?["TFDOUBLE_OBJECTS"].clone().into())
}

/// Returns the files in a directory and its subdirectories.
fn files(directory: &Utf8Path) -> Result<Vec<Utf8PathBuf>> {
    let mut found = Vec::new();
    for entry in directory.read_dir_utf8()? {
        let path = entry?.into_path();
        match path.is_dir() {
            true => found.extend(files(&path)?),
            false => found.push(path),
        }
    }
    Ok(found)
}

#[test]
fn objects_exist_until_they_are_destroyed() -> Result<()> {
    for cli in alternating_clis()? {
        let stack = stack(&cli, BODY)?;
        stack.apply()?;
        let addresses: Vec<String> = stack.output("addresses")?;
        let distinct: std::collections::BTreeSet<_> = addresses.iter().collect();
        ensure!(
            distinct.len() == 3,
            "{cli}: equal objects share an ID: {addresses:?}"
        );
        let key: String = stack.output("key")?;
        ensure!(
            key.starts_with("arn:aws:kms:eu-central-1:123456789012:key/"),
            "{cli}: {key} is not the ARN of a key in the configured region"
        );
        let stored = files(&objects(&stack)?)?;
        ensure!(stored.len() == 6, "{cli}: {stored:?}");
        for file in &stored {
            let text = fs::read_to_string(file)?;
            ensure!(
                !text.contains("not-to-be-stored"),
                "{cli}: {file} contains a write-only value"
            );
        }
        stack.destroy()?;
        let stored = files(&objects(&stack)?)?;
        ensure!(stored.is_empty(), "{cli}: {stored:?} remain");
    }
    Ok(())
}

#[test]
fn update_keeps_computed_values_and_replacement_changes_them() -> Result<()> {
    for cli in alternating_clis()? {
        let stack = stack(&cli, BODY)?;
        stack.apply()?;
        let before: String = stack.output("key")?;
        let main = |body: &str| stack.write("main.tf", &format!("{HEAD}{body}"));

        main(&BODY.replace("\"first\"", "\"second\""))?;
        let plan = stack.plan()?;
        let key = plan
            .resource("aws_kms_key.this")
            .context("no change of the key")?;
        ensure!(
            key.change.actions == [Action::Update],
            "{cli}: {:?}",
            key.change.actions
        );
        ensure!(
            key.change.after["arn"] == before.as_str(),
            "{cli}: {:?}",
            key.change.after
        );
        stack.apply()?;
        ensure!(
            before == stack.output::<String>("key")?,
            "{cli}: an update changed the ARN"
        );

        main(&BODY.replace("name = \"double\"", "name = \"other\""))?;
        let plan = stack.plan()?;
        let secret = plan
            .resource("aws_secretsmanager_secret.this")
            .context("no change")?;
        ensure!(
            secret.change.replaces(),
            "{cli}: a new name must force a new secret"
        );
        stack.apply()?;
        stack.destroy()?;
    }
    Ok(())
}

#[test]
fn deleted_object_is_planned_again_and_an_existing_object_is_imported() -> Result<()> {
    let body = "resource \"aws_kms_key\" \"this\" {\n  description = \"imported\"\n}\n";
    for cli in alternating_clis()? {
        let stack = stack(&cli, body)?;
        let file = objects(&stack)?.join("aws/aws_kms_key/key-1.json");
        fs::create_dir_all(file.parent().context("no parent")?)?;
        fs::write(
            &file,
            r#"{"id": "key-1", "key_id": "key-1", "description": "imported"}"#,
        )?;
        stack.import("aws_kms_key.this", "key-1")?;
        let state = stack.show()?;
        let key = &state.resources["aws_kms_key.this"].values;
        ensure!(key["key_id"] == "key-1", "{cli}: {key}");

        fs::remove_file(&file)?;
        let plan = stack.plan()?;
        let key = plan
            .resource("aws_kms_key.this")
            .context("no change of the key")?;
        ensure!(
            key.change.actions == [Action::Create],
            "{cli}: {:?}",
            key.change.actions
        );
    }
    Ok(())
}
