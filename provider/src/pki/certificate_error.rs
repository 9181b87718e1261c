//! Why a certificate cannot be used. Quotes nothing of the certificate.

use super::lint::Finding;
use super::name::NameError;
use super::public_key::PublicKeyError;
use super::serial::SerialNumberError;
use super::textual::NotTextual;
use super::validity::ValidityError;

/// A certificate that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// The text is not a PEM block.
    #[error("the certificate cannot be read")]
    Text(#[from] NotTextual),
    /// The octets are not a certificate.
    #[error("the octets are not a DER certificate (RFC 5280 section 4.1)")]
    NotDer,
    /// The key in the certificate is of no supported algorithm.
    #[error("the public key of the certificate is not usable")]
    PublicKey(#[from] PublicKeyError),
    /// The signature does not verify with the key of the issuer.
    #[error("the signature does not verify with the public key of the issuer")]
    Signature,
    /// The certificate violates rules.
    #[error("the certificate violates {}", sentences(.0))]
    Lint(Vec<Finding>),
    /// The name of subject or issuer violates a rule.
    #[error("a name in the certificate is not allowed")]
    Name(#[from] NameError),
    /// The name of subject or issuer is encoded in another way than names are encoded here.
    #[error("a name in the certificate is encoded unexpectedly: {0}")]
    NameEncoding(&'static str),
    /// The serial number violates a rule.
    #[error("the serial number of the certificate is not allowed")]
    Serial(#[from] SerialNumberError),
    /// The validity violates a rule.
    #[error("the validity of the certificate is not allowed")]
    Validity(#[from] ValidityError),
    /// A time, path length or name is out of the range that can be worked with.
    #[error("the certificate's {0} is out of range")]
    OutOfRange(&'static str),
}

fn sentences(findings: &[Finding]) -> String {
    let findings: Vec<String> = findings.iter().map(ToString::to_string).collect();
    findings.join("; ")
}
