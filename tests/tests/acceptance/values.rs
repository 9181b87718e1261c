//! Equivalent values in a bundle, and keys that are known before apply, with each CLI.

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use tfharness::workspace::Stack;

use crate::bundle::{ADDRESS, API, bundle};
use crate::deployed;
use crate::infrastructure::{CLUSTER, Infrastructure};
use crate::scenario::with_one_cli;

const DIGEST: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// Settings in `jsonencode` notation, which escapes some characters.
const ENCODED: &str = r#"jsonencode({
        dockerLabels = { docs = "https://docs.example.test/?a=1&b=<2>", scrape = "", versionConsistency = "enabled" }
        user         = "1000"
      })"#;

/// The same settings in another notation.
const BY_HAND: &str = r#"<<-JSON
        { "user": "1000", "privileged": false,
          "dockerLabels": { "versionConsistency": "enabled", "scrape": "",
            "docs": "https://docs.example.test/?a=1&b=<2>" } }
      JSON"#;

/// Returns a file that defines the services for the fixture: an API behind a proxy, and one service for each key.
fn services(infrastructure: &Infrastructure, json: &str, more: &[&str]) -> String {
    let target_group = &infrastructure.target_group;
    let more: String = more
        .iter()
        .map(|key| format!("    {key} = {{ cpu = 256, memory = 512, desired_count = 1 }}\n"))
        .collect();
    format!(
        r#"resource "skreg_ecs_service_bundle" "this" {{
  services = {{
    api = {{
      cpu           = 512
      memory        = 1024
      desired_count = 1
      port          = 8000
      load_balancer = [{{ target_group_arn = "{target_group}", container = "proxy", container_port = 80 }}]
      sidecars = {{
        proxy = {{
          image = {{ repository_url = "public.ecr.aws/envoy", tag = "1", digest = "{DIGEST}" }}
          port  = 80
        }}
      }}
      container_overrides_json = {json}
    }}
{more}  }}
}}
"#
    )
}

/// Resources for each service, planned together with the bundle.
const FOR_EACH: &str = r#"resource "terraform_data" "revision" {
  for_each = skreg_ecs_service_bundle.this.task_definition_arns
  input    = each.value
}

resource "terraform_data" "deployment" {
  for_each = skreg_ecs_service_bundle.this.deployments
  input    = each.value.service_arn
}
"#;

const FILE: &str = "services_override.tf";

fn pinned(tag: &str) -> Value {
    let repository = "public.ecr.aws/docker/library/busybox";
    json!({ "repository_url": repository, "tag": tag, "digest": DIGEST })
}

/// Checks that each key has its resources, and that they contain the ARN of the running revision.
fn expect_for_each(stack: &Stack, keys: &[&str]) -> Result<()> {
    let state = stack.show()?;
    let arns = &state.resources[ADDRESS].values["task_definition_arns"];
    for key in keys {
        let address = format!("terraform_data.revision[\"{key}\"]");
        let found = state
            .resources
            .get(&address)
            .map(|resource| resource.values["output"].clone());
        ensure!(
            found.as_ref() == Some(&arns[key]) && arns[key].is_string(),
            "expected {address} to have {}, found {found:?}",
            arns[key]
        );
    }
    let count = state.managed().count();
    ensure!(
        count == 1 + 2 * keys.len(),
        "expected two resources for each of {keys:?}, found {:?}",
        state.resources.keys()
    );
    Ok(())
}

#[test]
fn outputs_by_key_are_valid_in_for_each() -> Result<()> {
    with_one_cli(|cli, aws| {
        let infrastructure = Infrastructure::create(aws)?;
        let stack = bundle(cli, aws, &infrastructure)
            .file(FILE, services(&infrastructure, ENCODED, &[]))
            .file("for_each.tf", FOR_EACH)
            .apply()?;
        expect_for_each(&stack, &["api"])?;
        stack.write(FILE, &services(&infrastructure, ENCODED, &["jobs"]))?;
        stack.apply()?;
        expect_for_each(&stack, &["api", "jobs"])?;
        stack.write(FILE, &services(&infrastructure, ENCODED, &[]))?;
        stack.apply()?;
        expect_for_each(&stack, &["api"])
    })
}

#[test]
fn equivalent_values_are_imported_with_an_empty_plan() -> Result<()> {
    with_one_cli(|cli, aws| {
        let infrastructure = Infrastructure::create(aws)?;
        let made = bundle(cli, aws, &infrastructure)
            .file(FILE, services(&infrastructure, ENCODED, &[]))
            .var("image", pinned("1.4.2"))
            .apply()?;
        let service = deployed::service(aws, CLUSTER, API)?;
        let balancer = ("/loadBalancers/0/containerName", json!("proxy"));
        let port = ("/loadBalancers/0/containerPort", json!(80));
        deployed::expect("the API", &service, &[balancer, port])?;
        let definition = deployed::running(aws, CLUSTER, API)?;
        let image = format!("public.ecr.aws/docker/library/busybox:1.4.2@{DIGEST}");
        let labels = json!({
            "docs": "https://docs.example.test/?a=1&b=<2>", "scrape": "", "versionConsistency": "enabled",
        });
        let expected = [
            ("/containerDefinitions/0/image", json!(image)),
            ("/containerDefinitions/0/dockerLabels", labels),
        ];
        deployed::expect("the task definition", &definition, &expected)?;

        // Other notations for the same settings, each with a state from an import.
        for json in [ENCODED, BY_HAND] {
            let imported = bundle(cli, aws, &infrastructure)
                .file(FILE, services(&infrastructure, json, &[]))
                .var("image", pinned("1.4.2"))
                .var("deletion_protection", true)
                .init()?;
            imported.import(ADDRESS, &format!("{}/shop", infrastructure.cluster))?;
            imported.expect_empty_plan()?;
        }
        // Another tag for the same digest does not start a deployment.
        let mut made = made;
        made.set_var("image", pinned("1.4.3"));
        let before = aws.count("ecs", "UpdateService");
        made.apply()?;
        ensure!(
            aws.count("ecs", "UpdateService") == before,
            "expected no deployment for another tag of the same digest"
        );
        Ok(())
    })
}
