//! Certificates that a second parser has read and that are verified and linted.
//!
//! [`Certificate::read_root`] and [`Certificate::read_issued`] are the only constructors, for both newly signed and
//! stored certificates. This module does not sign certificates.

use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;
use x509_parser::x509::SubjectPublicKeyInfo;

use super::certificate_error::CertificateError;
use super::decoded::{self, DecodeError, DecodedCertificate};
use super::description::{CertificateKind, Description};
use super::fingerprint::{KeyIdentifier, Sha256Fingerprint};
use super::lint::{self, Finding, Severity};
use super::parse;
use super::public_key::{PublicKey, PublicKeyError};
use super::textual;

/// A certificate that has a verified signature and complies with all rules for its kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    der: Vec<u8>,
    description: Description,
    public_key: PublicKey,
    /// Identifier of the key that verified the signature.
    issuer_key: KeyIdentifier,
    warnings: Vec<Finding>,
}

impl Certificate {
    /// Reads, verifies, and lints a self-signed DER certificate.
    ///
    /// # Errors
    /// Returns an error if the certificate is malformed, its signature does not verify with its own key, or it violates
    /// a rule for roots.
    pub fn read_root(der: &[u8]) -> Result<Self, CertificateError> {
        let parsed = parsed(der)?;
        let own = PublicKey::from_spki(parsed.public_key().raw);
        verify(&parsed, parsed.public_key())?;
        let issuer = lint::identifier_of(&parsed);
        Self::linted(der, &parsed, CertificateKind::Root, issuer, own)
    }

    /// Reads, verifies, and lints a DER certificate of the specified kind that an issuer signed.
    ///
    /// # Errors
    /// Returns an error if the certificate is malformed, its signature does not verify with the issuer's key, or it
    /// violates a rule for its kind.
    pub fn read_issued(
        der: &[u8],
        kind: CertificateKind,
        issuer: &PublicKey,
    ) -> Result<Self, CertificateError> {
        let parsed = parsed(der)?;
        let own = PublicKey::from_spki(parsed.public_key().raw);
        let (_, key) = SubjectPublicKeyInfo::from_der(issuer.spki())
            .map_err(|_| CertificateError::Signature)?;
        verify(&parsed, &key)?;
        Self::linted(der, &parsed, kind, issuer.identifier(), own)
    }

    fn linted(
        der: &[u8],
        parsed: &X509Certificate<'_>,
        kind: CertificateKind,
        issuer: KeyIdentifier,
        public_key: Result<PublicKey, PublicKeyError>,
    ) -> Result<Self, CertificateError> {
        let (errors, warnings): (Vec<Finding>, _) = lint::findings(parsed, kind, issuer)
            .into_iter()
            .partition(|finding| finding.severity == Severity::Error);
        if !errors.is_empty() {
            return Err(CertificateError::Lint(errors));
        }
        Ok(Self {
            der: der.to_vec(),
            description: parse::description(parsed)?,
            public_key: public_key?,
            issuer_key: issuer,
            warnings,
        })
    }

    /// Like [`Certificate::read_root`], but reads the RFC 7468 textual encoding.
    ///
    /// # Errors
    /// Returns an error if the input is not exactly one certificate, or if [`Certificate::read_root`] returns an error.
    pub fn root_from_pem(text: &str) -> Result<Self, CertificateError> {
        Self::read_root(&textual::decode(textual::CERTIFICATE, text)?)
    }

    /// Like [`Certificate::read_issued`], but reads the RFC 7468 textual encoding.
    ///
    /// # Errors
    /// Returns an error if the input is not exactly one certificate, or if [`Certificate::read_issued`] returns an
    /// error.
    pub fn issued_from_pem(
        text: &str,
        kind: CertificateKind,
        issuer: &PublicKey,
    ) -> Result<Self, CertificateError> {
        let der = textual::decode(textual::CERTIFICATE, text)?;
        Self::read_issued(&der, kind, issuer)
    }

    /// Returns the violated rules with the severity [`Severity::Warning`].
    #[must_use]
    pub fn warnings(&self) -> &[Finding] {
        &self.warnings
    }

    /// Returns all fields of the certificate except the keys.
    #[must_use]
    pub fn description(&self) -> &Description {
        &self.description
    }

    /// Returns the certified key.
    #[must_use]
    pub fn public_key(&self) -> &PublicKey {
        &self.public_key
    }

    /// Decodes the certificate for path validation.
    ///
    /// # Errors
    /// Returns an error if path validation cannot decode the certificate.
    pub(super) fn decoded(&self) -> Result<DecodedCertificate, DecodeError> {
        DecodedCertificate::from_der(&self.der)
    }

    /// Returns the DER certificate.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// Returns whether `issuer` issued this certificate: its subject equals the issuer name of this certificate, and
    /// its key identifier equals the identifier of the key that verified the signature.
    #[must_use]
    pub fn is_issued_by(&self, issuer: &Self) -> bool {
        self.description.issuer == issuer.description.subject
            && self.issuer_key == issuer.public_key.identifier()
    }

    /// Returns the SHA-256 fingerprint of the DER certificate.
    #[must_use]
    pub fn sha256(&self) -> Sha256Fingerprint {
        Sha256Fingerprint::of(&self.der)
    }

    /// Returns the certificate in the RFC 7468 textual encoding.
    #[must_use]
    pub fn to_pem(&self) -> String {
        textual::encode(textual::CERTIFICATE, &self.der)
    }
}

/// Verifies the signature. The parser would not support signatures with a P-521 key.
fn verify(
    certificate: &X509Certificate<'_>,
    issuer: &SubjectPublicKeyInfo<'_>,
) -> Result<(), CertificateError> {
    let signature = decoded::Signature::new(
        &certificate.signature_algorithm,
        None,
        &certificate.signature_value,
        certificate.tbs_certificate.as_ref(),
    );
    let verified = signature
        .ok()
        .zip(decoded::DecodedKey::of(issuer))
        .is_some_and(|(signature, key)| signature.verify(&key).is_ok());
    match verified {
        true => Ok(()),
        false => Err(CertificateError::Signature),
    }
}

fn parsed(der: &[u8]) -> Result<X509Certificate<'_>, CertificateError> {
    match X509Certificate::from_der(der) {
        Ok(([], parsed)) => Ok(parsed),
        _ => Err(CertificateError::NotDer),
    }
}
