//! Import of a cross-certificate from its PEM text.

use jiff::Timestamp;
use tfplugin::{Diagnostics, Planned};

use super::diagnostics;
use super::intent::direction;
use super::model::CrossCertificatePlan;
use super::outputs;
use crate::pki::{Certificate, PemLabel, pem_blocks, read_authorities};
use crate::resources::pki::authority_extensions::AuthorityExtensions;
use crate::resources::pki::issuer::{Usage, imported_form, imported_issuer};
use crate::resources::pki::term::NOT_BEFORE_MARGIN_MINUTES;
use crate::resources::pki::{certificate_revision, path_length};

/// Returns the state of the certificate in an import ID. The certificates do not contain the locations of the keys.
///
/// The certified authority, with the certificates above it, follows the root of the authority that signed. Without it, the
/// first plan determines the attributes that depend on it.
pub(super) fn imported(id: &str, now: Timestamp) -> Result<CrossCertificatePlan, Diagnostics> {
    let (revision, text) = certificate_revision::of_import_id(id)?;
    let blocks = pem_blocks(PemLabel::Certificate, text);
    let blocks = blocks.map_err(|error| diagnostics::not_importable(&error))?;
    let blocks: Vec<Vec<u8>> = blocks.into_iter().map(|block| block.der).collect();
    let (path, subject) = blocks.split_at(length_of_path(&blocks));
    let read = |blocks: &[Vec<u8>]| {
        let read = read_authorities(blocks);
        read.map_err(|error| diagnostics::not_importable(&error))
    };
    let (path, subject) = (read(path)?, read(subject)?);
    let (certificate, authority, above) = match path.as_slice() {
        [certificate, authority, above @ ..] => (certificate, authority, above),
        _ => return Err(diagnostics::not_importable(&ImportError::MissingChain).into()),
    };
    let certified = subject.split_first();
    if certified.is_some_and(|(certified, _)| !is_certified(certificate, certified)) {
        return Err(diagnostics::not_importable(&ImportError::AnotherAuthority).into());
    }
    let description = certificate.description();
    let (own, above_own) = certified.unwrap_or((certificate, &[]));
    let signature = description.signature_algorithm;
    let subject_ca = imported_issuer(own, above_own, signature, Usage::SignCa);
    let signed_by = imported_issuer(authority, above, signature, Usage::SignCa);
    let length = description.validity.days_and_minutes();
    let days = length.map(|(days, _)| days);
    let margin = length.map(|(_, minutes)| minutes);
    let end = description.validity.not_after().to_string();
    // A certificate with the path length of the certified authority has the default.
    let is_default = |(certified, _): (&Certificate, _)| {
        certified.description().path_length() == description.path_length()
    };
    let path_length = path_length::attribute(description.path_length());
    let urls = AuthorityExtensions::of(description);
    let mut plan = CrossCertificatePlan {
        subject_ca,
        signed_by,
        validity_days: days.into(),
        not_after: days.is_none().then_some(end).into(),
        not_after_behavior: "error".to_owned().into(),
        not_before_margin_minutes: margin.unwrap_or(NOT_BEFORE_MARGIN_MINUTES).into(),
        path_length: (!certified.is_some_and(is_default))
            .then_some(path_length)
            .into(),
        crl_distribution_points: unless_empty(urls.crl_distribution_points()),
        ca_issuers_urls: unless_empty(urls.ca_issuers_urls()),
        ocsp_urls: unless_empty(urls.ocsp_urls()),
        certificate_revision: revision.into(),
        chain_pem: outputs::pem(&path[1..]).into(),
        direction: certified
            .map(|(certified, _)| direction(certified, authority).to_owned())
            .into(),
        ..CrossCertificatePlan::default()
    };
    outputs::set(&mut plan, certificate, now);
    Ok(plan)
}

/// Returns the plan with the authorities in an imported state, if the state represents the configured authorities and the
/// plan changes nothing else.
pub(super) fn unchanged_since_import(
    prior: &CrossCertificatePlan,
    plan: &CrossCertificatePlan,
) -> Option<CrossCertificatePlan> {
    let subject_ca = imported_form(&prior.subject_ca, &plan.subject_ca);
    let signed_by = imported_form(&prior.signed_by, &plan.signed_by);
    let imported = CrossCertificatePlan {
        subject_ca: subject_ca.unwrap_or_else(|| plan.subject_ca.clone()),
        signed_by: signed_by.unwrap_or_else(|| plan.signed_by.clone()),
        ..plan.clone()
    };
    (imported == *prior).then_some(imported)
}

/// Returns null for an empty list, which is not configured.
fn unless_empty<T>(list: Planned<Vec<T>>) -> Planned<Vec<T>> {
    match list {
        Planned::Known(list) if list.is_empty() => Planned::Null,
        list => list,
    }
}

/// Returns the number of certificates up to and including the first root.
fn length_of_path(blocks: &[Vec<u8>]) -> usize {
    let is_root = |der: &Vec<u8>| read_authorities(std::slice::from_ref(der)).is_ok();
    let root = blocks.iter().position(is_root);
    root.map_or(blocks.len(), |position| position + 1)
}

/// Returns whether a cross-certificate certifies an authority.
fn is_certified(certificate: &Certificate, authority: &Certificate) -> bool {
    certificate.public_key() == authority.public_key()
        && certificate.description().subject == authority.description().subject
}

/// The certificates in an import ID do not belong together.
#[derive(Debug, thiserror::Error)]
enum ImportError {
    #[error("it contains only one certificate, and a root is not a cross-certificate")]
    MissingChain,
    #[error("the certificate after the root is not a certificate of the certified authority")]
    AnotherAuthority,
}
