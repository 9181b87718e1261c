//! Tests for the operations in an in-memory account, with a clock that each run chooses.

mod interrupted;
mod ledger;
mod renewal;
mod request;

use jiff::{SignedDuration, Timestamp};
use tfplugin::{
    Codec as _, Create, Delete, Diagnostics, Plan, Planned, Read, Resource as _, Update,
};

use super::LeafCertificates;
use super::model::{
    IssuerPlan, LeafCertificate, LeafCertificatePlan, SecretsManagerPlan, SubjectPlan,
};
use crate::aws::kms::KmsKeySource;
use crate::aws::objects::ObjectStores;
use crate::aws::secrets::SecretStores;
use crate::aws::tags::PlannedTags;
use crate::aws::tests::InMemoryObjects;
use crate::pki::SystemEntropy;
use crate::resources::identities::Identities;
use crate::resources::pki::root_ca::RootCas;
use crate::resources::pki::root_ca::model::RootCaPlan;
use crate::resources::pki::stored_key::account::{Account, Secret};

const NAME: &str = "leaf/server";

/// Secrets Manager, KMS, and S3.
#[derive(Clone, Default)]
struct Stores {
    account: Account,
    objects: InMemoryObjects,
}

impl SecretStores for Stores {
    type Store = <Account as SecretStores>::Store;

    async fn open(&self) -> Result<Self::Store, Diagnostics> {
        self.account.open().await
    }

    async fn open_if_known(&self) -> Result<Option<Self::Store>, Diagnostics> {
        self.account.open_if_known().await
    }

    fn planned_default_tags(&self) -> PlannedTags {
        self.account.planned_default_tags()
    }
}

impl KmsKeySource for Stores {
    type Keys = <Account as KmsKeySource>::Keys;

    async fn open_keys_if_known(&self) -> Result<Option<Self::Keys>, Diagnostics> {
        self.account.open_keys_if_known().await
    }

    async fn open_keys(&self) -> Result<Self::Keys, Diagnostics> {
        self.account.open_keys().await
    }
}

impl ObjectStores for Stores {
    type Objects = InMemoryObjects;

    async fn open_objects_if_known(&self) -> Result<Option<InMemoryObjects>, Diagnostics> {
        self.objects.open_objects_if_known().await
    }

    async fn open_objects(&self) -> Result<InMemoryObjects, Diagnostics> {
        self.objects.open_objects().await
    }
}

fn start() -> Timestamp {
    "2026-11-20T12:00:00Z".parse().unwrap()
}

/// Before the renewal window of the certificate from [`plan`].
fn before_window() -> Timestamp {
    start() + SignedDuration::from_hours(15)
}

/// In the renewal window of the certificate from [`plan`].
fn in_window() -> Timestamp {
    start() + SignedDuration::from_hours(16)
}

/// Returns the resource type for a run, which is a new process.
fn run(stores: &Stores, now: fn() -> Timestamp) -> LeafCertificates<Stores> {
    stores.account.recover();
    LeafCertificates::new(stores.clone(), now, SystemEntropy, Identities::default())
}

/// Creates a root that expires after `days`, and returns its issuer object.
async fn root(stores: &Stores, days: i64) -> IssuerPlan {
    issuer_of(root_state(stores, days).await)
}

/// Creates a root that expires after `days`.
async fn root_state(stores: &Stores, days: i64) -> RootCaPlan {
    let usage = ["sign_leaf".to_owned().into()];
    let plan = RootCaPlan {
        subject: Planned::Known(SubjectPlan {
            common_name: "Root".to_owned().into(),
            ..SubjectPlan::default()
        }),
        key_algorithm: "ECDSA_P256".to_owned().into(),
        signature_algorithm: Planned::Unknown,
        secrets_manager: Planned::Known(secret_named("leaf/root")),
        validity_days: days.into(),
        not_before_margin_minutes: 60.into(),
        path_length: 0.into(),
        certificate_revision: 1.into(),
        policy_oids: Planned::Known(Vec::new()),
        usage: Planned::Known(usage.into_iter().collect()),
        deletion_protection: false.into(),
        tags: Planned::Known(std::collections::BTreeMap::new()),
        ..RootCaPlan::default()
    };
    let account = stores.account.clone();
    let roots = RootCas::new(account, start, SystemEntropy, Identities::default());
    let created = roots.create(Create::for_test(plan)).await;
    created
        .map_err(|failed| text(&failed.diagnostics))
        .unwrap()
        .state
        .into()
}

/// Issues the next certificate of a root.
async fn reissued(stores: &Stores, prior: &RootCaPlan) -> RootCaPlan {
    let mut plan = prior.clone();
    plan.certificate_revision = prior.certificate_revision.map(|revision| revision + 1);
    let account = stores.account.clone();
    let roots = RootCas::new(account, start, SystemEntropy, Identities::default());
    let updated = roots.update(Update::for_test(prior.clone(), plan)).await;
    updated
        .map_err(|failed| text(&failed.diagnostics))
        .unwrap()
        .state
        .into()
}

fn issuer_of(state: RootCaPlan) -> IssuerPlan {
    let issuer = state.issuer.into_known().unwrap();
    IssuerPlan {
        certificate_pem: issuer.certificate_pem,
        chain_pem: issuer.chain_pem,
        secret_arn: issuer.secret_arn,
        kms_key_arn: issuer.kms_key_arn,
        signature_algorithm: issuer.signature_algorithm,
        usage: issuer.usage,
        spki_sha256: issuer.spki_sha256,
    }
}

fn secret_named(name: &str) -> SecretsManagerPlan {
    SecretsManagerPlan {
        name: name.to_owned().into(),
        kms_key_id: Planned::Null,
        recovery_window_in_days: 7.into(),
        ..SecretsManagerPlan::default()
    }
}

/// Returns the configuration of a certificate that is valid for 24 hours and is renewed 8 hours before its end.
fn config(issuer: &IssuerPlan) -> LeafCertificatePlan {
    let one = |value: &str| {
        let value: Planned<String> = value.to_owned().into();
        Planned::Known([value].into_iter().collect())
    };
    LeafCertificatePlan {
        issuer: Planned::Known(issuer.clone()),
        secrets_manager: Planned::Known(secret_named(NAME)),
        dns_names: one("api.example.com"),
        ip_addresses: Planned::Known([].into_iter().collect()),
        uris: Planned::Known([].into_iter().collect()),
        email_addresses: Planned::Known([].into_iter().collect()),
        extended_key_usage: one("server_auth"),
        validity_hours: 24.into(),
        renew_before_hours: 8.into(),
        not_before_margin_minutes: 60.into(),
        not_after_behavior: "error".to_owned().into(),
        rotate_key_on_renewal: true.into(),
        allow_root_issuance: true.into(),
        allow_wildcard: false.into(),
        crl_distribution_points: Planned::Known(Vec::new()),
        ca_issuers_urls: Planned::Known(Vec::new()),
        ocsp_urls: Planned::Known(Vec::new()),
        revoke_on_destroy: true.into(),
        deletion_protection: false.into(),
        tags: Planned::Known(std::collections::BTreeMap::new()),
        ..LeafCertificatePlan::default()
    }
}

/// Returns the plan for a create, in which computed attributes are unknown.
fn new(config: &LeafCertificatePlan) -> LeafCertificatePlan {
    let mut plan = config.clone();
    crate::resources::pki::stored_key::KeyState::set_outputs_unknown(&mut plan, true);
    plan.key_algorithm = Planned::Unknown;
    plan.tags_all = Planned::Unknown;
    plan.secret_arn = Planned::Unknown;
    plan
}

fn text(diagnostics: &Diagnostics) -> String {
    let all = diagnostics
        .iter()
        .map(|found| format!("{}\n{}\n{}\n", found.path, found.summary, found.detail));
    all.collect()
}

/// Plans a change. Returns the plan and the warnings.
async fn planned(
    resource: &LeafCertificates<Stores>,
    prior: Option<&LeafCertificatePlan>,
    plan: Option<LeafCertificatePlan>,
) -> Result<(Option<LeafCertificatePlan>, String), String> {
    let mut request = Plan::<LeafCertificate>::for_test(prior.cloned(), plan);
    // The configuration does not contain the key algorithm, which is unknown in the plan for a create.
    if let Some(config) = &mut request.config {
        config.key_algorithm = Planned::Null;
    }
    let planned = resource.plan(&mut request).await;
    planned.map_err(|errors| text(&errors))?;
    Ok((request.plan, text(&request.warnings.collected())))
}

/// Plans and creates a certificate. Returns the state and the warnings of the apply.
async fn create(
    resource: &LeafCertificates<Stores>,
    config: &LeafCertificatePlan,
) -> (LeafCertificatePlan, String) {
    let (plan, _) = planned(resource, None, Some(new(config))).await.unwrap();
    let request = Create::for_test(plan.unwrap());
    let call = request.call.clone();
    let stored = resource.create(request).await;
    let stored = stored.map_err(|failed| text(&failed.diagnostics)).unwrap();
    (stored.state.into(), text(&call.warnings.collected()))
}

/// Returns a configuration with the outputs of a state, as the planner proposes it.
fn proposed(config: &LeafCertificatePlan, state: &LeafCertificatePlan) -> LeafCertificatePlan {
    let outputs = state.clone();
    LeafCertificatePlan {
        key_algorithm: outputs.key_algorithm,
        tags_all: outputs.tags_all,
        certificate_pem: outputs.certificate_pem,
        chain_pem: outputs.chain_pem,
        public_key_pem: outputs.public_key_pem,
        serial_number: outputs.serial_number,
        subject_key_id: outputs.subject_key_id,
        spki_sha256: outputs.spki_sha256,
        certificate_sha256: outputs.certificate_sha256,
        not_before: outputs.not_before,
        not_after_actual: outputs.not_after_actual,
        validity_status: outputs.validity_status,
        renewal_time: outputs.renewal_time,
        ready_for_renewal: outputs.ready_for_renewal,
        issuance_record_uri: outputs.issuance_record_uri,
        previous_certificates: outputs.previous_certificates,
        secret_arn: outputs.secret_arn,
        secret_version_id: outputs.secret_version_id,
        ..config.clone()
    }
}

async fn update(
    resource: &LeafCertificates<Stores>,
    prior: &LeafCertificatePlan,
    plan: LeafCertificatePlan,
) -> Result<(LeafCertificatePlan, String), String> {
    let request = Update::for_test(prior.clone(), plan);
    let call = request.call.clone();
    let stored = resource.update(request).await;
    let stored = stored.map_err(|failed| text(&failed.diagnostics))?;
    Ok((stored.state.into(), text(&call.warnings.collected())))
}

async fn refreshed(
    resource: &LeafCertificates<Stores>,
    state: &LeafCertificatePlan,
) -> LeafCertificatePlan {
    let read = resource.read(Read::for_test(state.clone())).await;
    let read = read.map_err(|errors| text(&errors)).unwrap();
    read.expect("the certificate was removed from the state")
        .state
        .into()
}

async fn delete(
    resource: &LeafCertificates<Stores>,
    state: &LeafCertificatePlan,
) -> Result<(), String> {
    let deleted = resource.delete(Delete::for_test(state.clone())).await;
    deleted.map_err(|failed| text(&failed.diagnostics))
}

fn same(one: &LeafCertificatePlan, other: &LeafCertificatePlan) -> bool {
    one.clone().encode() == other.clone().encode()
}

fn secret(stores: &Stores) -> Secret {
    stores
        .account
        .with(|contents| contents.secrets[NAME].clone())
}

/// Returns the key documents of the versions with these IDs.
fn document(secret: &Secret, version: &str) -> serde_json::Value {
    serde_json::from_str(&secret.versions[version]).unwrap()
}

fn known(value: &Planned<String>) -> &str {
    value.known().map_or("", String::as_str)
}
