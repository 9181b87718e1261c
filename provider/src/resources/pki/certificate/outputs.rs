//! Outputs that only end-entity certificates have: the chain, the renewal, and the record in the ledger.
//!
//! These functions are pure.

use std::collections::BTreeMap;

use jiff::Timestamp;
use tfplugin::Planned;

use super::intent::request_key;
use super::ledger::issuance_uri;
use super::model::{DEFAULT_KEY_ALGORITHM, IssuerPlan, LeafCertificatePlan};
use super::previous;
use super::term::renewal_time;
use crate::pki::{Certificate, CertificateKind, Sha256Fingerprint};
use crate::resources::pki::issuer::{Usage, imported_issuer};
use crate::resources::pki::stored_key::{Issued, KeyState};

/// Plans the outputs of a certificate that is issued.
pub(super) fn planned_new(plan: &mut LeafCertificatePlan) {
    plan.chain_pem = Planned::Unknown;
    plan.ready_for_renewal = Planned::Unknown;
    plan.previous_certificates = Planned::Unknown;
    plan.renewal_time = unless_null(&plan.renew_before_hours);
    plan.issuance_record_uri = unless_null(&plan.ledger_uri);
}

fn unless_null<T, U>(configured: &Planned<T>) -> Planned<U> {
    match configured {
        Planned::Null => Planned::Null,
        Planned::Known(_) | Planned::Unknown => Planned::Unknown,
    }
}

/// Plans the outputs of a certificate that is kept.
pub(super) fn planned_kept(
    prior: &LeafCertificatePlan,
    plan: &mut LeafCertificatePlan,
    now: Timestamp,
) {
    if prior.renew_before_hours != plan.renew_before_hours {
        plan.renewal_time = match plan.renew_before_hours {
            Planned::Unknown => Planned::Unknown,
            Planned::Known(_) | Planned::Null => begin_of_renewal(plan).into(),
        };
        plan.ready_for_renewal = match plan.renewal_time {
            Planned::Unknown => Planned::Unknown,
            _ => is_ready(plan, now).into(),
        };
    }
    plan.issuance_record_uri = match &plan.ledger_uri {
        Planned::Null => Planned::Null,
        Planned::Known(uri) if recorded_at(prior, uri) => prior.issuance_record_uri.clone(),
        Planned::Known(_) | Planned::Unknown => Planned::Unknown,
    };
}

/// Returns whether the certificate in the state is recorded in the ledger at `uri`.
fn recorded_at(prior: &LeafCertificatePlan, uri: &str) -> bool {
    let (Some(recorded), Some(serial_number), Some(issuer)) = (
        prior.issuance_record_uri.known(),
        prior.serial_number.known(),
        prior.issuer.known(),
    ) else {
        return false;
    };
    let issuer = issuer.spki_sha256.known();
    let issuer = issuer.and_then(|digits| Sha256Fingerprint::from_digits(digits));
    let (Some(issuer), Ok(serial_number)) = (issuer, serial_number.parse()) else {
        return false;
    };
    issuance_uri(uri, issuer, &serial_number).as_ref() == Some(recorded)
}

/// Plans the attributes that depend on the source of the key.
pub(super) fn plan_key(config: Option<&LeafCertificatePlan>, plan: &mut LeafCertificatePlan) {
    if !plan.has_request() {
        // An unknown configured value remains unknown.
        let is_configured = config.is_some_and(|config| !config.key_algorithm.is_null());
        if plan.key_algorithm.is_unknown() && !is_configured {
            plan.key_algorithm = DEFAULT_KEY_ALGORITHM.to_owned().into();
        }
        return;
    }
    plan.secret_arn = Planned::Null;
    plan.secret_version_id = Planned::Null;
    plan.tags_all = Planned::Known(BTreeMap::new());
    plan.key_algorithm = match (&plan.csr_pem, request_key(plan)) {
        (Planned::Known(_), Ok(Some(key))) => key.algorithm().name().to_owned().into(),
        _ => Planned::Unknown,
    };
}

/// Sets the outputs after a certificate was issued or imported.
pub(super) fn set(plan: &mut LeafCertificatePlan, issued: &Issued) {
    // The apply has already set the certificates that the next one supersedes.
    if plan.previous_certificates.known().is_none() {
        plan.previous_certificates = previous::of_history(issued);
    }
    set_issued(plan, issued.certificate(), &issued.chain);
}

/// Sets the outputs for a certificate with the authorities above it.
pub(super) fn set_issued(
    plan: &mut LeafCertificatePlan,
    certificate: &Certificate,
    chain: &[Certificate],
) {
    let intermediates = chain
        .iter()
        .filter(|authority| authority.description().kind() != CertificateKind::Root);
    plan.chain_pem = intermediates
        .map(Certificate::to_pem)
        .collect::<String>()
        .into();
    plan.ready_for_renewal = false.into();
    plan.renewal_time = begin_of_renewal(plan).into();
    plan.issuance_record_uri = Planned::Null;
    plan.key_algorithm = certificate
        .public_key()
        .algorithm()
        .name()
        .to_owned()
        .into();
    if plan.issuer.is_null() {
        plan.issuer = issuer_of(certificate, chain);
        plan.allow_root_issuance = (chain.len() == 1).into();
    }
}

/// Reconstructs the issuer of an imported certificate.
fn issuer_of(certificate: &Certificate, chain: &[Certificate]) -> Planned<IssuerPlan> {
    let signature = certificate.description().signature_algorithm;
    match chain.split_first() {
        Some((issuer, above)) => imported_issuer(issuer, above, signature, Usage::SignLeaf),
        None => Planned::Null,
    }
}

/// Returns whether the renewal window of the certificate in a state has begun at `now`.
pub(super) fn is_ready(state: &LeafCertificatePlan, now: Timestamp) -> bool {
    renewal_begins(state).is_some_and(|begin| begin <= now)
}

/// Returns when the renewal window of the certificate in a state begins.
pub(super) fn renewal_begins(state: &LeafCertificatePlan) -> Option<Timestamp> {
    let end: Timestamp = state.not_after_actual().known()?.parse().ok()?;
    renewal_time(end, *state.renew_before_hours.known()?)
}

fn begin_of_renewal(state: &LeafCertificatePlan) -> Option<String> {
    renewal_begins(state).map(|begin| begin.to_string())
}
