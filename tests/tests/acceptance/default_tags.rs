//! Default tags from the provider block on both resources: planned, written, removed, and missing from older state.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use tfharness::workspace::{Action, Stack};
use tfharness::{Cli, LocalAws, Workspace};

use crate::deployed;
use crate::infrastructure::{CLUSTER, Infrastructure};
use crate::scenario::with_one_cli;

const ROOT: &str = "skreg_pki_root_ca.this";
const BUNDLE: &str = "skreg_ecs_service_bundle.this";
const SECRET: &str = "tagged/root";
const SERVICE: &str = "tagged-api";

const CONFIGURATION: &str = r#"
variable "infrastructure" { type = any }
variable "default_tags" { type = map(string) }
variable "command" {
  type    = list(string)
  default = ["sleep", "infinity"]
}

terraform {
  required_providers { skreg = { source = "skreg/skreg" } }
}

provider "skreg" {
  default_tags { tags = var.default_tags }
}

resource "skreg_pki_root_ca" "this" {
  subject             = { common_name = "Tagged Root" }
  key_algorithm       = "ED25519"
  validity_days       = 365
  secrets_manager     = { name = "tagged/root" }
  deletion_protection = false
  tags                = { own = "root" }
}

resource "skreg_ecs_service_bundle" "this" {
  name                = "tagged"
  cluster             = var.infrastructure.cluster
  execution_role_arn  = var.infrastructure.execution_role
  network             = { subnets = var.infrastructure.subnets }
  deletion_protection = false
  log                 = { group = var.infrastructure.log_group }
  image               = { repository_url = "public.ecr.aws/docker/library/busybox", tag = "1.36" }
  tags                = { own = "bundle" }
  services            = { api = { cpu = 256, memory = 512, command = var.command } }
}
"#;

fn workspace(cli: &Cli, aws: &LocalAws, infrastructure: &Infrastructure) -> Workspace {
    let variable = json!({
        "cluster": infrastructure.cluster,
        "execution_role": infrastructure.execution_role,
        "subnets": infrastructure.subnets,
        "log_group": infrastructure.log_group,
    });
    Workspace::inline(CONFIGURATION)
        .cli(cli)
        .aws(aws)
        .var("infrastructure", variable)
        .var(
            "default_tags",
            json!({ "team": "platform", "stage": "test" }),
        )
}

#[test]
fn default_tags_are_planned_written_and_removed() -> Result<()> {
    with_one_cli(|cli, aws| {
        let infrastructure = Infrastructure::create(aws)?;
        let mut stack = workspace(cli, aws, &infrastructure).apply()?;
        expect_tags(aws, &stack, &[("stage", "test"), ("team", "platform")])?;

        let changed = json!({ "team": "registry", "cost": "7" });
        stack.set_var("default_tags", changed);
        expect_updates(&stack, &[BUNDLE, ROOT])?;
        stack.apply()?;
        expect_tags(aws, &stack, &[("cost", "7"), ("team", "registry")])?;

        // The next revision also has the tags.
        stack.set_var("command", json!(["sleep", "3600"]));
        stack.apply()?;
        let revision = deployed::running(aws, CLUSTER, SERVICE)?;
        let tags = tags_of_revision(aws, &revision)?;
        ensure!(
            tags.get("cost") == Some(&json!("7")) && !tags.contains_key("stage"),
            "expected DescribeTaskDefinition to return the default tags, found {tags:?}"
        );

        stack.set_var("default_tags", json!({}));
        expect_updates(&stack, &[BUNDLE, ROOT])?;
        stack.apply()?;
        expect_tags(aws, &stack, &[])?;
        stack.destroy()?;
        Ok(())
    })
}

#[test]
fn state_without_tags_all_has_an_empty_plan() -> Result<()> {
    with_one_cli(|cli, aws| {
        let infrastructure = Infrastructure::create(aws)?;
        let stack = workspace(cli, aws, &infrastructure).apply()?;
        forget_all_tags(&stack)?;
        for refresh in ["-refresh=false", "-refresh=true"] {
            let plan = stack.plan_with(&[refresh])?;
            let changes: Vec<_> = plan.changes().map(|change| &change.address).collect();
            ensure!(
                changes.is_empty(),
                "{refresh}: expected no change, found {changes:?}"
            );
        }
        // The apply corrects drift in a tag.
        let arn = text_of(&deployed::service(aws, CLUSTER, SERVICE)?, "serviceArn")?;
        let tags = json!([{ "key": "team", "value": "by-hand" }]);
        aws.call(
            "ecs",
            "TagResource",
            json!({ "resourceArn": arn, "tags": tags }),
        )?;
        expect_updates(&stack, &[BUNDLE])?;
        stack.apply()?;
        expect_tags(aws, &stack, &[("stage", "test"), ("team", "platform")])
    })
}

#[test]
fn tags_from_other_tools_are_removed_unless_ignored() -> Result<()> {
    with_one_cli(|cli, aws| {
        let infrastructure = Infrastructure::create(aws)?;
        let stack = workspace(cli, aws, &infrastructure).apply()?;
        let arn = text_of(&deployed::service(aws, CLUSTER, SERVICE)?, "serviceArn")?;
        let tags = json!([{ "key": "audit", "value": "1" }]);
        let asked = json!({ "resourceArn": arn, "tags": tags });
        aws.call("ecs", "TagResource", asked)?;
        let tags = json!([{ "Key": "audit", "Value": "1" }]);
        let asked = json!({ "SecretId": SECRET, "Tags": tags });
        aws.call("secretsmanager", "TagResource", asked)?;
        forget_all_tags(&stack)?;
        expect_updates(&stack, &[BUNDLE, ROOT])?;

        let ignoring = [
            "tags                = { own = \"root\" }",
            "tags                = { own = \"bundle\" }",
        ]
        .iter()
        .fold(CONFIGURATION.to_owned(), |text, line| {
            text.replace(
                line,
                &format!("{line}\n  lifecycle {{ ignore_changes = [tags] }}"),
            )
        });
        stack.write("main.tf", &ignoring)?;
        expect_updates(&stack, &[])?;
        stack.write("main.tf", CONFIGURATION)?;
        stack.apply()?;
        expect_tags(aws, &stack, &[("stage", "test"), ("team", "platform")])
    })
}

/// Checks that a plan updates exactly these resources in place.
fn expect_updates(stack: &Stack, addresses: &[&str]) -> Result<()> {
    let plan = stack.plan()?;
    let changes: BTreeMap<&str, &[Action]> = plan
        .changes()
        .map(|change| (&change.address[..], &change.change.actions[..]))
        .collect();
    let expected: BTreeMap<&str, &[Action]> = addresses
        .iter()
        .map(|address| (*address, &[Action::Update][..]))
        .collect();
    ensure!(
        changes == expected,
        "expected the plan to be {expected:?}, found {changes:?}"
    );
    Ok(())
}

/// Checks that the API and `tags_all` contain the specified tags and the tags of the resource.
fn expect_tags(aws: &LocalAws, stack: &Stack, shared: &[(&str, &str)]) -> Result<()> {
    let with = |own: &str| -> BTreeMap<String, Value> {
        let own = [("own", own)];
        let all = shared.iter().chain(&own);
        all.map(|(key, value)| ((*key).to_owned(), json!(value)))
            .collect()
    };
    let mut secret = tags_of_secret(aws)?;
    ensure!(secret.remove("spki_sha256").is_some(), "the key has no tag");
    let service = tags_of_service(aws)?;
    let state = stack.show()?;
    for (address, found, expected) in [
        (ROOT, secret, with("root")),
        (BUNDLE, service, with("bundle")),
    ] {
        ensure!(
            found == expected,
            "{address}: expected the API to return the tags {expected:?}, found {found:?}"
        );
        let stored = &state.resources[address].values["tags_all"];
        ensure!(
            *stored == json!(expected),
            "{address}: expected tags_all to be {expected:?}, found {stored}"
        );
    }
    Ok(())
}

fn tags_of_secret(aws: &LocalAws) -> Result<BTreeMap<String, Value>> {
    let answer = aws.call(
        "secretsmanager",
        "DescribeSecret",
        json!({ "SecretId": SECRET }),
    )?;
    Ok(by_key(&answer["Tags"], "Key", "Value"))
}

fn tags_of_service(aws: &LocalAws) -> Result<BTreeMap<String, Value>> {
    let arn = text_of(&deployed::service(aws, CLUSTER, SERVICE)?, "serviceArn")?;
    let answer = aws.call("ecs", "ListTagsForResource", json!({ "resourceArn": arn }))?;
    Ok(unreserved(by_key(&answer["tags"], "key", "value")))
}

fn tags_of_revision(aws: &LocalAws, revision: &Value) -> Result<BTreeMap<String, Value>> {
    let arn = text_of(revision, "taskDefinitionArn")?;
    let parameters = json!({ "taskDefinition": arn, "include": ["TAGS"] });
    let answer = aws.call("ecs", "DescribeTaskDefinition", parameters)?;
    Ok(unreserved(by_key(&answer["tags"], "key", "value")))
}

fn by_key(list: &Value, key: &str, value: &str) -> BTreeMap<String, Value> {
    let tags = list.as_array().into_iter().flatten();
    tags.filter_map(|tag| Some((tag[key].as_str()?.to_owned(), tag[value].clone())))
        .collect()
}

fn unreserved(mut tags: BTreeMap<String, Value>) -> BTreeMap<String, Value> {
    tags.retain(|key, _| !key.starts_with("skreg:"));
    tags
}

fn text_of(value: &Value, key: &str) -> Result<String> {
    let text = value[key]
        .as_str()
        .with_context(|| format!("expected {key} in {value}"))?;
    Ok(text.to_owned())
}

/// Converts the state to the format before `tags_all` existed.
fn forget_all_tags(stack: &Stack) -> Result<()> {
    let mut state: Value = serde_json::from_str(&stack.state_text()?)?;
    let resources = state["resources"].as_array_mut().context("resources")?;
    let mut forgotten = 0;
    for resource in resources {
        let instances = resource["instances"].as_array_mut().into_iter().flatten();
        for instance in instances {
            let attributes = instance["attributes"].as_object_mut();
            forgotten += usize::from(attributes.is_some_and(|it| it.remove("tags_all").is_some()));
        }
    }
    ensure!(
        forgotten == 2,
        "expected tags_all in two resources, found {forgotten}"
    );
    stack.write("older.tfstate", &state.to_string())?;
    stack.succeed(&["state", "push", "-force", "older.tfstate"])?;
    Ok(())
}
