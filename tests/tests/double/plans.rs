//! Compares the plan of a double with the plan of `hashicorp/aws`, value by value.

use std::collections::{BTreeMap, BTreeSet};

use acceptance::alternating_clis;
use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use tfharness::Workspace;
use tfharness::workspace::Plan;

use crate::providers;

const CONFIGURATION: &str = include_str!("plan.tf");

/// Reason for differences of the first kind.
const COMPUTED_BLOCK: &str = "The Go SDK plans a block that is optional and computed as unknown. The plugin protocol does \
                              not transmit that a block is computed, so the double plans no blocks.";
/// Reason for differences of the second kind.
const UNKNOWN_ELEMENT: &str = "The Go SDK plans a set as unknown if it contains an unknown element. The double plans the \
                               configured elements.";
/// Reason for differences of the third kind.
const NORMALIZED_JSON: &str =
    "The Go SDK reorders the members of a policy. The double plans the configured text.";

/// All differences between the plans, by resource type and attribute, with the reason.
const DIFFERENCES: [(&str, &str); 21] = [
    ("aws_db_subnet_group.subnet_ids", UNKNOWN_ELEMENT),
    ("aws_ecs_cluster.setting", COMPUTED_BLOCK),
    ("aws_iam_role.inline_policy", COMPUTED_BLOCK),
    ("aws_iam_role_policy.policy", NORMALIZED_JSON),
    ("aws_lb.subnet_mapping", COMPUTED_BLOCK),
    ("aws_lb.subnets", UNKNOWN_ELEMENT),
    ("aws_lb_listener.mutual_authentication", COMPUTED_BLOCK),
    ("aws_lb_target_group.stickiness", COMPUTED_BLOCK),
    ("aws_lb_target_group.target_failover", COMPUTED_BLOCK),
    ("aws_lb_target_group.target_group_health", COMPUTED_BLOCK),
    ("aws_lb_target_group.target_health_state", COMPUTED_BLOCK),
    ("aws_s3_bucket.cors_rule", COMPUTED_BLOCK),
    ("aws_s3_bucket.grant", COMPUTED_BLOCK),
    ("aws_s3_bucket.lifecycle_rule", COMPUTED_BLOCK),
    ("aws_s3_bucket.logging", COMPUTED_BLOCK),
    ("aws_s3_bucket.object_lock_configuration", COMPUTED_BLOCK),
    ("aws_s3_bucket.replication_configuration", COMPUTED_BLOCK),
    (
        "aws_s3_bucket.server_side_encryption_configuration",
        COMPUTED_BLOCK,
    ),
    ("aws_s3_bucket.versioning", COMPUTED_BLOCK),
    ("aws_s3_bucket.website", COMPUTED_BLOCK),
    ("aws_secretsmanager_secret.replica", COMPUTED_BLOCK),
];

/// Replacement that only the real provider plans. It plans the attribute as unknown, because the protocol determines it.
const OTHER_REPLACEMENT: (&str, &str) = ("aws_lb_target_group.this", "[\"protocol_version\"]");

/// Planned values of one attribute: the known part and the unknown part.
type Planned = (Value, Value);

/// Returns the planned values by address, resource type, and attribute, and by output.
fn planned(plan: &Plan) -> BTreeMap<(String, String), Planned> {
    let mut values = BTreeMap::new();
    for resource in &plan.resource_changes {
        let change = &resource.change;
        let known = change.after.as_object().into_iter().flatten();
        let unknown = change.after_unknown.as_object().into_iter().flatten();
        let names: BTreeSet<_> = known.chain(unknown).map(|(name, _)| name).collect();
        for name in names {
            let key = (
                resource.address.clone(),
                format!("{}.{name}", resource.kind),
            );
            let value = (
                present(&change.after[name]),
                present(&change.after_unknown[name]),
            );
            values.insert(key, value);
        }
    }
    for (name, change) in &plan.output_changes {
        let value = (present(&change.after), present(&change.after_unknown));
        values.insert((name.clone(), format!("output.{name}")), value);
    }
    values
}

/// Returns a value without the parts that the JSON output format can omit: `false` in a list of unknown parts, and empty
/// collections.
fn present(value: &Value) -> Value {
    match value {
        Value::Array(elements) => {
            let elements: Vec<_> = elements.iter().map(present).collect();
            match elements.iter().all(Value::is_null) {
                true => Value::Null,
                false => elements.into(),
            }
        }
        Value::Object(members) => {
            let members = members
                .iter()
                .map(|(name, member)| (name.clone(), present(member)));
            let members: serde_json::Map<_, _> =
                members.filter(|(_, member)| !member.is_null()).collect();
            match members.is_empty() {
                true => Value::Null,
                false => members.into(),
            }
        }
        other => other.clone(),
    }
}

#[test]
fn double_plans_the_values_of_the_real_provider() -> Result<()> {
    let reasons: BTreeMap<_, _> = DIFFERENCES.into_iter().collect();
    for cli in alternating_clis()? {
        let real = Workspace::inline(CONFIGURATION).cli(&cli).init()?.plan()?;
        let double = Workspace::inline(CONFIGURATION)
            .cli(&cli)
            .doubles([providers::aws()])
            .init()?
            .plan()?;
        let (real, double) = (planned(&real), planned(&double));
        ensure!(
            real.len() > 300,
            "{cli}: only {} values are planned",
            real.len()
        );
        let keys: BTreeSet<_> = real.keys().chain(double.keys()).collect();
        let mut differing = BTreeSet::new();
        for key in keys {
            let (expected, found) = (real.get(key), double.get(key));
            let nothing = (Value::Null, Value::Null);
            let equal = expected.unwrap_or(&nothing) == found.unwrap_or(&nothing);
            if !equal {
                let (address, attribute) = key;
                let reason = reasons.get(attribute.as_str());
                let reason = reason.with_context(|| {
                    format!("{cli}: {address}: {attribute} is {found:?}, expected {expected:?}")
                })?;
                differing.insert((attribute.as_str(), *reason));
            }
        }
        let listed: BTreeSet<_> = DIFFERENCES.into_iter().collect();
        let solved: Vec<_> = listed.difference(&differing).collect();
        ensure!(
            solved.is_empty(),
            "{cli}: these listed differences do not exist: {solved:?}"
        );
        println!(
            "{cli}: {} values, {} listed differences",
            real.len(),
            listed.len()
        );
    }
    Ok(())
}

#[test]
fn double_replaces_the_resources_that_the_real_provider_replaces() -> Result<()> {
    let changed = CONFIGURATION
        .replace("\"double\"", "\"other\"")
        .replace("double-packages", "other-packages")
        .replace("10.0.0.0/16", "10.1.0.0/16")
        .replace("\"alias/double\"", "\"alias/other\"");
    for cli in alternating_clis()? {
        let double = Workspace::inline(CONFIGURATION)
            .cli(&cli)
            .doubles([providers::aws()])
            .apply()?;
        let state = double.state_text()?;
        double.write("main.tf", &changed)?;
        let double = replaced(&double.plan_with(&["-refresh=false"])?);
        // The real provider plans the same change of the same state. Without a refresh, it calls no API.
        let real = Workspace::inline(changed.as_str())
            .cli(&cli)
            .file("terraform.tfstate", state)
            .init()?;
        let mut real = replaced(&real.plan_with(&["-refresh=false"])?);
        let (address, path) = OTHER_REPLACEMENT;
        let listed = real.remove(&(address.to_owned(), path.to_owned()));
        ensure!(
            listed,
            "{cli}: the listed difference {address} does not exist"
        );
        ensure!(
            real.len() > 10,
            "{cli}: the real provider replaces only {real:?}"
        );
        ensure!(
            double == real,
            "{cli}: only the double replaces {:?}, and only the real provider replaces {:?}",
            double.difference(&real),
            real.difference(&double)
        );
    }
    Ok(())
}

/// Returns the addresses of the resources that a plan replaces, with the attributes that require it.
fn replaced(plan: &Plan) -> BTreeSet<(String, String)> {
    let replaced = plan.changes().filter(|each| each.change.replaces());
    replaced
        .flat_map(|each| {
            let paths = each.change.replace_paths.iter();
            paths.map(|path| (each.address.clone(), Value::from(path.clone()).to_string()))
        })
        .collect()
}
