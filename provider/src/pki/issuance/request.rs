//! The key in a certificate signing request (PKCS #10, RFC 2986). The requester keeps the private key.

use crate::pki::decoded::{DecodeError, DecodedRequest};
use crate::pki::description::{CertificateKind, KeyUsage};
use crate::pki::pem::{PemError, PemLabel, pem_block};
use crate::pki::public_key::{PublicKey, PublicKeyError};

/// Reason why the key in a request is not certified.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    /// The text is not one PEM block with a request.
    #[error("the certificate signing request could not be read")]
    Text(#[from] PemError),
    /// The request is malformed or its signature does not verify.
    #[error("the certificate signing request is not valid")]
    Request(#[from] DecodeError),
    /// The algorithm of the key is not supported.
    #[error("the public key in the certificate signing request is unusable")]
    Key(#[from] PublicKeyError),
    /// A request for an end entity requests the key usage of an authority.
    #[error(
        "the certificate signing request is for a certificate authority ({0}), but the certificate is for an end entity; create \
         the request without this extension, or issue an intermediate authority"
    )]
    Authority(&'static str),
    /// The key is too weak for an authority.
    #[error(
        "the key in the certificate signing request has the algorithm {0}, which is for end entities only; create a request with \
         an RSA key of at least 3072 bits, an ECDSA key, or an Ed25519 key"
    )]
    WeakKey(&'static str),
}

/// Returns the key in a PEM request after its signature is verified. Only the key is used: the certificate has the names
/// and extensions of its description, not of the request.
///
/// # Errors
/// Returns an error if the text is not a request, its signature does not verify, the key is not supported for the kind of
/// certificate, or the request of an end entity is for a certificate authority.
pub fn certified_key(text: &str, kind: CertificateKind) -> Result<PublicKey, RequestError> {
    let block = pem_block(PemLabel::CertificateRequest, text)?;
    let request = DecodedRequest::from_der(&block.der)?;
    let key = PublicKey::from_pem(&request.public_key.to_pem())?;
    if kind != CertificateKind::Leaf {
        let algorithm = key.algorithm();
        return match algorithm.can_certify() {
            true => Ok(key),
            false => Err(RequestError::WeakKey(algorithm.name())),
        };
    }
    let requests = |usage| {
        let usages = request.extensions.key_usage.as_ref();
        usages.is_some_and(|usages| usages.contains(&usage))
    };
    if request.extensions.is_ca() {
        return Err(RequestError::Authority("basicConstraints with cA TRUE"));
    }
    match [KeyUsage::KeyCertSign, KeyUsage::CrlSign]
        .into_iter()
        .find(|usage| requests(*usage))
    {
        Some(KeyUsage::KeyCertSign) => Err(RequestError::Authority("keyUsage with keyCertSign")),
        Some(_) => Err(RequestError::Authority("keyUsage with cRLSign")),
        None => Ok(key),
    }
}
