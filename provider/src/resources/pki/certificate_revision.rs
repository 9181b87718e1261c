//! The revisions of the certificate of an authority: `certificate_revision` and `certificate_history`.
//!
//! These functions are pure.

use tfplugin::schema::AttributePath;
use tfplugin::{Diagnostic, Planned, Schema};

use crate::pki::{Certificate, PemLabel, check_room, pem_blocks};

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
    /// End of the validity period as an RFC 3339 time.
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
    Some(Diagnostic::error("Revision must rise by 1", detail).at(path))
}

/// Returns the error if the key document, which contains all certificates of the key, has no room for the next certificate.
/// `chain_pem` are the certificates above the next certificate. Unknown values are not counted.
#[must_use]
pub fn no_room(history: &History, chain_pem: Option<&str>) -> Option<Diagnostic> {
    let sizes = |text: &str| -> Vec<usize> {
        let blocks = pem_blocks(PemLabel::Certificate, text).unwrap_or_default();
        blocks.iter().map(|block| block.der.len()).collect()
    };
    let revisions = history.known().into_iter().flatten();
    let revisions = revisions.filter_map(|revision| revision.known()?.certificate_pem.known());
    let history: Vec<usize> = revisions.flat_map(|text| sizes(text)).collect();
    let chain = chain_pem.map(sizes).unwrap_or_default();
    let error = check_room(&history, &chain).err()?;
    let detail = format!("The next certificate cannot be stored: {error}.");
    let path = AttributePath::root().attribute("certificate_revision");
    Some(Diagnostic::error("Secret has no room for a certificate", detail).at(path))
}

/// Returns the error for a change of a certified attribute without the next certificate.
#[must_use]
pub fn required_for(path: AttributePath) -> Diagnostic {
    let detail = format!(
        "{path} is part of the current certificate, which cannot be changed.\n\nTo issue the next certificate for the same \
         key with the new value, raise certificate_revision by 1. To keep the current certificate, set the attribute back."
    );
    Diagnostic::error("Change requires a new certificate", detail).at(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns a history of certificates with this size in octets.
    fn history(octets: usize, revisions: i64) -> History {
        let body = "A".repeat(octets / 3 * 4);
        let pem = format!("-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n");
        let revision = |number: i64| {
            Planned::Known(CertificateRevisionPlan {
                revision: number.into(),
                certificate_pem: pem.clone().into(),
                ..CertificateRevisionPlan::default()
            })
        };
        Planned::Known((1..=revisions).map(revision).collect())
    }

    #[test]
    fn a_revision_that_does_not_fit_into_the_secret_fails_during_planning() {
        assert_eq!(no_room(&history(1500, 1), None), None);
        assert_eq!(no_room(&Planned::Unknown, None), None);
        let full = no_room(&history(1500, 28), None).expect("the document is full");
        assert!(full.detail.contains("at most 65536"), "{}", full.detail);
    }
}
