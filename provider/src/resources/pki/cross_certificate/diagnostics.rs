//! Errors and warnings for cross-certificates.

use std::error::Error;

use tfplugin::schema::AttributePath;
use tfplugin::{Diagnostic, Planned};

use super::model::{CrossCertificate, CrossCertificatePlan};
use crate::pki::Violation;
use crate::resources::commands;
use crate::resources::pki::calls::sentence;

/// Returns the attribute that a violation refers to, or `None` for the attribute that determines the end of the validity
/// period.
pub(super) fn path_of(violation: &Violation) -> Option<AttributePath> {
    let paths = CrossCertificate::paths();
    Some(match violation {
        Violation::EndsAfter { .. } => return None,
        Violation::StartsBefore { .. } => paths.not_before_margin_minutes(),
        Violation::PathLength { .. } | Violation::ExcessivePathLength { .. } => paths.path_length(),
        Violation::NotAnAuthority { .. }
        | Violation::Chain { .. }
        | Violation::IssuerName { .. }
        | Violation::SignatureAlgorithm { .. }
        | Violation::Encoding(_) => paths.signed_by().into(),
        Violation::IssuerSubject { .. }
        | Violation::IssuerKey { .. }
        | Violation::WeakKey { .. }
        | Violation::NameConstraints { .. }
        | Violation::Purpose { .. }
        | Violation::Name(_)
        | Violation::Anonymous
        | Violation::NoPurpose
        | Violation::TimeStamping => paths.subject_ca().into(),
    })
}

/// A value is unknown during apply.
pub(super) fn unknown() -> Diagnostic {
    let cause = "an argument contains an unknown value during apply";
    Diagnostic::bug("The cross-certificate cannot be described", cause)
}

/// The certificate could not be issued.
pub(super) fn not_issued(error: &(dyn Error + 'static)) -> Diagnostic {
    let detail = format!(
        "The cross-certificate could not be issued: {}. Nothing was stored. Correct the cause, and then apply again.",
        sentence(error)
    );
    Diagnostic::error("Cross-certificate could not be issued", detail)
        .at(CrossCertificate::paths().signed_by())
}

/// The plan removes the certificate from the state.
pub(super) fn remains_valid(prior: &CrossCertificatePlan) -> Diagnostic {
    let end = &prior.not_after_actual;
    let end = end.known().map_or("they expire", String::as_str);
    let serial = &prior.serial_number;
    let serial = serial.known().map_or("unknown", String::as_str);
    let detail = format!(
        "Destroying the resource removes the cross-certificate from the state, but copies of it remain valid until {end}. \
         To withdraw the certificate, remove it from all trust bundles and servers, and revoke the serial number {serial} in \
         the revocation list of the authority that signed it."
    );
    Diagnostic::warning("Cross-certificate remains valid", detail)
}

/// The change of the validity period does not affect the existing certificate.
pub(super) fn postponed(prior: &CrossCertificatePlan, path: AttributePath) -> Diagnostic {
    let instant =
        |value: &Planned<String>| value.known().map_or("unknown", String::as_str).to_owned();
    let detail = format!(
        "The existing certificate remains valid from {} to {}. The new value applies to the next certificate. To issue it, \
         raise certificate_revision by 1.",
        instant(&prior.not_before),
        instant(&prior.not_after_actual),
    );
    Diagnostic::warning("Change does not affect the existing certificate", detail).at(path)
}

/// The import ID does not contain the certificate and its chain.
pub(super) fn not_importable(error: &(dyn Error + 'static)) -> Diagnostic {
    let command = commands::import_expression(
        "skreg_pki_cross_certificate.NAME",
        "$(cat cross.pem signed-by.pem subject-ca.pem)",
    );
    let detail = format!(
        "The import ID is not a cross-certificate with the certificates above it: {}. Specify the PEM text of the \
         cross-certificate, the certificates above it, and the certificates of the certified authority, each before its \
         issuer and each list with the root last:\n\n{}",
        sentence(error),
        commands::listing(&[command])
    );
    Diagnostic::error("Invalid import ID", detail)
}
