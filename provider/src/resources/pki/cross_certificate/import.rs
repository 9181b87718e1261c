//! Import of a cross-certificate from its PEM text.

use jiff::Timestamp;
use tfplugin::{Diagnostics, Planned};

use super::diagnostics;
use super::model::CrossCertificatePlan;
use super::outputs;
use crate::pki::{Certificate, PemLabel, pem_blocks, read_authorities};
use crate::resources::pki::issuer::{Issuer, IssuerPlan, Usage};
use crate::resources::pki::path_length;
use crate::resources::pki::term::NOT_BEFORE_MARGIN_MINUTES;

/// Returns the state of the certificate in an import ID. The certificates do not contain the locations of the keys.
pub(super) fn imported(id: &str, now: Timestamp) -> Result<CrossCertificatePlan, Diagnostics> {
    let blocks = pem_blocks(PemLabel::Certificate, id);
    let blocks = blocks.map_err(|error| diagnostics::not_importable(&error))?;
    let blocks: Vec<Vec<u8>> = blocks.into_iter().map(|block| block.der).collect();
    let read = read_authorities(&blocks);
    let read = read.map_err(|error| diagnostics::not_importable(&error))?;
    let (certificate, above) = match read.split_first() {
        Some((certificate, above)) if !above.is_empty() => (certificate, above),
        _ => return Err(diagnostics::not_importable(&MissingChain).into()),
    };
    let validity = &certificate.description().validity;
    let length = validity.days_and_minutes();
    let days = length.map(|(days, _)| days);
    let margin = length.map(|(_, minutes)| minutes);
    let end = validity.not_after().to_string();
    let length = path_length::attribute(certificate.description().path_length());
    let mut plan = CrossCertificatePlan {
        subject_ca: authority(certificate, &[], certificate),
        signed_by: authority(&above[0], &above[1..], certificate),
        validity_days: days.into(),
        not_after: days.is_none().then_some(end).into(),
        not_after_behavior: "error".to_owned().into(),
        not_before_margin_minutes: margin.unwrap_or(NOT_BEFORE_MARGIN_MINUTES).into(),
        path_length: length.into(),
        certificate_revision: 1.into(),
        chain_pem: outputs::pem(above).into(),
        ..CrossCertificatePlan::default()
    };
    outputs::set(&mut plan, certificate, now);
    Ok(plan)
}

/// The import ID contains only one certificate.
#[derive(Debug, thiserror::Error)]
#[error("it contains only one certificate, and a root is not a cross-certificate")]
struct MissingChain;

fn authority(
    own: &Certificate,
    above: &[Certificate],
    signed: &Certificate,
) -> Planned<IssuerPlan> {
    let issuer = Issuer {
        certificate_pem: own.to_pem(),
        chain_pem: outputs::pem(above),
        secret_arn: String::new(),
        kms_key_arn: None,
        signature_algorithm: signed.description().signature_algorithm.name().to_owned(),
        usage: [Usage::SignCa.name().to_owned()].into(),
        spki_sha256: own.public_key().sha256().to_string(),
    };
    Planned::Known(issuer.into())
}
