//! Names and descriptions that AWS cannot change: a change replaces the object and deletes its content. The test
//! compares the plan for a new registry with the stored values from the last release. Each release adds new names, and
//! existing names never change.

use std::collections::BTreeMap;

use acceptance::alternating_clis;
use anyhow::{Context as _, Result, ensure};
use serde_json::{Map, Value, json};
use tfharness::workspace::Plan;
use tfharness::{Cli, LocalAws};

use crate::package::{Package, caller};

/// Attributes that cannot be changed in place, by type. The sources are "Forces new resource" on the hashicorp/aws
/// resource pages, and the API: renaming a database changes its address, and ECS identifies services by name.
const FROZEN: [(&str, &[&str]); 28] = [
    (
        "aws_cloudfront_origin_access_control",
        &["name", "origin_access_control_origin_type"],
    ),
    ("aws_cloudwatch_log_group", &["name"]),
    (
        "aws_db_instance",
        &[
            "db_name",
            "engine",
            "identifier",
            "storage_encrypted",
            "username",
        ],
    ),
    ("aws_db_parameter_group", &["description", "family", "name"]),
    ("aws_db_subnet_group", &["name"]),
    (
        "aws_ecr_repository",
        &["encryption_configuration.0.encryption_type", "name"],
    ),
    ("aws_ecs_cluster", &["name"]),
    ("aws_eip", &["domain"]),
    (
        "aws_flow_log",
        &[
            "log_destination_type",
            "max_aggregation_interval",
            "traffic_type",
        ],
    ),
    ("aws_iam_role", &["name", "path"]),
    ("aws_iam_role_policy", &["name"]),
    ("aws_iam_role_policy_attachment", &["policy_arn", "role"]),
    ("aws_kms_alias", &["name"]),
    ("aws_kms_key", &["customer_master_key_spec", "key_usage"]),
    ("aws_lb", &["internal", "load_balancer_type", "name"]),
    (
        "aws_lb_target_group",
        &["name", "port", "protocol", "target_type"],
    ),
    ("aws_route", &["destination_cidr_block"]),
    ("aws_s3_bucket", &["bucket"]),
    ("aws_secretsmanager_secret", &["name"]),
    ("aws_security_group", &["description", "name"]),
    ("aws_subnet", &["availability_zone", "cidr_block"]),
    ("aws_vpc", &["cidr_block"]),
    ("aws_vpc_endpoint", &["service_name", "vpc_endpoint_type"]),
    ("skreg_ecs_service_bundle", &["name"]),
    ("skreg_pki_certificate", &["secrets_manager.name"]),
    (
        "skreg_pki_intermediate_ca",
        &[
            "key_algorithm",
            "secrets_manager.name",
            "subject.common_name",
        ],
    ),
    (
        "skreg_pki_root_ca",
        &[
            "key_algorithm",
            "secrets_manager.name",
            "subject.common_name",
        ],
    ),
    ("terraform_data", &["triggers_replace"]),
];

/// Names in the last release.
const LAST: &str = include_str!("frozen.json");

#[test]
fn immutable_names_match_the_last_release() -> Result<()> {
    let last: BTreeMap<String, Value> = serde_json::from_str(LAST)?;
    ensure!(
        last.len() > 50,
        "found only {} resources in the last release",
        last.len()
    );
    for cli in alternating_clis()? {
        let found = frozen(&plan(&cli)?);
        let changed: Vec<_> = last
            .iter()
            .filter(|(address, values)| found.get(*address) != Some(values))
            .map(|(address, values)| match found.get(address) {
                Some(now) => format!("{address}: {values} in the last release, {now} now"),
                None => format!("{address} no longer exists; add a moved block"),
            })
            .collect();
        ensure!(changed.is_empty(), "{cli}:\n{}", changed.join("\n"));
    }
    Ok(())
}

#[test]
fn new_database_has_no_extended_support() -> Result<()> {
    let cli = Cli::all()?.swap_remove(0);
    let plan = plan(&cli)?;
    let database = plan
        .resource("module.package.module.database.aws_db_instance.this")
        .context("the plan has no database")?;
    let after = &database.change.after;
    ensure!(
        after["engine_lifecycle_support"] == "open-source-rds-extended-support-disabled",
        "expected no extended support, found {}",
        after["engine_lifecycle_support"]
    );
    Ok(())
}

/// Returns the plan for a new registry in an empty account.
fn plan(cli: &Cli) -> Result<Plan> {
    let aws = LocalAws::account()?;
    let inputs = [("github_repository", json!("acme/skreg"))];
    let workspace = Package::named("skreg")?.under(caller(&inputs));
    let stack = workspace.cli(cli).aws(&aws).init()?;
    let plan = stack.plan()?;
    Ok(plan)
}

/// Returns the immutable attributes of all resources in a plan, by address, without account IDs.
fn frozen(plan: &Plan) -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    for change in plan.changes() {
        let Some((_, names)) = FROZEN.iter().find(|(of, _)| *of == change.kind) else {
            continue;
        };
        let after = &change.change.after;
        let values = names.iter().map(|name| {
            let pointer = format!("/{}", name.replace('.', "/"));
            let value = after.pointer(&pointer).cloned().unwrap_or_default();
            ((*name).to_owned(), without_account(value))
        });
        let values: Map<String, Value> = values.collect();
        // The CLIs treat a resource without count as the same object as index 0 of a resource with count.
        found.insert(change.address.replace("[0]", ""), Value::Object(values));
    }
    found
}

fn without_account(value: Value) -> Value {
    let Value::String(text) = &value else {
        return value;
    };
    let parts = text.split_inclusive(['-', ':', '/']);
    let parts = parts.map(|part| {
        let digits = part.trim_end_matches(['-', ':', '/']);
        let is_account = digits.len() == 12 && digits.bytes().all(|byte| byte.is_ascii_digit());
        match is_account {
            true => part.replace(digits, "ACCOUNT"),
            false => part.to_owned(),
        }
    });
    Value::String(parts.collect())
}
