//! Lints policy documents with an independent linter. Finds nonexistent actions, and resources and condition keys that
//! do not apply to an action. Must not implement rules.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use tfharness::toolchain::scanner_python;

use super::documents::{
    of_bucket, of_key, of_key_with_arn, of_s3_endpoint, of_secret, own_policies,
};
use crate::requirements::Registry;

/// Reads documents by name, and prints the parliament findings.
const PROGRAM: &str = "
import json, sys
from parliament import analyze_policy_string
found = []
for name, document in json.load(sys.stdin).items():
    for finding in analyze_policy_string(json.dumps(document)).findings:
        found.append({'document': name, 'issue': finding.issue, 'detail': str(finding.detail)[:300]})
json.dump(found, sys.stdout)
";

/// False positives, by document and issue. In a resource policy, `*` is the resource, and an endpoint policy restricts
/// the caller. In encryption contexts that contain ARNs, the linter expects strings.
const FALSE_POSITIVES: [(&str, &str); 7] = [
    ("key", "RESOURCE_STAR"),
    ("key", "MISMATCHED_TYPE"),
    ("S3 endpoint", "RESOURCE_STAR"),
    ("root key secret", "RESOURCE_STAR"),
    ("intermediate key secret", "RESOURCE_STAR"),
    ("signing key secret", "RESOURCE_STAR"),
    ("root KMS key", "RESOURCE_STAR"),
];

/// Roles with inline policies that are linted.
const ROLES: [&str; 5] = [
    "api-task",
    "execution",
    "flow-logs",
    "github-push",
    "worker-task",
];

#[derive(Debug, PartialEq, Eq)]
struct Found {
    document: String,
    issue: String,
    detail: String,
}

/// Lints all policies of a registry.
pub(super) fn expect_clean(registry: &Registry<'_>) -> Result<()> {
    let mut documents = BTreeMap::new();
    for role in ROLES {
        let own = own_policies(registry, role)?;
        ensure!(!own.is_empty(), "{role} has no inline policy");
        let named = own.into_iter().enumerate();
        documents.extend(named.map(|(number, one)| (format!("{role} {number}"), one)));
    }
    let account = registry.aws.id();
    let logs = format!("{}-access-logs-{account}", registry.prefix);
    for (name, document) in [
        ("package bucket", of_bucket(registry, &registry.bucket())?),
        ("access log bucket", of_bucket(registry, &logs)?),
        ("key", of_key(registry)?),
        ("root key secret", of_secret(registry, "pki/root-ca-key")?),
        (
            "intermediate key secret",
            of_secret(registry, "pki/intermediate-ca-key")?,
        ),
        (
            "signing key secret",
            of_secret(registry, "pki/package-signing-key")?,
        ),
        ("S3 endpoint", of_s3_endpoint(registry)?),
    ] {
        documents.insert(name.to_owned(), document);
    }
    if let Some(arn) = registry.root_key()?["kms_key_arn"].as_str() {
        let document = of_key_with_arn(registry.aws, arn)?;
        documents.insert("root KMS key".to_owned(), document);
    }
    let wrong = lint(&documents)?;
    let wrong: Vec<_> = wrong
        .iter()
        .filter(|one| !FALSE_POSITIVES.contains(&(one.document.as_str(), one.issue.as_str())))
        .collect();
    ensure!(wrong.is_empty(), "the linter reports {wrong:#?}");
    Ok(())
}

fn lint(documents: &BTreeMap<String, Value>) -> Result<Vec<Found>> {
    let python = scanner_python()?;
    let mut child = Command::new(&python)
        .args(["-c", PROGRAM])
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start {python}"))?;
    let question = serde_json::to_string(documents)?;
    let input = child.stdin.take().context("stdin is not piped")?;
    { input }.write_all(question.as_bytes())?;
    let output = child.wait_with_output()?;
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let found: Vec<Value> = serde_json::from_str(&printed).with_context(|| {
        let complaint = String::from_utf8_lossy(&output.stderr);
        format!("the linter printed {printed}{complaint}")
    })?;
    let text = |one: &Value, name: &str| one[name].as_str().unwrap_or_default().to_owned();
    let found = found.iter().map(|one| Found {
        document: text(one, "document"),
        issue: text(one, "issue"),
        detail: text(one, "detail"),
    });
    Ok(found.collect())
}

#[test]
fn linter_finds_an_action_that_does_not_apply_to_its_resource() -> Result<()> {
    let document = |action: &str| {
        json!({ "Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Action": action, "Resource": "arn:aws:logs:us-east-1:123456789012:log-group:/vpc/skreg",
        }] })
    };
    let documents = [
        ("group", "logs:DescribeLogGroups"),
        ("stream", "logs:DescribeLogStreams"),
    ];
    let documents = documents.map(|(name, action)| (name.to_owned(), document(action)));
    let found = lint(&BTreeMap::from(documents))?;
    let found: Vec<_> = found
        .iter()
        .map(|one| (one.document.as_str(), one.issue.as_str()))
        .collect();
    ensure!(
        found == [("group", "RESOURCE_MISMATCH")],
        "expected one mismatch, found {found:?}"
    );
    Ok(())
}
