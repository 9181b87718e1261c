//! Errors and warnings for an end-entity certificate.

use jiff::Timestamp;
use tfplugin::Diagnostic;
use tfplugin::schema::AttributePath;

use super::model::LeafCertificate;
use crate::aws::AwsError;
use crate::aws::objects::ObjectLocation;
use crate::aws::objects::diagnostics::object_detail;
use crate::pki::revocation::ledger::LedgerError;
use crate::pki::{IssueError, RequestError, Violation};
use crate::resources::pki::calls::sentence;
use crate::resources::pki::issuer::IssuingAuthority;
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
    let detail = format!("Clients would reject the certificate, so it is not issued. {violation}.");
    Diagnostic::error("Certificate cannot be issued", detail).at(path)
}

/// The request is not usable.
pub(super) fn invalid_request(error: &RequestError) -> Diagnostic {
    let detail = format!(
        "{}.\n\nCreate the request with the private key of the certificate, such as:\n\n    openssl req -new -key key.pem \
         -subj /CN=example.com -out request.pem",
        crate::resources::pki::calls::sentence(error)
    );
    Diagnostic::error("Certificate signing request is not usable", detail).at(attribute("csr_pem"))
}

/// The certificate for a request could not be issued.
pub(super) fn not_issued(error: &IssueError) -> Diagnostic {
    let detail = format!("{}. Nothing was changed.", sentence(error));
    Diagnostic::error("Certificate could not be issued", detail).at(attribute("csr_pem"))
}

/// Neither or both of the sources of the key are set.
pub(super) fn key_source(both: bool) -> Diagnostic {
    let summary = match both {
        true => "Conflicting sources of the key",
        false => "Source of the key is missing",
    };
    let detail = "Set secrets_manager to generate a key, or to use a key in AWS KMS with kms. Set csr_pem to certify the key \
        in a certificate signing request. Exactly one of csr_pem and secrets_manager must be set.";
    Diagnostic::error(summary, detail).at(attribute("csr_pem"))
}

/// An attribute has no meaning for a certificate for a request.
pub(super) fn not_with_request(name: &str, reason: &str) -> Diagnostic {
    let detail = format!("With csr_pem, {reason}. Remove {name}.");
    Diagnostic::error("Argument conflicts with csr_pem", detail).at(attribute(name))
}

/// `kms` is set without a secret.
pub(super) fn kms_without_secret() -> Diagnostic {
    let detail = "The certificate for a key in AWS KMS is stored in a secret. Set secrets_manager.";
    Diagnostic::error("Secret for the certificate is missing", detail).at(attribute("kms"))
}

/// The source of the key was changed.
pub(super) fn other_key_source() -> Diagnostic {
    let detail = "An existing certificate cannot change between csr_pem and secrets_manager, because the provider would have \
        to delete or create a secret. Add another skreg_pki_certificate, and then remove this one.";
    Diagnostic::error("Source of the key cannot be changed", detail).at(attribute("csr_pem"))
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
         another certificate {key}. The current certificate remains valid until it expires, and a secret keeps it with the \
         staging label AWSPREVIOUS."
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
        "The renewal window of the certificate has begun, but another certificate would not end after {end} either, because \
         its issuer expires at that time. The certificate is not renewed.\n\nRenew the issuer, or use another issuer."
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
        "The object {location} exists and is not usable as a record: {}. Objects of the ledger are not replaced. Check which \
         process writes to this location, or set another ledger_uri.",
        sentence(error)
    )
}

/// Returns the detail for an object that records another certificate.
pub(super) fn other_record(location: &ObjectLocation) -> String {
    format!(
        "The object {location} records another certificate with the same issuer and serial number. Objects of the ledger are \
         not replaced. Check which process writes to this location, or set another ledger_uri."
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
