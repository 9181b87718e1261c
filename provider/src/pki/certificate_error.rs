//! Reasons why a certificate is unusable. The messages never quote the certificate.

use super::decoded::DecodeError;
use super::lint::Finding;
use super::name::NameError;
use super::name_encoding::NameEncodingError;
use super::public_key::PublicKeyError;
use super::serial::SerialNumberError;
use super::textual::InvalidPem;
use super::validity::ValidityError;

/// Reason why a certificate is unusable.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// The input is not a PEM block.
    #[error("the certificate could not be read")]
    Text(#[from] InvalidPem),
    /// The octets are not a DER-encoded certificate.
    #[error("the octets are not a DER certificate (RFC 5280 section 4.1)")]
    NotDer,
    /// A part of the certificate is malformed.
    #[error("the certificate {0}")]
    Decode(#[from] DecodeError),
    /// The algorithm of the certified key is not supported.
    #[error("the public key of the certificate is unusable")]
    PublicKey(#[from] PublicKeyError),
    /// The signature algorithm is not supported.
    #[error("the signature algorithm of the certificate is not supported")]
    SignatureAlgorithm,
    /// The signature does not verify with the issuer's key.
    #[error("the signature does not verify with the issuer's public key")]
    Signature,
    /// The certificate violates at least one rule.
    #[error("the certificate violates {}", sentences(.0))]
    Lint(Vec<Finding>),
    /// The subject name or the issuer name violates a rule.
    #[error("a name in the certificate is not valid")]
    Name(#[from] NameError),
    /// The encoding of the subject name or the issuer name differs from the encoding that this module writes.
    #[error("a name in the certificate has an unexpected encoding: {0}")]
    NameEncoding(&'static str),
    /// The serial number violates a rule.
    #[error("the serial number of the certificate is not valid")]
    Serial(#[from] SerialNumberError),
    /// The validity period violates a rule.
    #[error("the validity period of the certificate is not valid")]
    Validity(#[from] ValidityError),
    /// This provider cannot represent the value of a field.
    #[error("the {0} of the certificate is out of range")]
    OutOfRange(&'static str),
}

impl From<NameEncodingError> for CertificateError {
    fn from(error: NameEncodingError) -> Self {
        match error {
            NameEncodingError::Name(error) => Self::Name(error),
            NameEncodingError::Encoding(reason) => Self::NameEncoding(reason),
        }
    }
}

fn sentences(findings: &[Finding]) -> String {
    let findings: Vec<String> = findings.iter().map(ToString::to_string).collect();
    findings.join("; ")
}
