//! Errors that are specific to intermediate authorities.

use tfplugin::schema::AttributePath;
use tfplugin::{Diagnostic, Diagnostics};

use super::model::IntermediateCa;
use crate::pki::Violation;

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
        "signed_by is {configured}, but the current certificate was signed by {stored} or with another key of it. A \
         certificate cannot move to another issuer.\n\nTo issue the next certificate with the new issuer for the same key, \
         raise certificate_revision by 1. To keep the current certificate, set signed_by back."
    );
    Diagnostic::error("Another issuer requires a new certificate", detail)
        .at(IntermediateCa::paths().signed_by())
}

/// The KMS key is the key of the issuer.
pub(super) fn key_of_issuer(arn: &str) -> Diagnostic {
    let detail = format!(
        "The KMS key {arn} is also the key of the issuer. Each certificate below an authority needs its own key. Create \
         another KMS key, and specify its ARN."
    );
    Diagnostic::error("KMS key is the key of the issuer", detail)
        .at(IntermediateCa::paths().kms().key_arn())
}

/// The authority is allowed to sign authorities, but its path length does not permit it.
pub(super) fn no_authorities_below() -> Diagnostic {
    let detail = "usage contains sign_ca, but path_length is 0, so verifiers reject authorities below this one. Set \
        path_length to at least 1, or remove sign_ca from usage.";
    Diagnostic::error("Path length does not permit sign_ca", detail)
        .at(IntermediateCa::paths().usage())
}
