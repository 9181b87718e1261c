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
        let mut found: Vec<&Certificate> = Vec::new();
        let mut above = self.chain.as_slice();
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
        // In the rest of the list, each certificate must still precede its issuer.
        let mut kept: Vec<Certificate> = Vec::new();
        for earlier in &self.chain {
            match chain
                .iter()
                .position(|issuer| is_same_authority(issuer, earlier))
            {
                Some(_) if kept.is_empty() => {}
                Some(position) => kept.extend_from_slice(&chain[position..]),
                None => kept.push(earlier.clone()),
            }
        }
        kept.dedup();
        Ok(Self {
            chain: [chain, kept].concat(),
            ..self
        })
    }
}

fn is_same_authority(one: &Certificate, other: &Certificate) -> bool {
    one.public_key() == other.public_key()
        && one.description().subject == other.description().subject
}
