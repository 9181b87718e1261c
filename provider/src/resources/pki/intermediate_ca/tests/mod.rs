//! Tests for the operations in an in-memory account that can fail at any call.

mod chain;
mod interrupted;
mod issuance;

use std::time::{Duration, Instant};

use jiff::Timestamp;
use tfplugin::schema::AttributePath;
use tfplugin::{Call, CancellationToken, Codec, Diagnostics, Plan, Planned, PlannedSet};

use super::StoredIntermediates;
use super::model::IntermediateCaPlan;
use crate::pki::SystemEntropy;
use crate::resources::identities::Identities;
use crate::resources::pki::issuer::{Issuer, IssuerPlan};
use crate::resources::pki::root_ca::RootCas;
use crate::resources::pki::root_ca::model::RootCaPlan;
use crate::resources::pki::stored_key::account::{Account, Secret};
use crate::resources::pki::stored_key::{SecretsManagerPlan, StoredKeyType, StoredKeys};
use crate::resources::pki::subject::SubjectPlan;

const NAME: &str = "pki/issuing";

fn now() -> Timestamp {
    "2026-11-20T12:00:00Z".parse().unwrap()
}

fn later() -> Timestamp {
    "2026-11-21T15:30:00Z".parse().unwrap()
}

fn call() -> Call {
    let deadline = Instant::now() + Duration::from_secs(600);
    Call::new(CancellationToken::new(), deadline)
}

fn text(diagnostics: &Diagnostics) -> String {
    let all = diagnostics
        .iter()
        .map(|found| format!("{}\n{}\n{}\n", found.path, found.summary, found.detail));
    all.collect()
}

/// Returns the resource type for another process.
fn run<T: StoredKeyType>(account: &Account, now: fn() -> Timestamp) -> StoredKeys<T, Account> {
    account.recover();
    StoredKeys::new(account.clone(), now, SystemEntropy, Identities::default())
}

fn resource(account: &Account) -> StoredIntermediates<Account> {
    run(account, later)
}

fn secret_of(name: &str) -> Planned<SecretsManagerPlan> {
    Planned::Known(SecretsManagerPlan {
        name: name.to_owned().into(),
        kms_key_id: Planned::Null,
        recovery_window_in_days: 7.into(),
        replica_regions: Planned::Null,
    })
}

fn subject_of(name: &str) -> Planned<SubjectPlan> {
    Planned::Known(SubjectPlan {
        common_name: name.to_owned().into(),
        ..SubjectPlan::default()
    })
}

/// Creates a root.
async fn root(account: &Account, name: &str) -> RootCaPlan {
    let plan = RootCaPlan {
        subject: subject_of(name),
        key_algorithm: "ECDSA_P256".to_owned().into(),
        secrets_manager: secret_of(name),
        validity_days: 3650.into(),
        not_before_margin_minutes: 60.into(),
        path_length: 1.into(),
        policy_oids: Planned::Known(Vec::new()),
        certificate_revision: 1.into(),
        usage: uses(&["sign_ca", "sign_crl"]),
        deletion_protection: false.into(),
        tags: Planned::Known([].into()),
        ..RootCaPlan::default()
    };
    let roots: RootCas<Account> = run(account, now);
    let created = roots.create_key(plan, &call()).await;
    created
        .unwrap_or_else(|errors| panic!("{}", text(&errors)))
        .into()
}

/// Issues the next certificate of a root.
async fn reissued(account: &Account, prior: &RootCaPlan) -> RootCaPlan {
    let mut plan = prior.clone();
    plan.certificate_revision = prior.certificate_revision.map(|revision| revision + 1);
    let roots: RootCas<Account> = run(account, now);
    let changed = roots.change(prior, plan, &call()).await;
    changed
        .unwrap_or_else(|errors| panic!("{}", text(&errors)))
        .into()
}

fn uses(names: &[&str]) -> Planned<PlannedSet<Planned<String>>> {
    let names = names.iter().map(|name| Planned::Known((*name).to_owned()));
    Planned::Known(names.collect())
}

fn issuer(root: &RootCaPlan) -> Planned<IssuerPlan> {
    let issuer: Issuer = root.issuer.clone().settle(AttributePath::root()).unwrap();
    Planned::Known(issuer.into())
}

/// Returns the plan for a create after the plan hook.
async fn plan(account: &Account, root: &RootCaPlan) -> IntermediateCaPlan {
    let texts = || Planned::Known(Vec::new());
    let configured = IntermediateCaPlan {
        subject: subject_of("Issuing CA"),
        signed_by: issuer(root),
        key_algorithm: "ECDSA_P256".to_owned().into(),
        signature_algorithm: Planned::Unknown,
        secrets_manager: secret_of(NAME),
        validity_days: 365.into(),
        not_after_behavior: "error".to_owned().into(),
        not_before_margin_minutes: 60.into(),
        path_length: 0.into(),
        extended_key_usage: uses(&[]),
        policy_oids: texts(),
        crl_distribution_points: texts(),
        ca_issuers_urls: texts(),
        ocsp_urls: texts(),
        certificate_revision: 1.into(),
        usage: uses(&["sign_leaf", "sign_crl"]),
        deletion_protection: false.into(),
        tags: Planned::Known([].into()),
        chain_pem: Planned::Unknown,
        issuer: Planned::Unknown,
        ..IntermediateCaPlan::default()
    };
    reviewed(&resource(account), None, configured)
        .await
        .unwrap()
}

/// Runs the plan hook.
async fn reviewed(
    resource: &StoredIntermediates<Account>,
    prior: Option<&IntermediateCaPlan>,
    plan: IntermediateCaPlan,
) -> Result<IntermediateCaPlan, String> {
    let mut request = Plan::for_test(prior.cloned(), Some(plan));
    let reviewed = resource.review(&mut request).await;
    reviewed.map_err(|errors| text(&errors))?;
    Ok(request.plan.unwrap())
}

async fn create(account: &Account, root: &RootCaPlan) -> IntermediateCaPlan {
    let plan = plan(account, root).await;
    let created = resource(account).create_key(plan, &call()).await;
    created
        .unwrap_or_else(|errors| panic!("{}", text(&errors)))
        .into()
}

async fn changed(
    resource: &StoredIntermediates<Account>,
    prior: &IntermediateCaPlan,
    plan: IntermediateCaPlan,
) -> Result<IntermediateCaPlan, String> {
    let changed = resource.change(prior, plan, &call()).await;
    changed.map(Into::into).map_err(|errors| text(&errors))
}

async fn refreshed(account: &Account, state: &IntermediateCaPlan) -> IntermediateCaPlan {
    let read = resource(account).refresh(state.clone(), &call()).await;
    let read = read.unwrap_or_else(|errors| panic!("{}", text(&errors)));
    read.expect("the authority exists").into()
}

fn same(one: &IntermediateCaPlan, other: &IntermediateCaPlan) -> bool {
    one.clone().encode() == other.clone().encode()
}

fn secret(account: &Account) -> Secret {
    account.with(|contents| contents.secrets[NAME].clone())
}

fn current(account: &Account) -> serde_json::Value {
    let secret = secret(account);
    serde_json::from_str(&secret.versions[&secret.current]).unwrap()
}
