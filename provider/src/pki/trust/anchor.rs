//! Trust anchors: self-signed certificates of authorities, which can be issued by other software.

use crate::pki::decoded::{DecodeError, DecodedCertificate};
use crate::pki::fingerprint::Sha256Fingerprint;
use crate::pki::pem::{PemError, PemLabel, pem_block};

/// Self-signed certificate of an authority with a verified signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustAnchor(DecodedCertificate);

/// Reason why a certificate is not a trust anchor.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AnchorError {
    /// The input is not one PEM block.
    #[error("the certificate {0}")]
    Text(#[from] PemError),
    /// The block is not a certificate.
    #[error("the certificate {0}")]
    Decode(#[from] DecodeError),
    /// The issuer and the subject differ, or the signature does not verify with the certificate's own key.
    #[error("the certificate is not self-signed, so it is not a root")]
    NotSelfSigned,
    /// The certificate does not belong to an authority (RFC 5280 section 4.2.1.9).
    #[error(
        "the certificate does not have basicConstraints with cA TRUE, so it is not a certificate authority"
    )]
    NotAuthority,
}

impl TrustAnchor {
    /// Reads a certificate in the RFC 7468 textual encoding.
    ///
    /// # Errors
    /// Returns an error if the input is not exactly one self-signed certificate of an authority.
    pub fn from_pem(text: &str) -> Result<Self, AnchorError> {
        let block = pem_block(PemLabel::Certificate, text)?;
        let certificate = DecodedCertificate::from_der(&block.der)?;
        let signature = &certificate.signature;
        if !certificate.is_self_issued() || signature.verify(&certificate.public_key).is_err() {
            return Err(AnchorError::NotSelfSigned);
        }
        match certificate.extensions.is_ca() {
            true => Ok(Self(certificate)),
            false => Err(AnchorError::NotAuthority),
        }
    }

    /// Returns the certificate.
    #[must_use]
    pub fn certificate(&self) -> &DecodedCertificate {
        &self.0
    }

    /// Returns the SHA-256 hash of the DER SubjectPublicKeyInfo, which identifies the root.
    #[must_use]
    pub fn spki_sha256(&self) -> Sha256Fingerprint {
        self.0.public_key.sha256()
    }
}
