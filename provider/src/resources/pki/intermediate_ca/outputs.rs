//! Outputs of an intermediate authority: its chains, the history of its certificates, and the issuer object.
//!
//! These functions are pure.

use std::collections::BTreeMap;

use tfplugin::Planned;

use super::intent::chain_of;
use super::model::IntermediateCaPlan;
use crate::pki::Certificate;
use crate::resources::pki::issuer::{Issuer, IssuerOutputPlan, Usage};
use crate::resources::pki::stored_key::Issued;
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
        plan.signed_by = imported_issuer(issued).map(Into::into).into();
    }
    plan.issuer = issuer(plan);
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

/// Returns the issuer of an imported certificate. The stored document does not contain the location of its key.
fn imported_issuer(issued: &Issued) -> Option<Issuer> {
    let (certificate, chain) = issued.chain.split_first()?;
    let signature = issued.certificate().description().signature_algorithm;
    Some(Issuer {
        certificate_pem: certificate.to_pem(),
        chain_pem: pem(chain),
        secret_arn: String::new(),
        kms_key_arn: None,
        signature_algorithm: signature.name().to_owned(),
        usage: [Usage::SignCa.name().to_owned()].into(),
        spki_sha256: certificate.public_key().sha256().to_string(),
    })
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
