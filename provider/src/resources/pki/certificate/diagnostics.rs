//! Errors and warnings for an end-entity certificate.

use jiff::Timestamp;
use tfplugin::Diagnostic;
use tfplugin::schema::AttributePath;

use super::model::LeafCertificate;
use crate::aws::AwsError;
use crate::aws::objects::ObjectLocation;
use crate::aws::objects::diagnostics::object_detail;
use crate::pki::revocation::ledger::LedgerError;
use crate::pki::{Certificate, CertificateError, IssueError, Violation};
use crate::resources::pki::calls::sentence;
use crate::resources::pki::issuer::IssuingAuthority;
use crate::resources::pki::publication::capitalized;
use crate::resources::pki::stored_key::Difference;

fn attribute(name: &str) -> AttributePath {
    AttributePath::root().attribute(name)
}

/// The issuer is a root.
pub(super) fn root_issuance(issuer: &IssuingAuthority) -> Diagnostic {
    let detail = format!(
        "The issuer {} is a root. If a root issues end-entity certificates, its key is required for every renewal and cannot \
         be kept offline.\n\nUse an intermediate authority as the issuer. To issue the certificate from the root \
         nevertheless, set allow_root_issuance = true.",
        issuer.certificate.description().subject
    );
    Diagnostic::error("Issuer is a root", detail).at(attribute("issuer"))
}

/// The certificate would violate a rule below its issuer.
pub(super) fn violation(violation: &Violation) -> Diagnostic {
    let path = match violation {
        Violation::StartsBefore { .. } => attribute("not_before_margin_minutes"),
        Violation::EndsAfter { .. } => attribute("not_after_behavior"),
        Violation::IssuerSubject { .. } | Violation::Anonymous => attribute("subject"),
        Violation::Purpose { .. } | Violation::NoPurpose | Violation::TimeStamping => {
            attribute("extended_key_usage")
        }
        Violation::Name(_) | Violation::NameConstraints { .. } => attribute("dns_names"),
        _ => attribute("issuer"),
    };
    let detail = format!(
        "Clients would reject the certificate, so it was not issued.\n\n{}.",
        capitalized(&violation.to_string())
    );
    Diagnostic::error("Certificate cannot be issued", detail).at(path)
}

/// The certificate for a request could not be issued.
pub(super) fn not_issued(error: &IssueError) -> Diagnostic {
    let detail = format!("{}. Nothing was changed.", sentence(error));
    Diagnostic::error("Certificate could not be issued", detail).at(attribute("csr_pem"))
}

/// The subject of a certificate whose key is kept was changed.
pub(super) fn subject_of_kept_key() -> Diagnostic {
    let detail = "All certificates for the same key have the same subject. To change the subject, set rotate_key_on_renewal = \
        true, so that the next certificate is for a new key. With a key in AWS KMS, add another skreg_pki_certificate \
        instead.";
    Diagnostic::error("Subject of the key cannot be changed", detail).at(attribute("subject"))
}

/// The plan renews the certificate.
pub(super) fn renewal(begin: Timestamp, end: &str, new_key: bool) -> Diagnostic {
    let key = match new_key {
        true => "for a new key",
        false => "for the same key",
    };
    let detail = format!(
        "The renewal window of the certificate began at {begin}, and the certificate expires at {end}. The apply issues \
         another certificate {key}. The current certificate remains valid until it expires. If the certificate is stored in a \
         secret, the current version of the secret gets the staging label AWSPREVIOUS."
    );
    Diagnostic::warning("Certificate is due for renewal", detail)
        .at(LeafCertificate::paths().renew_before_hours())
}

/// The plan completes an interrupted issuance.
pub(super) fn completion() -> Diagnostic {
    let detail = "An interrupted apply stored another certificate in the secret, but the state does not contain it. The apply \
        uses this certificate if it matches the configuration. Otherwise, it issues another one.";
    Diagnostic::warning("Interrupted issuance is completed", detail)
}

/// The issuer ends too early for a renewal.
pub(super) fn renewal_without_effect(end: &str) -> Diagnostic {
    let detail = format!(
        "The renewal window of the certificate has begun, but a new certificate would not be valid longer than the current one, \
         which expires at {end}, because the issuer limits the validity period. The certificate is not \
         renewed.\n\nRenew the issuer, or use another issuer."
    );
    Diagnostic::warning("Certificate cannot be renewed", detail).at(attribute("issuer"))
}

/// The plan issues another certificate because attributes were changed.
pub(super) fn reissue(differences: &[Difference]) -> Diagnostic {
    let lines = differences.iter().map(|difference| {
        let Difference {
            path,
            configured,
            stored,
        } = difference;
        format!("  - {path}: configured {configured:?}, certificate {stored:?}\n")
    });
    let detail = format!(
        "The certificate differs from the configuration:\n\n{}\nThe apply issues another certificate in place. The current \
         certificate remains valid until it expires.",
        lines.collect::<String>()
    );
    Diagnostic::warning("Another certificate is issued", detail)
}

/// The destroyed certificate is not revoked.
pub(super) fn not_revoked(serial_number: &str, end: &str) -> Diagnostic {
    let detail = format!(
        "The certificate with the serial number {serial_number} remains valid until {end} after the resource is destroyed, \
         because ledger_uri is not set.\n\nTo record the revocation, set ledger_uri and apply before you destroy the \
         resource, or add the serial number to revoked of the skreg_pki_crl resource. If a revocation is not required, set \
         revoke_on_destroy = false."
    );
    Diagnostic::warning("Certificate will not be revoked", detail).at(attribute("ledger_uri"))
}

/// The issuance record could not be written.
pub(super) fn not_recorded(detail: &str) -> Diagnostic {
    let detail = format!(
        "The certificate was issued, but its record could not be written to the ledger. The next apply writes it.\n\n{detail}"
    );
    Diagnostic::warning("Certificate is not recorded in the ledger", detail)
        .at(attribute("ledger_uri"))
}

/// The revocation could not be recorded.
pub(super) fn revocation_not_recorded(detail: &str) -> Diagnostic {
    let detail = format!(
        "The certificate was neither revoked nor deleted, because its revocation could not be recorded.\n\n{detail}\n\nTo \
         delete the certificate without a revocation, set revoke_on_destroy = false, apply, and then destroy the resource."
    );
    Diagnostic::error("Revocation could not be recorded", detail).at(attribute("ledger_uri"))
}

/// Returns the detail for a failed S3 call.
pub(super) fn object_failed(error: &AwsError, location: &ObjectLocation) -> String {
    object_detail(error, location)
}

/// Returns the detail for an object that is not the expected record.
pub(super) fn unusable_record(location: &ObjectLocation, error: &LedgerError) -> String {
    format!(
        "The object {location} exists but is not a usable record: {}. The provider never replaces objects in the ledger. Find the \
         process that writes to this location, or set a different ledger_uri.",
        sentence(error)
    )
}

/// Returns the detail for an object that does not contain the certificate of an issuance.
pub(super) fn unusable_certificate(location: &ObjectLocation, error: &CertificateError) -> String {
    format!(
        "The object {location} exists and does not contain a certificate of the issuer: {}. Check which process writes to this \
         location, or set another ledger_uri.",
        sentence(error)
    )
}

/// An interrupted run issued the certificate.
pub(super) fn adopted(certificate: &Certificate) -> Diagnostic {
    let detail = format!(
        "The ledger contains a certificate for this request and this configuration that is not in the state, because the run \
         that issued it was interrupted. No other certificate was issued.\n\nSerial number: {}\nSHA-256 fingerprint: {}",
        certificate.description().serial_number,
        certificate.sha256()
    );
    Diagnostic::warning("Certificate of an interrupted run is used", detail)
        .at(attribute("csr_pem"))
}

/// An interrupted run issued another certificate, which is revoked.
pub(super) fn orphan_revoked(certificate: &Certificate) -> Diagnostic {
    let detail = format!(
        "The ledger contains the certificate with the serial number {} that an interrupted run issued for this request with \
         another configuration. It is not in any state, so its revocation was recorded, and another certificate was issued.",
        certificate.description().serial_number
    );
    Diagnostic::warning("Certificate of an interrupted run is revoked", detail)
        .at(attribute("csr_pem"))
}

/// The ledger could not be read before the issuance.
pub(super) fn ledger_not_read(detail: &str) -> Diagnostic {
    let detail = format!(
        "The ledger could not be searched for a certificate of an interrupted run, so no certificate was issued.\n\n{detail}"
    );
    Diagnostic::error("Ledger could not be read", detail).at(attribute("ledger_uri"))
}

/// The certificate could not be stored in the ledger.
pub(super) fn not_stored(detail: &str) -> Diagnostic {
    let detail = format!(
        "The certificate was issued, but it could not be stored in the ledger. If this run is interrupted before it ends, the \
         next apply issues another certificate.\n\n{detail}"
    );
    Diagnostic::warning("Certificate is not stored in the ledger", detail)
        .at(attribute("ledger_uri"))
}

/// Returns the detail for an object that records another certificate.
pub(super) fn other_record(location: &ObjectLocation) -> String {
    format!(
        "The object {location} records a different certificate with the same issuer and serial number. The provider never replaces \
         objects in the ledger. Find the process that writes to this location, or set a different ledger_uri."
    )
}

/// Returns the detail for a caller whose ARN could not be requested.
pub(super) fn caller_unknown(error: &AwsError) -> String {
    error.detail("The record contains the ARN of the caller, which sts:GetCallerIdentity returns.")
}

/// Returns the detail for a run that stopped during a call.
pub(super) fn stopped(why: &str) -> String {
    format!("During the write to the ledger, {why}.")
}
