//! Dependencies and steps of every certification of a stored key: the key, the description, the signature, and the
//! document that contains the certificate.

use std::error::Error;
use std::future::Future;

use jiff::Timestamp;
use tfplugin::{Call, Diagnostic, Diagnostics};

use super::attributes;
use super::calls::read_document;
use super::diagnostics;
use super::intent::{CertificateIntent, KeyIntent};
use super::key_store::KeyStores;
use super::supplied_key::PrivateKey;
use super::wording::Wording;
use crate::aws::AwsError;
use crate::aws::secrets::{SecretStore, WrittenVersion};
use crate::pki::{
    Certificate, CertifiedKey, Description, Entropy, KeyDocument, SerialNumber, Sha256Fingerprint,
    SignatureAlgorithm, SoftwareKey, issue,
};
use crate::resources::pki::clock;
use crate::resources::pki::issuer::{IssuerKey, IssuingAuthority};
use crate::resources::pki::kms_key::{KmsSigner, connected_keys, other_algorithm, public_key};
use crate::secret_text::SecretText;

/// The public content of a complete key document, and its location.
#[derive(Debug, Clone)]
pub struct Issued {
    /// All certificates of the key in the order of issuance. The list is not empty.
    history: Vec<Certificate>,
    /// Certificates above the current certificate, each before its issuer. Empty for a root.
    pub chain: Vec<Certificate>,
    /// All certificates of the key with the certificates above them. The last certificate of each list is a root.
    pub chains: Vec<Vec<Certificate>>,
    /// Algorithm with which the key signs.
    pub signature_algorithm: SignatureAlgorithm,
    /// KMS key that contains the private key, or `None` for a key in the document.
    pub kms_key_arn: Option<String>,
    /// Location of the document.
    pub location: WrittenVersion,
}

impl Issued {
    /// Returns the public content of a document.
    ///
    /// # Errors
    /// Returns an error if no certificate is issued.
    pub(super) fn of(
        document: &KeyDocument,
        location: WrittenVersion,
    ) -> Result<Self, Diagnostics> {
        if document.certificate().is_none() {
            let cause = "the document contains no certificate";
            return Err(Diagnostic::bug("The certificate is missing", cause).into());
        }
        Ok(Self {
            history: document.history().to_vec(),
            chain: document.chain().into_iter().cloned().collect(),
            chains: document
                .history()
                .iter()
                .map(|own| chain_with(document, own))
                .collect(),
            signature_algorithm: document.signature_algorithm(),
            kms_key_arn: document.key().kms_arn().map(str::to_owned),
            location,
        })
    }

    /// Returns all certificates of the key in the order of issuance. The first one is revision 1.
    #[must_use]
    pub fn history(&self) -> &[Certificate] {
        &self.history
    }

    /// Returns the current certificate.
    #[must_use]
    pub fn certificate(&self) -> &Certificate {
        self.history.last().expect("the history is not empty")
    }
}

fn chain_with(document: &KeyDocument, own: &Certificate) -> Vec<Certificate> {
    let above = document.chain_of(own).into_iter();
    std::iter::once(own).chain(above).cloned().collect()
}

/// Dependencies for certifying a key.
pub(super) struct Certification<'a, S: KeyStores, C> {
    pub(super) stores: &'a S,
    pub(super) store: &'a S::Store,
    pub(super) call: &'a Call,
    pub(super) entropy: &'a dyn Entropy,
    pub(super) now: fn() -> Timestamp,
    pub(super) wording: &'a Wording,
    pub(super) key: &'a KeyIntent,
    pub(super) certificate: &'a C,
    /// Whether the next certificate is issued for a new key.
    pub(super) rotates_key: bool,
    /// Whether the plan allows a key that the state does not contain.
    pub(super) accepts_key: bool,
    /// Private key that the configuration supplies for a new object. `None` generates a key.
    pub(super) private_key: Option<PrivateKey>,
    /// Key of the issuer, which [`Certification::open_issuer`] opens. `None` for a self-signed certificate.
    pub(super) issuer: Option<IssuerKey<'a, S::Keys>>,
}

impl<S: KeyStores, C: CertificateIntent> Certification<'_, S, C> {
    /// Opens the key of the issuer, before anything is stored.
    pub(super) async fn open_issuer(&mut self) -> Result<(), Diagnostics> {
        if let Some(issuer) = self.certificate.issuer() {
            self.issuer = Some(Box::pin(issuer.open(self.stores, self.call)).await?);
        }
        Ok(())
    }

    /// Compares the system clock with the AWS clock. The system clock determines the times in the certificate.
    pub(super) fn check_clock(&self) -> Result<(), Diagnostic> {
        clock::check((self.now)(), self.store.answered_at())
    }

    /// Returns the certificate description. The description is created once, before the key is stored.
    pub(super) fn new_description(&self) -> Result<Description, Diagnostics> {
        let serial_number = SerialNumber::random(self.entropy).map_err(|error| {
            let detail = format!("Nothing was created: {error}. Apply again.");
            Diagnostic::error("Serial number could not be generated", detail)
        })?;
        self.certificate.describe(serial_number, (self.now)())
    }

    /// Returns the certificates above the certificate, starting with the direct issuer.
    pub(super) fn chain(&self) -> Vec<Certificate> {
        let issuer = self.certificate.issuer();
        issuer
            .map(IssuingAuthority::certificates)
            .unwrap_or_default()
    }

    /// Returns the document to store before the first certificate of a key is signed.
    pub(super) async fn new_document(
        &self,
        description: Description,
    ) -> Result<KeyDocument, Diagnostics> {
        let key = self.new_key().await?;
        self.certificate.check(&description, key.public())?;
        Ok(self.described(key, description))
    }

    /// Returns the document for a key whose first certificate is described.
    pub(super) fn described(&self, key: CertifiedKey, description: Description) -> KeyDocument {
        self.signing(KeyDocument::pending(key, description, self.chain()))
    }

    /// Sets the configured algorithm with which the key signs.
    pub(super) fn signing(&self, document: KeyDocument) -> KeyDocument {
        match self.certificate.signs_with() {
            Some(algorithm) => document.signing_with(algorithm),
            None => document,
        }
    }

    /// Returns the supplied key, generates a key, or reads the public key of the configured KMS key.
    pub(super) async fn new_key(&self) -> Result<CertifiedKey, Diagnostics> {
        if let Some(supplied) = &self.private_key {
            return Ok(supplied.read(self.key.algorithm)?.into());
        }
        let Some(arn) = &self.key.kms_key_arn else {
            return Ok(self.generate().await?.into());
        };
        let path = attributes::signing_key();
        let keys = connected_keys(self.stores, self.call).await?;
        let public_key = public_key(&keys, self.call, arn, &path).await?;
        let arn = arn.clone();
        match public_key.algorithm() {
            found if found == self.key.algorithm => Ok(CertifiedKey::Kms { arn, public_key }),
            found => Err(other_algorithm(&arn, found, self.key.algorithm, path).into()),
        }
    }

    /// Issues the certificate with the key of the issuer, or with its own key. Returns the document with the certificate,
    /// and its text.
    pub(super) async fn certify(
        &self,
        arn: &str,
        description: &Description,
        document: KeyDocument,
    ) -> Result<(KeyDocument, SecretText), Diagnostics> {
        let (key, subject) = (document.key(), document.key().public());
        let issued = match (&self.issuer, key) {
            (Some(issuer), _) => {
                self.within(Box::pin(issue(description, subject, issuer)))
                    .await?
            }
            (None, CertifiedKey::Software(own)) => {
                self.within(Box::pin(issue(description, subject, own)))
                    .await?
            }
            (None, CertifiedKey::Kms { arn, .. }) => {
                let path = attributes::signing_key();
                let signer =
                    Box::pin(KmsSigner::open(self.stores, self.call, arn, subject, path)).await?;
                self.within(Box::pin(issue(description, subject, &signer)))
                    .await?
            }
        };
        let failed = |error: &(dyn Error + 'static)| self.wording.certification_failed(arn, error);
        let certificate = issued.map_err(|error| failed(&error))?;
        let complete = document.with_certificate(certificate);
        let complete = complete.map_err(|error| failed(&error))?;
        let text = complete.to_text().map_err(|error| failed(&error))?;
        Ok((complete, text))
    }

    /// Reads the current document after a write whose version exists, but was possibly written by another run. Returns `None`
    /// unless the document contains the certificate of this run, or another one for the same description.
    pub(super) async fn first_stored(
        &self,
        arn: &str,
        own: &KeyDocument,
    ) -> Result<Option<KeyDocument>, Diagnostics> {
        let (document, _) = self.read(arn).await?;
        let described = |document: &KeyDocument| {
            let certificate = document.certificate()?;
            Some((
                certificate.description().clone(),
                certificate.public_key().clone(),
            ))
        };
        let is_same = described(&document) == described(own)
            && self.differences_of_document(&document).is_empty();
        Ok(is_same.then_some(document))
    }

    async fn generate(&self) -> Result<SoftwareKey, Diagnostics> {
        let algorithm = self.key.algorithm;
        let generated = self
            .blocking(move || SoftwareKey::generate(algorithm))
            .await?;
        generated.map_err(|error| {
            let detail = format!("Nothing was created: {error}. Apply again.");
            Diagnostic::error(self.wording.not_generated(), detail).into()
        })
    }

    pub(super) async fn read(&self, arn: &str) -> Result<(KeyDocument, String), Diagnostics> {
        read_document(self.store, self.call, self.wording, arn, self.kms_key()).await
    }

    pub(super) fn kms_key(&self) -> Option<&str> {
        self.key.kms_key_id.as_deref()
    }

    pub(super) fn failed(&self, summary: &str, error: &AwsError) -> Diagnostic {
        diagnostics::call_failed(summary, error, self.kms_key())
    }

    pub(super) fn not_described(&self, error: &AwsError) -> Diagnostic {
        self.failed(&self.wording.summary_of_not_described(), error)
    }

    pub(super) fn not_certified(&self, arn: &str, error: &AwsError) -> Diagnostic {
        self.wording
            .certificate_not_stored(arn, error, self.kms_key())
    }

    /// Runs blocking work in a separate thread. Returns an error if the run is interrupted or times out first.
    pub(super) async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Diagnostics> {
        let done = self.within(tokio::task::spawn_blocking(work)).await?;
        done.map_err(|error| Diagnostic::bug("The cryptographic operation failed", error).into())
    }

    /// Awaits work other than calls. Returns an error if the run is interrupted or times out first.
    pub(super) async fn within<T>(&self, work: impl Future<Output = T>) -> Result<T, Diagnostics> {
        let done = super::calls::within(self.call, work).await;
        done.map_err(|stopped| self.wording.stopped(stopped).into())
    }
}

/// Returns a 64-character write token that depends only on `parts`.
pub(super) fn token(parts: &[&str]) -> String {
    Sha256Fingerprint::of(parts.join("\n").as_bytes()).to_string()
}
