//! Comparison of the newest certificate of a key document with the configuration.
//!
//! Of a description that is not signed yet, the provider uses only the content. The certificates of the issuer and the
//! algorithm with which the key signs are those of the configuration, so they can differ only in a complete document.

use jiff::Timestamp;

use super::attributes::attribute;
use super::certification::Certification;
use super::intent::{CertificateIntent, Difference};
use super::key_store::KeyStores;
use crate::pki::{Certificate, CertificateKind, Description, KeyDocument};
use crate::resources::pki::issuer::IssuingAuthority;

impl<S: KeyStores, C: CertificateIntent> Certification<'_, S, C> {
    /// Returns the differences between a stored description, which is not signed yet, and the configuration.
    pub(super) fn differences_of_description(&self, stored: &Description) -> Vec<Difference> {
        let mut found = Vec::new();
        if let Some(issuer) = self.certificate.issuer() {
            found.extend(other_issuer(issuer, stored));
        }
        found.extend(self.certificate.differences(stored));
        found.extend(other_period(stored, (self.now)()));
        found
    }

    /// Returns the differences between the current certificate of a complete document and the configuration. The
    /// certificates above an authority are not compared, because they can be replaced without another certificate.
    pub(super) fn differences_of_document(&self, document: &KeyDocument) -> Vec<Difference> {
        let mut found = Vec::new();
        let Some(certificate) = document.certificate() else {
            return found;
        };
        if let Some(issuer) = self.certificate.issuer() {
            found.extend(other_signer(issuer, certificate, document));
        }
        found.extend(self.certificate.differences(certificate.description()));
        let stored = document.signature_algorithm();
        let configured = self.certificate.signs_with();
        let other = configured.filter(|configured| *configured != stored);
        found.extend(other.map(|configured| Difference {
            path: attribute("signature_algorithm"),
            configured: configured.name().to_owned(),
            stored: stored.name().to_owned(),
        }));
        found
    }
}

/// Returns the difference between the configured issuer and the issuer in a description, if any.
fn other_issuer(issuer: &IssuingAuthority, stored: &Description) -> Option<Difference> {
    let authority = &issuer.certificate.description().subject;
    if stored.issuer != *authority {
        return Some(Difference {
            path: issuer.path().attribute("certificate_pem"),
            configured: authority.to_string(),
            stored: stored.issuer.to_string(),
        });
    }
    let (configured, stored) = (issuer.signature_algorithm, stored.signature_algorithm);
    (configured != stored).then(|| Difference {
        path: issuer.path().attribute("signature_algorithm"),
        configured: configured.name().to_owned(),
        stored: stored.name().to_owned(),
    })
}

/// Returns the difference between the configured issuer and the authority that signed a certificate, if any.
fn other_signer(
    issuer: &IssuingAuthority,
    certificate: &Certificate,
    document: &KeyDocument,
) -> Option<Difference> {
    let chain = document.chain();
    if !certificate.is_issued_by(&issuer.certificate) {
        let stored = chain.first().copied().map(authority);
        return Some(Difference {
            path: issuer.path().attribute("certificate_pem"),
            configured: authority(&issuer.certificate),
            stored: stored.unwrap_or_default(),
        });
    }
    let is_other =
        document.kind() == CertificateKind::Leaf && !chain.into_iter().eq(&issuer.certificates());
    is_other.then(|| Difference {
        path: issuer.path().attribute("chain_pem"),
        configured: "the certificates of the issuer".to_owned(),
        stored: "other certificates of the same issuer".to_owned(),
    })
}

fn authority(certificate: &Certificate) -> String {
    format!(
        "{} with the key hash {}",
        certificate.description().subject,
        certificate.public_key().sha256()
    )
}

/// Returns the difference if a described validity period has not begun or has ended.
fn other_period(stored: &Description, now: Timestamp) -> Option<Difference> {
    let validity = &stored.validity;
    let period = validity.not_before()..=validity.not_after();
    (!period.contains(&now)).then(|| Difference {
        path: attribute("not_after_actual"),
        configured: format!("a validity period that contains {now:.0}"),
        stored: format!("from {} to {}", validity.not_before(), validity.not_after()),
    })
}
