//! Tests for the operations in an in-memory account that can fail at any call.

mod configuration;
mod connection;
mod creation;
mod extensions;
mod kms;
mod lifecycle;
mod ownership;
mod reissue;
mod replicas;
mod supplied_key;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tfplugin::{Call, CancellationToken, Codec, Diagnostic, Planned, Private, Resource};

use super::super::stored_key::account::{self, Account, Secret};
use super::super::stored_key::{KeyStores, locked_changes, refuse_protected};
use super::model::{RootCaPlan, SecretsManagerPlan, SubjectPlan};
use super::*;
use crate::aws::AwsError;
use crate::aws::kms::KmsKeySource;
use crate::aws::secrets::{SecretDescription, SecretStore, SecretStores, WrittenVersion};
use crate::aws::tags::{
    PlannedTags, ROOT_KEY_TAG as KEY_TAG, UNFINISHED_TAG, known_tags, planned_tags,
};
use crate::pki::SystemEntropy;
use crate::resources::identities::Identities;
use crate::resources::tagged::plan_tags;

const NAME: &str = "skreg/pki/root-ca-key";

fn now() -> Timestamp {
    "2026-11-20T12:00:00Z".parse().unwrap()
}

fn later() -> Timestamp {
    "2026-11-21T15:30:00Z".parse().unwrap()
}

fn call() -> Call {
    Call::new(
        CancellationToken::new(),
        Instant::now() + Duration::from_secs(600),
    )
}

fn roots<S: KeyStores>(stores: S, now: fn() -> Timestamp) -> RootCas<S> {
    RootCas::new(stores, now, SystemEntropy, Identities::default())
}

fn resource(account: &Account) -> RootCas<Account> {
    roots(account.clone(), now)
}

/// Returns the resource type for a later run: a new process with a later clock and different random octets.
fn later_run(account: &Account) -> RootCas<Account> {
    account.recover();
    roots(account.clone(), later)
}

/// Returns the plan for a create. Computed attributes are unknown.
fn plan(algorithm: &str) -> RootCaPlan {
    let unknown = || Planned::Unknown;
    RootCaPlan {
        subject: Planned::Known(SubjectPlan {
            common_name: "skreg Root CA".to_owned().into(),
            organization: "skreg".to_owned().into(),
            ..SubjectPlan::default()
        }),
        key_algorithm: algorithm.to_owned().into(),
        secrets_manager: Planned::Known(SecretsManagerPlan {
            name: NAME.to_owned().into(),
            kms_key_id: Planned::Null,
            recovery_window_in_days: 7.into(),
            replica_regions: Planned::Null,
        }),
        signature_algorithm: Planned::Unknown,
        certificate_revision: 1.into(),
        usage: Planned::Known(
            ["sign_ca", "sign_crl"]
                .map(|usage| usage.to_owned().into())
                .into_iter()
                .collect(),
        ),
        certificate_history: Planned::Unknown,
        issuer: Planned::Unknown,
        kms: Planned::Null,
        private_key_pem_wo: Planned::Null,
        private_key_pem_wo_version: Planned::Null,
        validity_days: 3650.into(),
        not_after: Planned::Null,
        not_before_margin_minutes: 60.into(),
        path_length: 1.into(),
        name_constraints: Planned::Null,
        policy_oids: Planned::Known(Vec::new()),
        deletion_protection: false.into(),
        tags: Planned::Known(BTreeMap::new()),
        tags_all: Planned::Unknown,
        certificate_pem: unknown(),
        public_key_pem: unknown(),
        serial_number: unknown(),
        subject_key_id: unknown(),
        spki_sha256: unknown(),
        certificate_sha256: unknown(),
        not_before: unknown(),
        not_after_actual: unknown(),
        validity_status: unknown(),
        secret_arn: unknown(),
        secret_version_id: unknown(),
        timeouts: Planned::Null,
    }
}

fn text(diagnostics: &Diagnostics) -> String {
    let all = diagnostics
        .iter()
        .map(|found| format!("{}\n{}\n{}\n", found.path, found.summary, found.detail));
    all.collect()
}

/// A created authority and the warnings that the create reported.
struct Created {
    state: RootCa,
    warnings: Diagnostics,
}

async fn try_create(resource: &RootCas<Account>, plan: RootCaPlan) -> Result<Created, String> {
    let call = call();
    let created = resource.create_key(plan, &call).await;
    let state = created.map_err(|diagnostics| text(&diagnostics))?;
    Ok(Created {
        state,
        warnings: call.warnings.collected(),
    })
}

async fn create(resource: &RootCas<Account>, plan: RootCaPlan) -> Created {
    match try_create(resource, plan).await {
        Ok(created) => created,
        Err(message) => panic!("{message}"),
    }
}

async fn create_error(resource: &RootCas<Account>, plan: RootCaPlan) -> String {
    match try_create(resource, plan).await {
        Ok(_) => panic!("the authority was created"),
        Err(message) => message,
    }
}

/// Runs the plan hook. Returns the warnings or the errors as a string.
async fn planned(
    resource: &RootCas<Account>,
    prior: Option<&RootCaPlan>,
    plan: Option<&RootCaPlan>,
) -> Result<String, String> {
    let call = call();
    let examined = resource.examine(prior, plan, &call).await;
    examined
        .map(|()| text(&call.warnings.collected()))
        .map_err(|diagnostics| text(&diagnostics))
}

async fn imported(account: &Account, arn: &str) -> RootCaPlan {
    let found = later_run(account).find(arn, &call()).await;
    found
        .unwrap_or_else(|diagnostics| panic!("{}", text(&diagnostics)))
        .state
}

/// Returns the import command for the secret in the account.
fn import_command(account: &Account) -> String {
    let arn = secret(account).arn;
    format!("import skreg_pki_root_ca.NAME 'secretsmanager:{arn}'")
}

async fn refreshed(resource: &RootCas<Account>, state: &RootCaPlan) -> Result<RootCaPlan, String> {
    let read = resource.refresh(state.clone(), &call()).await;
    read.map(|read| RootCaPlan::from(read.expect("the authority was removed from the state")))
        .map_err(|diagnostics| text(&diagnostics))
}

/// Returns the instant that precedes `instant` by `minutes`.
fn minutes_before(instant: Timestamp, minutes: i64) -> String {
    (instant - jiff::SignedDuration::from_mins(minutes)).to_string()
}

/// Changes the secret in a plan.
fn change_secret(plan: &mut RootCaPlan, change: impl FnOnce(&mut SecretsManagerPlan)) {
    match &mut plan.secrets_manager {
        Planned::Known(secret) => change(secret),
        _ => panic!("the plan has no secret"),
    }
}

fn same(one: &RootCaPlan, other: &RootCaPlan) -> bool {
    one.clone().encode() == other.clone().encode()
}

fn secret(account: &Account) -> Secret {
    account.with(|contents| {
        assert_eq!(contents.secrets.len(), 1);
        contents.secrets[NAME].clone()
    })
}

fn documents(secret: &Secret) -> Vec<serde_json::Value> {
    secret
        .versions
        .values()
        .map(|value| serde_json::from_str(value).unwrap())
        .collect()
}

/// Asserts that all versions contain the same key and certificate, that the key and the certificate match each other
/// and the state, and that a refresh does not change the state.
async fn assert_settled(account: &Account, state: &RootCaPlan) {
    let secret = secret(account);
    let documents = documents(&secret);
    let keys: std::collections::BTreeSet<_> = documents
        .iter()
        .map(|document| document["private_key_pem"].to_string())
        .collect();
    assert_eq!(keys.len(), 1, "there must be exactly one key");
    let certificates: std::collections::BTreeSet<_> = documents
        .iter()
        .flat_map(|document| document["certificates"].as_array().unwrap().clone())
        .map(|certificate| certificate.as_str().unwrap().to_owned())
        .collect();
    assert_eq!(
        certificates.len(),
        1,
        "there must be exactly one certificate"
    );
    let current: serde_json::Value =
        serde_json::from_str(&secret.versions[&secret.current]).unwrap();
    let certificate = current["certificates"][0].as_str().unwrap();
    assert_eq!(state.certificate_pem.known().unwrap(), certificate);
    assert_eq!(
        openssl(&["x509", "-noout", "-pubkey"], certificate),
        openssl(
            &["pkey", "-pubout"],
            current["private_key_pem"].as_str().unwrap()
        )
    );
    let serial = openssl(&["x509", "-noout", "-serial"], certificate)
        .trim()
        .replace("serial=", "")
        .to_lowercase();
    assert_eq!(state.serial_number.known().unwrap(), &serial);
    assert_eq!(state.secret_version_id.known().unwrap(), &secret.current);
    let read = refreshed(&later_run(account), state).await.unwrap();
    assert!(same(&read, state), "the refresh must not change the state");
    account.with(|contents| {
        assert_eq!(
            contents.calls,
            ["secretsmanager:DescribeSecret"],
            "a refresh must not read the key"
        )
    });
}

fn openssl(arguments: &[&str], input: &str) -> String {
    use std::io::Write;
    use std::process::{Command, Stdio};
    let child = Command::new("openssl")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let mut child = child.unwrap_or_else(|error| {
        panic!("openssl could not be started ({error}); install it with apt-get install openssl or brew install openssl")
    });
    child
        .stdin
        .take()
        .unwrap()
        .write_all(input.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "openssl {arguments:?} failed");
    String::from_utf8(output.stdout).unwrap()
}

/// Runs a create until it ends or crashes. Returns `None` after a crash.
async fn run_until_crash(
    account: &Account,
    resource: &RootCas<Account>,
    plan: RootCaPlan,
) -> Option<Created> {
    tokio::select! {
        biased;
        () = account.crashed() => None,
        created = create(resource, plan) => Some(created),
    }
}

/// Returns the error for an attempt to delete a protected authority.
fn deletion_error(state: &RootCaPlan) -> Option<Diagnostic> {
    refuse_protected::<RootCa>(state).err()?.into_iter().next()
}
