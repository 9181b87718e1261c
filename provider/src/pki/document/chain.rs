//! The issuers of the certificates in a key document.

use super::{KeyDocument, Stage};
use crate::pki::certificate::Certificate;
use crate::pki::description::CertificateKind;
use crate::pki::document_error::DocumentError;

impl KeyDocument {
    /// Returns the issuers of the current certificate, starting with the direct issuer and ending with the root. The
    /// list is empty for a root.
    #[must_use]
    pub fn chain(&self) -> Vec<&Certificate> {
        self.certificate()
            .map(|certificate| self.chain_of(certificate))
            .unwrap_or_default()
    }

    /// Returns the issuers of a certificate in the history, starting with the direct issuer and ending with the root.
    #[must_use]
    pub fn chain_of(&self, certificate: &Certificate) -> Vec<&Certificate> {
        issuers_of(certificate, &self.chain)
    }

    /// Replaces the issuers of the current certificate with other certificates of the same authority, such as a reissued
    /// root. `chain` contains the issuers, each before its own issuer. Issuers of earlier certificates remain.
    ///
    /// # Errors
    /// Returns an error if no certificate is issued, another certificate is pending, or the first authority in `chain` did
    /// not issue the current certificate.
    pub fn with_chain(self, chain: Vec<Certificate>) -> Result<Self, DocumentError> {
        let (Stage::Issued(history), Some(certificate)) = (&self.stage, self.certificate()) else {
            return Err(DocumentError::NotIssued);
        };
        let issuer = chain.first();
        if !issuer.is_some_and(|issuer| certificate.is_issued_by(issuer)) {
            return Err(DocumentError::IssuerNotInChain {
                position: history.len(),
            });
        }
        let chain = combined(chain, &self.chain, history);
        Ok(Self { chain, ..self }.without_unused_issuers())
    }

    /// Removes the certificates from the chain that no certificate in the history needs.
    pub(super) fn without_unused_issuers(self) -> Self {
        let chain = needed(self.chain.clone(), &[], self.history());
        Self { chain, ..self }
    }
}

/// Combines the chain of the next certificate with the issuers of earlier certificates that the next chain does not contain.
/// In the result, each certificate precedes its issuer, and each certificate is contained once.
pub(super) fn combined(
    next: Vec<Certificate>,
    earlier: &[Certificate],
    history: &[Certificate],
) -> Vec<Certificate> {
    let mut combined = next.clone();
    for certificate in earlier.iter().rev() {
        if combined.contains(certificate) {
            continue;
        }
        let is_issuer = |issuer: &Certificate| certificate.is_issued_by(issuer);
        let issuer = match certificate.description().kind() {
            CertificateKind::Root => None,
            _ => combined.iter().position(is_issuer),
        };
        combined.insert(issuer.unwrap_or(combined.len()), certificate.clone());
    }
    needed(combined, &next, history)
}

/// Returns the certificates in a chain that are in `kept` or above a certificate in the history.
fn needed(
    chain: Vec<Certificate>,
    kept: &[Certificate],
    history: &[Certificate],
) -> Vec<Certificate> {
    let used: Vec<Certificate> = history
        .iter()
        .flat_map(|own| issuers_of(own, &chain))
        .cloned()
        .collect();
    let is_needed =
        |certificate: &Certificate| kept.contains(certificate) || used.contains(certificate);
    chain.into_iter().filter(is_needed).collect()
}

/// Returns the issuers of a certificate from a chain, starting with the direct issuer and ending with the root.
fn issuers_of<'a>(certificate: &Certificate, chain: &'a [Certificate]) -> Vec<&'a Certificate> {
    let mut found: Vec<&Certificate> = Vec::new();
    let mut above = chain;
    loop {
        let below = found.last().copied().unwrap_or(certificate);
        if below.description().kind() == CertificateKind::Root {
            return found;
        }
        let issuer = above.iter().position(|issuer| below.is_issued_by(issuer));
        let Some(position) = issuer else {
            return found;
        };
        found.push(&above[position]);
        above = &above[position + 1..];
    }
}
