//! Generates the IAM policies and the table of permissions in the guide from `templates/guides/permissions.json`, which
//! the acceptance tests compare with the calls of the provider.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde_json::{Value, json};

/// Path of the table.
pub(super) const TABLE: &str = "templates/guides/permissions.json";
/// Phases in the order of the guide.
const PHASES: [&str; 5] = ["plan", "create", "update", "import", "destroy"];

/// Permitted calls of a phase: API operations by the resource that they refer to.
type Calls = BTreeMap<String, BTreeSet<String>>;

/// Permissions of all resource types.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    /// Calls by resource type, phase, and location of the key.
    types: BTreeMap<String, BTreeMap<String, BTreeMap<String, Calls>>>,
}

/// Generates the files that the guide includes, by path: the table of permissions, and one policy for each phase.
///
/// # Errors
/// Returns an error if the table is malformed, or contains an unknown phase, resource, or operation.
pub(super) fn policies(table: &str) -> Result<BTreeMap<String, String>> {
    let table: Table = serde_json::from_str(table).with_context(|| format!("reading {TABLE}"))?;
    for (kind, phases) in &table.types {
        if let Some(unknown) = phases.keys().find(|name| !PHASES.contains(&&***name)) {
            bail!("{TABLE}: {kind} has the unknown phase {unknown}");
        }
    }
    let mut files = BTreeMap::from([("policies/table.md".to_owned(), markdown(&table))]);
    for phase in PHASES {
        let statements = statements(&table, phase)?;
        let policy = json!({ "Version": "2012-10-17", "Statement": statements });
        files.insert(format!("policies/{phase}.json"), printed(&policy, 0));
    }
    Ok(files)
}

/// Returns the calls of a resource type in a phase with keys in both locations.
fn calls<'a>(table: &'a Table, kind: &str, phase: &str) -> BTreeMap<&'a str, BTreeSet<&'a str>> {
    let mut merged: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let stores = table.types.get(kind).and_then(|phases| phases.get(phase));
    for (resource, calls) in stores.into_iter().flat_map(BTreeMap::values).flatten() {
        let merged = merged.entry(resource).or_default();
        merged.extend(calls.iter().map(String::as_str));
    }
    merged.retain(|_, calls| !calls.is_empty());
    merged
}

/// Returns the IAM actions that an API operation requires (Service Authorization Reference).
fn actions(operation: &str) -> &[&str] {
    match operation {
        // The tags of a new secret require TagResource.
        "secretsmanager:CreateSecret" => {
            &["secretsmanager:CreateSecret", "secretsmanager:TagResource"]
        }
        "secretsmanager:DeleteSecret" => &["secretsmanager:DeleteSecret"],
        "secretsmanager:DescribeSecret" => &["secretsmanager:DescribeSecret"],
        "secretsmanager:GetSecretValue" => &["secretsmanager:GetSecretValue"],
        "secretsmanager:PutSecretValue" => &["secretsmanager:PutSecretValue"],
        "secretsmanager:RemoveRegionsFromReplication" => {
            &["secretsmanager:RemoveRegionsFromReplication"]
        }
        "secretsmanager:ReplicateSecretToRegions" => &["secretsmanager:ReplicateSecretToRegions"],
        "secretsmanager:TagResource" => &["secretsmanager:TagResource"],
        "secretsmanager:UntagResource" => &["secretsmanager:UntagResource"],
        "kms:DescribeKey" => &["kms:DescribeKey"],
        "kms:GetPublicKey" => &["kms:GetPublicKey"],
        "kms:Sign" => &["kms:Sign"],
        "s3:GetObject" | "s3:HeadObject" => &["s3:GetObject"],
        "s3:PutObject" => &["s3:PutObject"],
        // The provider deletes every version of an object.
        "s3:DeleteObject" => &["s3:DeleteObjectVersion"],
        "s3:ListObjectsV2" => &["s3:ListBucket"],
        "s3:ListObjectVersions" => &["s3:ListBucketVersions"],
        _ => &[],
    }
}

/// Returns the name of a resource for a statement ID, and its example ARN.
fn resource(kind: &str, resource: &str) -> Result<(&'static str, String)> {
    let name = kind.trim_start_matches("skreg_pki_").replace('_', "-");
    let issuer = match kind {
        "skreg_pki_certificate" | "skreg_pki_crl" => "intermediate-ca",
        _ => "root-ca",
    };
    let secret = |name: &str| {
        format!("arn:aws:secretsmanager:eu-central-1:123456789012:secret:example/pki/{name}-??????")
    };
    let key = |name: &str| format!("arn:aws:kms:eu-central-1:123456789012:key/{name}-key-id");
    Ok(match resource {
        "secret" => ("Secret", secret(&name)),
        "issuer_secret" => ("IssuerSecret", secret(issuer)),
        "kms_key" => ("KmsKey", key(&name)),
        "issuer_kms_key" => ("IssuerKmsKey", key(issuer)),
        "objects" => (
            "Objects",
            "arn:aws:s3:::example-pki/.well-known/*".to_owned(),
        ),
        "ledger" => ("Ledger", "arn:aws:s3:::example-pki/ledger/*".to_owned()),
        "bucket" => ("Bucket", "arn:aws:s3:::example-pki".to_owned()),
        _ => bail!("{TABLE}: unknown resource {resource}"),
    })
}

/// Returns the statements of the policy for a phase.
fn statements(table: &Table, phase: &str) -> Result<Vec<Value>> {
    let mut statements = Vec::new();
    for kind in table.types.keys() {
        let mut calls = calls(table, kind, phase);
        // Without ListBucket, S3 reports a missing object as a denied call.
        let reads = |calls: &BTreeSet<&str>| {
            calls.contains("s3:GetObject") || calls.contains("s3:HeadObject")
        };
        if calls.values().any(reads) {
            calls
                .entry("bucket")
                .or_default()
                .insert("s3:ListObjectsV2");
        }
        for (on, operations) in calls {
            let (name, arn) = resource(kind, on)?;
            let mut allowed = BTreeSet::new();
            for operation in operations {
                match actions(operation) {
                    [] => bail!("{TABLE}: unknown operation {operation}"),
                    actions => allowed.extend(actions.iter().copied()),
                }
            }
            let id = format!(
                "{}{name}",
                camel_case(kind.trim_start_matches("skreg_pki_"))
            );
            let signs = allowed.remove("kms:Sign");
            let statement = |id: String, actions: Value| json!({ "Sid": id, "Effect": "Allow", "Action": actions, "Resource": arn });
            if !allowed.is_empty() {
                statements.push(statement(id.clone(), json!(allowed)));
            }
            if signs {
                let mut signing = statement(format!("{id}Sign"), json!(["kms:Sign"]));
                signing["Condition"] = json!({ "StringEquals": {
                    "kms:MessageType": "DIGEST",
                    "kms:SigningAlgorithm": "ECDSA_SHA_384",
                } });
                statements.push(signing);
            }
        }
    }
    Ok(statements)
}

fn camel_case(name: &str) -> String {
    let words = name.split('_').map(|word| {
        let (first, rest) = word.split_at(1.min(word.len()));
        format!("{}{rest}", first.to_uppercase())
    });
    words.collect()
}

/// Returns the table of calls by resource type and phase.
fn markdown(table: &Table) -> String {
    let mut text = String::new();
    for kind in table.types.keys() {
        let _ = write!(
            text,
            "### {kind}\n\n| phase | resource | API operations |\n|---|---|---|\n"
        );
        for phase in PHASES {
            let calls = calls(table, kind, phase);
            if calls.is_empty() {
                let _ = writeln!(text, "| {phase} | – | none |");
            }
            for (on, operations) in calls {
                let operations: Vec<_> =
                    operations.iter().map(|name| format!("`{name}`")).collect();
                let on = on.replace('_', " ").replace("kms", "KMS");
                let _ = writeln!(text, "| {phase} | {on} | {} |", operations.join(", "));
            }
        }
        text.push('\n');
    }
    text
}

/// Prints a policy: lists on one line, and objects with one member per line in the order of a policy document.
fn printed(value: &Value, depth: usize) -> String {
    let indent = "  ".repeat(depth + 1);
    let close = "  ".repeat(depth);
    match value {
        Value::Object(members) => {
            let order = [
                "Version",
                "Sid",
                "Effect",
                "Action",
                "Resource",
                "Condition",
                "Statement",
            ];
            let place = |name: &str| order.iter().position(|known| *known == name);
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by_key(|(name, _)| (place(name), (*name).clone()));
            let lines = members
                .into_iter()
                .map(|(name, value)| format!("{indent}\"{name}\": {}", printed(value, depth + 1)));
            format!("{{\n{}\n{close}}}", lines.collect::<Vec<_>>().join(",\n"))
        }
        Value::Array(items) if items.iter().all(Value::is_string) => {
            let items: Vec<_> = items.iter().map(Value::to_string).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Array(items) => {
            let items = items
                .iter()
                .map(|item| format!("{indent}{}", printed(item, depth + 1)));
            format!("[\n{}\n{close}]", items.collect::<Vec<_>>().join(",\n"))
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns a table with one call of `skreg_pki_crl` during planning.
    fn table(resource: &str, operation: &str) -> String {
        let calls = json!({ resource: [operation] });
        json!({ "types": { "skreg_pki_crl": { "plan": { "software": calls } } } }).to_string()
    }

    #[test]
    fn reads_of_objects_also_require_the_bucket() {
        let files = policies(&table("objects", "s3:HeadObject")).expect("the table is valid");
        let plan: Value = serde_json::from_str(&files["policies/plan.json"]).expect("JSON");
        let expected = json!([
            {
                "Sid": "CrlBucket",
                "Effect": "Allow",
                "Action": ["s3:ListBucket"],
                "Resource": "arn:aws:s3:::example-pki",
            },
            {
                "Sid": "CrlObjects",
                "Effect": "Allow",
                "Action": ["s3:GetObject"],
                "Resource": "arn:aws:s3:::example-pki/.well-known/*",
            },
        ]);
        assert_eq!(plan["Statement"], expected);
        let table = &files["policies/table.md"];
        assert!(
            table.contains("| plan | objects | `s3:HeadObject` |\n"),
            "{table}"
        );
        assert!(table.contains("| destroy | – | none |\n"), "{table}");
    }

    #[test]
    fn signatures_are_restricted_by_conditions() {
        let files = policies(&table("issuer_kms_key", "kms:Sign")).expect("the table is valid");
        let plan: Value = serde_json::from_str(&files["policies/plan.json"]).expect("JSON");
        let statement = &plan["Statement"][0];
        assert_eq!(statement["Sid"], "CrlIssuerKmsKeySign");
        assert_eq!(
            statement["Condition"]["StringEquals"]["kms:MessageType"],
            "DIGEST"
        );
    }

    #[test]
    fn unknown_names_are_rejected() {
        for (resource, operation) in [("object", "s3:GetObject"), ("objects", "s3:GetObjekt")] {
            let error = policies(&table(resource, operation)).expect_err("the table is not valid");
            assert!(error.to_string().contains("unknown"), "{error}");
        }
        let phase = json!({ "types": { "skreg_pki_crl": { "apply": {} } } }).to_string();
        assert!(policies(&phase).is_err());
    }
}
