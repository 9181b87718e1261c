//! The revisions of the certificate of an authority: `certificate_revision` and `certificate_history`.
//!
//! These functions are pure.

use tfplugin::schema::AttributePath;
use tfplugin::{Diagnostic, Planned, Schema};

use crate::pki::Certificate;

/// Maximum of `certificate_revision`. A secret value can contain about a dozen certificates with RSA keys.
pub const MAX_REVISION: i64 = 100;

/// One of the certificates for the key.
#[derive(Schema)]
pub struct CertificateRevision {
    /// Revision, starting at 1.
    #[attr(computed)]
    pub revision: i64,
    /// Certificate in PEM format.
    #[attr(computed)]
    pub certificate_pem: String,
    /// Serial number in hexadecimal.
    #[attr(computed)]
    pub serial_number: String,
    /// End of the validity period in RFC 3339 format.
    #[attr(computed)]
    pub not_after: String,
}

/// Value of `certificate_history`.
pub type History = Planned<Vec<Planned<CertificateRevisionPlan>>>;

/// Returns `certificate_history` for all certificates of a key in the order of issuance.
#[must_use]
pub fn history(certificates: &[Certificate]) -> History {
    let revisions = (1..).zip(certificates);
    let revisions = revisions.map(|(number, certificate)| revision(number, certificate));
    Planned::Known(revisions.collect())
}

/// Returns `certificate_history` with the certificate of the next revision.
#[must_use]
pub fn extended(before: Option<&History>, number: i64, certificate: &Certificate) -> History {
    let before = before.and_then(Planned::known).into_iter().flatten();
    let next = std::iter::once(revision(number, certificate));
    Planned::Known(before.cloned().chain(next).collect())
}

fn revision(revision: i64, certificate: &Certificate) -> Planned<CertificateRevisionPlan> {
    let description = certificate.description();
    Planned::Known(CertificateRevisionPlan::from(CertificateRevision {
        revision,
        certificate_pem: certificate.to_pem(),
        serial_number: description.serial_number.to_string(),
        not_after: description.validity.not_after().to_string(),
    }))
}

/// Returns whether a change of `certificate_revision` issues the next certificate.
#[must_use]
pub fn is_next(before: &Planned<i64>, after: &Planned<i64>) -> bool {
    matches!((before.known(), after.known()), (Some(before), Some(after)) if *after == before + 1)
}

/// Returns the error in a change of `certificate_revision`, if any.
#[must_use]
pub fn invalid_change(before: &Planned<i64>, after: &Planned<i64>) -> Option<Diagnostic> {
    let (Some(old), Some(new)) = (before.known(), after.known()) else {
        return None;
    };
    if old == new || is_next(before, after) {
        return None;
    }
    let detail = format!(
        "certificate_revision is {old} and cannot be changed to {new}. Each revision is one certificate, and issued \
         certificates cannot be withdrawn by a lower revision.\n\nTo issue the next certificate, set \
         certificate_revision to {}. To keep the current certificate, set it to {old}.",
        old + 1
    );
    let path = AttributePath::root().attribute("certificate_revision");
    Some(Diagnostic::error("Certificate revision must increase by 1", detail).at(path))
}

/// Start of an import ID with the revision of the certificate.
const REVISION_PREFIX: &str = "certificate_revision=";

/// Returns the revision in an import ID, and the rest of the ID. An ID that contains a revision other than 1 starts with
/// `certificate_revision=N|`.
///
/// # Errors
/// Returns an error if the revision is not a number between 1 and [`MAX_REVISION`], or if nothing follows it.
pub fn of_import_id(id: &str) -> Result<(i64, &str), Diagnostic> {
    let Some(text) = id.strip_prefix(REVISION_PREFIX) else {
        return Ok((1, id));
    };
    let parsed = text.split_once('|').and_then(|(revision, rest)| {
        let revision: i64 = revision.parse().ok()?;
        (1..=MAX_REVISION)
            .contains(&revision)
            .then_some((revision, rest))
    });
    parsed.ok_or_else(|| {
        let detail = format!(
            "The revision at the start of the import ID must be a number between 1 and {MAX_REVISION}, followed by a \
             vertical bar and the certificates, such as certificate_revision=2|-----BEGIN CERTIFICATE-----."
        );
        Diagnostic::error("Invalid import ID", detail)
    })
}

/// Returns the error for a change of a certified attribute without the next certificate.
#[must_use]
pub fn required_for(path: AttributePath) -> Diagnostic {
    let detail = format!(
        "{path} is part of the current certificate, which cannot be changed.\n\nTo issue the next certificate for the same \
         key with the new value, raise certificate_revision by 1. To keep the current certificate, restore the previous value."
    );
    Diagnostic::error("Change requires a new certificate", detail).at(path)
}
