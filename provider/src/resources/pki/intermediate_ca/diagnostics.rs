//! Errors that are specific to intermediate authorities.

use tfplugin::schema::AttributePath;
use tfplugin::{Diagnostic, Diagnostics};

use super::model::{IntermediateCa, IntermediateCaPlan};
use crate::pki::{IssueError, Violation};
use crate::resources::pki::calls::sentence;

/// The issuer is unknown during apply.
pub(super) fn unknown_issuer() -> Diagnostics {
    let cause = "signed_by contains an unknown value during apply";
    Diagnostic::bug("The issuer is unknown", cause).into()
}

/// Returns the attribute that a violation refers to, or `None` for the attribute that determines the end of the validity
/// period.
pub(super) fn path_of(violation: &Violation) -> Option<AttributePath> {
    let paths = IntermediateCa::paths();
    Some(match violation {
        Violation::EndsAfter { .. } => return None,
        Violation::IssuerSubject { .. }
        | Violation::NameConstraints { .. }
        | Violation::Name(_)
        | Violation::Anonymous => paths.subject().into(),
        Violation::IssuerKey { .. } => paths.kms().key_arn(),
        Violation::WeakKey { .. } => paths.key_algorithm(),
        Violation::StartsBefore { .. } => paths.not_before_margin_minutes(),
        Violation::PathLength { .. } | Violation::ExcessivePathLength { .. } => paths.path_length(),
        Violation::Purpose { .. } | Violation::NoPurpose | Violation::TimeStamping => {
            paths.extended_key_usage()
        }
        Violation::NotAnAuthority { .. }
        | Violation::Chain { .. }
        | Violation::IssuerName { .. }
        | Violation::SignatureAlgorithm { .. }
        | Violation::Encoding(_) => paths.signed_by().into(),
    })
}

/// The issuer has another key, but no new certificate is issued.
pub(super) fn issuer_changed(configured: &str, stored: &str) -> Diagnostic {
    let detail = format!(
        "signed_by is {configured}, but the current certificate was signed by {stored}, or with a different key of that \
         authority. A certificate cannot move to another issuer.\n\nTo issue the next certificate with the new issuer \
         for the same key, raise certificate_revision by 1. To keep the current certificate, restore the previous value of signed_by."
    );
    Diagnostic::error("Another issuer requires a new certificate", detail)
        .at(IntermediateCa::paths().signed_by())
}

/// The KMS key is the key of the issuer.
pub(super) fn key_of_issuer(arn: &str) -> Diagnostic {
    let detail = format!(
        "The KMS key {arn} is also the key of the issuer. Each authority requires its own key. Create another KMS key, \
         and specify its ARN."
    );
    Diagnostic::error("KMS key is the key of the issuer", detail)
        .at(IntermediateCa::paths().kms().key_arn())
}

/// The authority is allowed to sign authorities, but its path length does not permit it.
pub(super) fn no_authorities_below() -> Diagnostic {
    let detail = "usage contains sign_ca, but path_length is 0, so verifiers reject authorities below this one. Set \
        path_length to at least 1 or to -1 (no limit), or remove sign_ca from usage.";
    Diagnostic::error("Path length does not permit sign_ca", detail)
        .at(IntermediateCa::paths().usage())
}

/// The certificate for a request could not be issued.
pub(super) fn not_issued(error: &IssueError) -> Diagnostic {
    let detail = format!(
        "{}. Nothing was stored. Correct the cause, and then apply again.",
        sentence(error)
    );
    Diagnostic::error("Certificate could not be issued", detail)
        .at(IntermediateCa::paths().csr_pem())
}

/// The request contains another key than the existing certificate.
pub(super) fn other_request_key(found: &str, stored: &str) -> Diagnostic {
    let detail = format!(
        "The request contains the key with the hash {found}, but the certificates of this authority contain the key with the \
         hash {stored}. Certificates that the authority issued refer to its key.\n\nTo use another key, create a new \
         generation: add another skreg_pki_intermediate_ca with the new request. To keep the authority, create the request \
         with its key."
    );
    Diagnostic::error("Key of the request was changed", detail)
        .at(IntermediateCa::paths().csr_pem())
}

/// The plan removes an authority for a request from the state.
pub(super) fn remains_valid(prior: &IntermediateCaPlan) -> Diagnostic {
    let end = prior.not_after_actual.known();
    let end = end.map_or("its end", String::as_str);
    let serial = prior.serial_number.known();
    let serial = serial.map_or("unknown", String::as_str);
    let detail = format!(
        "Destroying the resource removes the certificate from the state, but the holder of the private key can use it until \
         {end}. To withdraw it, revoke the serial number {serial} in the revocation list of the authority that signed it."
    );
    Diagnostic::warning("Certificate of the authority remains valid", detail)
}
