//! The issuers of the certificates in a key document.

use super::issuers::{combined, issuers_of, needed};
use super::{KeyDocument, Stage};
use crate::pki::certificate::Certificate;
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
