//! Checks an account after an operation: no duplicates and no orphans.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use tfharness::LocalAws;
use tfharness::workspace::Stack;

use crate::authority::{self, Authority};
use crate::bundle;
use crate::deployed;
use crate::infrastructure::{CLUSTER, text};
use crate::openssl;
use crate::scenario::expect_nothing_stored;

/// Log group that the bundle creates.
pub(super) const LOG_GROUP: &str = "/ecs/shop";
/// Log group that existed before the bundle.
const EXISTING_LOG_GROUP: &str = "/ecs/infrastructure";
const EXISTING_SECRET: &str = "infrastructure/queue-token";
/// Tag key prefixes that mark an operation in progress.
const MARKS: [&str; 2] = ["skreg:unfinished", "skreg:deleting"];

/// Checks that one key and one matching certificate exist, and that the state contains the certificate.
pub(super) fn expect_one_root(aws: &LocalAws, stack: &Stack) -> Result<()> {
    let made = Authority::only(aws)?;
    made.expect_sound()?;
    expect_keys(aws, &made, 1)?;
    expect_serial(stack, made.certificate_pem()?)
}

/// Checks that the versions of a secret contain no more than `count` keys, and that no tag or pending version remains from
/// an operation in progress.
pub(super) fn expect_keys(aws: &LocalAws, made: &Authority, count: usize) -> Result<()> {
    let query = json!({ "SecretId": made.arn, "IncludeDeprecated": true });
    let versions = aws.call("secretsmanager", "ListSecretVersionIds", query)?;
    let mut keys = BTreeSet::new();
    for version in list(&versions, "Versions")? {
        let query = json!({ "SecretId": made.arn, "VersionId": version["VersionId"] });
        // The emulator lists an additional version without a value. The provider did not create it.
        let Ok(value) = aws.call("secretsmanager", "GetSecretValue", query) else {
            continue;
        };
        let text = value["SecretString"]
            .as_str()
            .context("a version has no string value")?;
        let document: Value =
            serde_json::from_str(text).context("a version is not a key document")?;
        let key = document["private_key_pem"]
            .as_str()
            .context("a version has no private key")?;
        keys.insert(key.to_owned());
    }
    // The message must not contain the keys.
    ensure!(
        keys.len() == count && keys.contains(made.key_pem()?),
        "expected {count} keys in all versions, found {}",
        keys.len()
    );
    expect_unmarked_secret(aws, made)
}

/// Checks that no tag and no pending version of a secret remains from an operation in progress.
pub(super) fn expect_unmarked_secret(aws: &LocalAws, made: &Authority) -> Result<()> {
    let described = json!({ "SecretId": made.arn });
    let described = aws.call("secretsmanager", "DescribeSecret", described)?;
    expect_unmarked("the secret", &described["Tags"], "Key")?;
    let stages = described["VersionIdsToStages"]
        .as_object()
        .context("the secret has no versions")?;
    let labels = |version: &Value, label: &str| {
        let mut stages = version.as_array().into_iter().flatten();
        stages.any(|stage| stage == label)
    };
    let pending = stages
        .iter()
        .find(|(_, stages)| labels(stages, "SKREGPENDING") && !labels(stages, "AWSCURRENT"));
    ensure!(
        pending.is_none(),
        "the version {pending:?} is still pending"
    );
    Ok(())
}

/// Checks the number of certificates in a document, and that no issuance is pending.
pub(super) fn expect_certificates(made: &Authority, count: usize) -> Result<()> {
    let certificates = list(&made.document, "certificates")?;
    ensure!(
        certificates.len() == count && made.document["issuance"].is_null(),
        "expected {count} certificates, found {certificates:?} and {}",
        made.document["issuance"]
    );
    Ok(())
}

/// Checks that the state contains the serial number of a certificate.
pub(super) fn expect_serial(stack: &Stack, certificate_pem: &str) -> Result<()> {
    let serial = stack.output::<String>("serial_number")?.to_uppercase();
    let expected = openssl::serial(certificate_pem)?;
    ensure!(
        serial.trim_start_matches('0') == expected,
        "expected the serial number {expected} in the state, found {serial}"
    );
    Ok(())
}

/// Checks that the account contains exactly these secrets, except secrets that are scheduled for deletion.
pub(super) fn expect_secrets(aws: &LocalAws, expected: &[&str]) -> Result<()> {
    let found: BTreeSet<String> = authority::secret_names(aws)?.into_iter().collect();
    let expected: BTreeSet<String> = expected.iter().map(|&name| name.to_owned()).collect();
    ensure!(
        found == expected,
        "expected the secrets {expected:?}, found {found:?}"
    );
    Ok(())
}

/// Checks that the state contains exactly these resources, and that none is tainted.
pub(super) fn expect_stored(stack: &Stack, expected: &[&str]) -> Result<()> {
    let resources = stack.show()?.resources;
    let found: BTreeSet<&str> = resources.keys().map(String::as_str).collect();
    let expected: BTreeSet<&str> = expected.iter().copied().collect();
    let tainted = resources.values().find(|resource| resource.tainted);
    ensure!(
        found == expected && tainted.is_none(),
        "expected {expected:?} in the state, found {found:?}, of which {:?} is tainted",
        tainted.map(|resource| &resource.address)
    );
    Ok(())
}

/// Checks that every secret is scheduled for deletion, and that the state is empty.
pub(super) fn expect_no_root(aws: &LocalAws, stack: &Stack) -> Result<()> {
    expect_nothing_stored(stack)?;
    expect_secrets(aws, &[])
}

/// Checks that the state contains one set of services, and that each service has one distinct active revision per
/// configuration.
pub(super) fn expect_bundle(aws: &LocalAws, stack: &Stack, configurations: usize) -> Result<()> {
    expect_nothing_else(aws, &bundle::SERVICES)?;
    expect_no_duplicates(aws)?;
    bundle::expect_one_set(aws, stack, configurations)?;
    for name in bundle::SERVICES {
        let service = deployed::service(aws, CLUSTER, name)?;
        expect_unmarked(name, &service["tags"], "key")?;
    }
    Ok(())
}

/// Checks that no service and no active revision exists, and that the state is empty.
pub(super) fn expect_no_bundle(aws: &LocalAws, stack: &Stack) -> Result<()> {
    expect_nothing_stored(stack)?;
    expect_nothing_else(aws, &[])?;
    let left = active_revisions(aws)?;
    ensure!(left.is_empty(), "orphaned active revisions: {left:?}");
    Ok(())
}

/// Checks that no services, secrets, or log groups exist in addition to the known ones.
fn expect_nothing_else(aws: &LocalAws, known: &[&str]) -> Result<()> {
    let services = deployed::service_names(aws, CLUSTER)?;
    let orphans = without(services, known);
    ensure!(orphans.is_empty(), "orphaned services: {orphans:?}");
    let orphans = without(authority::secret_names(aws)?, &[EXISTING_SECRET]);
    ensure!(orphans.is_empty(), "orphaned secrets: {orphans:?}");
    let groups = aws.call("logs", "DescribeLogGroups", json!({}))?;
    let groups = list(&groups, "logGroups")?.iter();
    let groups: Result<Vec<_>> = groups.map(|group| text(group, "/logGroupName")).collect();
    let orphans = without(groups?, &[EXISTING_LOG_GROUP, LOG_GROUP]);
    ensure!(orphans.is_empty(), "orphaned log groups: {orphans:?}");
    Ok(())
}

fn without(mut names: Vec<String>, known: &[&str]) -> Vec<String> {
    names.retain(|name| !known.contains(&name.as_str()));
    names
}

/// Checks that the active revisions in a family differ, and that each belongs to a service.
fn expect_no_duplicates(aws: &LocalAws) -> Result<()> {
    let mut contents: BTreeMap<String, String> = BTreeMap::new();
    for arn in active_revisions(aws)? {
        let mut revision = deployed::task_definition(aws, &arn)?;
        let family = text(&revision, "/family")?;
        ensure!(
            bundle::SERVICES.contains(&family.as_str()),
            "orphans: the revision {arn} belongs to no service"
        );
        let fields = revision
            .as_object_mut()
            .context("a task definition is not an object")?;
        for own in [
            "taskDefinitionArn",
            "revision",
            "registeredAt",
            "registeredBy",
        ] {
            fields.remove(own);
        }
        if let Some(other) = contents.insert(revision.to_string(), arn.clone()) {
            anyhow::bail!("duplicate revisions: {other} and {arn} have the same content");
        }
    }
    Ok(())
}

/// Returns the ARNs of all active revisions in the account.
fn active_revisions(aws: &LocalAws) -> Result<Vec<String>> {
    let answer = aws.call("ecs", "ListTaskDefinitions", json!({ "status": "ACTIVE" }))?;
    let arns = list(&answer, "taskDefinitionArns")?.iter();
    Ok(arns.filter_map(Value::as_str).map(str::to_owned).collect())
}

/// Checks that no tag marks an operation in progress.
fn expect_unmarked(what: &str, tags: &Value, key: &str) -> Result<()> {
    let keys = tags.as_array().into_iter().flatten();
    let keys = keys.filter_map(|tag| tag[key].as_str());
    let marks: Vec<_> = keys.filter(|key| MARKS.contains(key)).collect();
    ensure!(marks.is_empty(), "{what} still has the tags {marks:?}");
    Ok(())
}

fn list<'a>(answer: &'a Value, name: &str) -> Result<&'a Vec<Value>> {
    answer[name]
        .as_array()
        .with_context(|| format!("expected a list {name}, found {answer}"))
}
