//! Replicas of the secret of a root: created with the secret, changed in place, and removed by a destroy.

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use tfharness::{LocalAws, Workspace};

use crate::scenario::with_one_cli;

const CONFIGURATION: &str = r#"
    terraform {
      required_providers { skreg = { source = "skreg/skreg" } }
    }
    variable "regions" { type = set(string) }
    resource "skreg_pki_root_ca" "this" {
      subject             = { common_name = "Replicated" }
      key_algorithm       = "ED25519"
      validity_days       = 3650
      deletion_protection = false
      name_constraints    = { permitted = { dns_domains = ["example.com"] } }
      policy_oids         = ["2.23.140.1.2.1"]
      secrets_manager     = { name = "replicated", recovery_window_in_days = 0, replica_regions = var.regions }
    }
"#;

#[test]
fn replicas_match_the_configuration_until_the_destroy() -> Result<()> {
    with_one_cli(|cli, aws| {
        let mut stack = Workspace::inline(CONFIGURATION)
            .cli(cli)
            .aws(aws)
            .var("regions", json!(["eu-west-1"]))
            .apply()?;
        expect_replicas(aws, &["eu-west-1"])?;
        stack.set_var("regions", json!(["eu-central-1", "us-west-2"]));
        stack.apply()?;
        expect_replicas(aws, &["eu-central-1", "us-west-2"])?;
        stack.expect_empty_plan()?;
        stack.destroy()?;
        aws.expect_empty()?;
        Ok(())
    })
}

fn expect_replicas(aws: &LocalAws, expected: &[&str]) -> Result<()> {
    let secret = aws.call(
        "secretsmanager",
        "DescribeSecret",
        json!({ "SecretId": "replicated" }),
    )?;
    let statuses = secret["ReplicationStatus"].as_array();
    let mut regions: Vec<&str> = statuses
        .into_iter()
        .flatten()
        .filter_map(|status| status["Region"].as_str())
        .collect();
    regions.sort_unstable();
    ensure!(
        regions == expected,
        "expected replicas in {expected:?}, found {:?}",
        secret.get("ReplicationStatus").unwrap_or(&Value::Null)
    );
    Ok(())
}
