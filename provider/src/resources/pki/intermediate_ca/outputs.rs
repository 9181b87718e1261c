//! Outputs of an intermediate authority: its chains, the history of its certificates, and the issuer object.
//!
//! These functions are pure.

use std::collections::BTreeMap;

use jiff::Timestamp;
use tfplugin::{Diagnostics, Planned};

use super::intent::chain_of;
use super::model::IntermediateCaPlan;
use crate::aws::secrets::WrittenVersion;
use crate::pki::{Certificate, CertificateKind};
use crate::resources::pki::issuer::{IssuerOutputPlan, IssuerPlan, Usage, imported_issuer};
use crate::resources::pki::key_source::request_key;
use crate::resources::pki::stored_key::{Issued, KeyState, validity_status};
use crate::resources::pki::{certificate_revision, signature_algorithm};

/// Plans the outputs. They are unknown if a certificate is issued or another chain is stored.
pub(super) fn planned(plan: &mut IntermediateCaPlan, issued: bool) {
    if plan.signature_algorithm.is_unknown() {
        plan.signature_algorithm = signature_algorithm::default_of(&plan.key_algorithm);
    }
    let chain = chain_of(plan).map_or(Planned::Unknown, Planned::Known);
    let rechained = plan.chain_pem != chain;
    if issued {
        // An interrupted apply can have stored the document with an earlier chain.
        plan.certificate_history = Planned::Unknown;
        plan.chain_pem = Planned::Unknown;
        plan.chains_pem = Planned::Unknown;
    } else if rechained {
        plan.chain_pem = chain;
        plan.chains_pem = Planned::Unknown;
        plan.secret_version_id = Planned::Unknown;
        plan.validity_status = Planned::Unknown;
    }
    if let Planned::Known(issuer) = &mut plan.issuer {
        issuer.usage = plan.usage.clone();
        issuer.chain_pem = plan.chain_pem.clone();
        if issued {
            issuer.certificate_pem = Planned::Unknown;
            issuer.signature_algorithm = plan.signature_algorithm.clone();
        }
    }
}

/// Sets the outputs after a certificate was issued or imported, or after another chain was stored.
pub(super) fn set(plan: &mut IntermediateCaPlan, issued: &Issued) {
    let history = issued.history();
    plan.signature_algorithm = issued.signature_algorithm.name().to_owned().into();
    plan.certificate_history = certificate_revision::history(history);
    if plan.certificate_revision.is_null() {
        plan.certificate_revision = i64::try_from(history.len()).unwrap_or(i64::MAX).into();
    }
    plan.chain_pem = pem(&issued.chain).into();
    plan.chains_pem = Planned::Known(chains(issued));
    if plan.signed_by.is_null() {
        plan.signed_by = signer(issued);
    }
    plan.issuer = issuer(plan);
}

/// Plans the outputs of an authority for a request, which has no secret and does not sign for other resources.
pub(super) fn planned_for_request(
    prior: Option<&IntermediateCaPlan>,
    plan: &mut IntermediateCaPlan,
    issued: bool,
) -> Result<(), Diagnostics> {
    if issued && prior.is_some() {
        plan.set_outputs_unknown(false);
    }
    plan.signature_algorithm = Planned::Null;
    plan.key_algorithm = match &plan.csr_pem {
        Planned::Unknown => Planned::Unknown,
        request => request_key(request, CertificateKind::Intermediate)?
            .map(|key| key.algorithm().name().to_owned())
            .into(),
    };
    planned(plan, issued);
    set_without_secret(plan);
    Ok(())
}

/// Sets the outputs of a certificate for a request. `chain` are the certificates above it.
pub(super) fn set_for_request(
    prior: Option<&IntermediateCaPlan>,
    plan: &mut IntermediateCaPlan,
    certificate: &Certificate,
    chain: &[Certificate],
    now: Timestamp,
) {
    let nowhere = WrittenVersion {
        arn: String::new(),
        version_id: String::new(),
    };
    plan.set_outputs(certificate, &nowhere, now);
    let revision = plan.certificate_revision.known().copied().unwrap_or(1);
    let before = prior.map(|prior| &prior.certificate_history);
    plan.certificate_history = certificate_revision::extended(before, revision, certificate);
    plan.chains_pem = prior.map_or(Planned::Null, |prior| prior.chains_pem.clone());
    set_chain(plan, chain);
    set_without_secret(plan);
}

/// Sets the certificates above the current certificate of a request.
pub(super) fn set_chain(plan: &mut IntermediateCaPlan, chain: &[Certificate]) {
    plan.chain_pem = pem(chain).into();
    let mut chains = plan.chains_pem.known().cloned().unwrap_or_default();
    if let (Some(root), Some(own)) = (chain.last(), plan.certificate_pem.known()) {
        let root = root.public_key().sha256().to_string();
        chains.insert(root, format!("{own}{}", pem(chain)).into());
    }
    plan.chains_pem = Planned::Known(chains);
}

fn set_without_secret(plan: &mut IntermediateCaPlan) {
    plan.signature_algorithm = Planned::Null;
    plan.secret_arn = Planned::Null;
    plan.secret_version_id = Planned::Null;
    plan.issuer = Planned::Null;
    plan.tags_all = Planned::Known(BTreeMap::new());
}

/// Returns the value of `validity_status`.
pub(super) fn status(state: &IntermediateCaPlan, now: Timestamp) -> Planned<String> {
    validity_status(state, now)
        .map(|status| status.name().to_owned())
        .into()
}

/// Returns the newest chain for each root.
fn chains(issued: &Issued) -> BTreeMap<String, Planned<String>> {
    let mut found = BTreeMap::new();
    for chain in &issued.chains {
        if let Some(root) = chain.last() {
            found.insert(root.public_key().sha256().to_string(), pem(chain).into());
        }
    }
    found
}

/// Returns the issuer of an imported certificate.
fn signer(issued: &Issued) -> Planned<IssuerPlan> {
    let signature = issued.certificate().description().signature_algorithm;
    match issued.chain.split_first() {
        Some((issuer, above)) => imported_issuer(issuer, above, signature, Usage::SignCa),
        None => Planned::Null,
    }
}

/// Returns the `issuer` object for the certificate in a plan.
fn issuer(plan: &IntermediateCaPlan) -> Planned<IssuerOutputPlan> {
    let kms_key_arn = match &plan.kms {
        Planned::Known(kms) => kms.key_arn.clone(),
        Planned::Null | Planned::Unknown => Planned::Null,
    };
    Planned::Known(IssuerOutputPlan {
        certificate_pem: plan.certificate_pem.clone(),
        chain_pem: plan.chain_pem.clone(),
        secret_arn: plan.secret_arn.clone(),
        kms_key_arn,
        signature_algorithm: plan.signature_algorithm.clone(),
        usage: plan.usage.clone(),
        spki_sha256: plan.spki_sha256.clone(),
    })
}

fn pem(certificates: &[Certificate]) -> String {
    certificates.iter().map(Certificate::to_pem).collect()
}
