//! Interface for keys that sign certificates and revocation lists. The private key can be in this process, in a service,
//! or in a device.

use std::error::Error;
use std::future::Future;

use super::public_key::PublicKey;
use super::signature_algorithm::SignatureAlgorithm;

/// A key that signs.
pub trait Signer: Send + Sync {
    /// Returns the public key. Its algorithm determines the signature algorithms that the key supports.
    fn public_key(&self) -> &PublicKey;

    /// Returns the maximum size in octets of a message that the key can sign, or `None` if the size is not limited.
    fn message_limit(&self) -> Option<usize> {
        None
    }

    /// Signs a message and returns the signature in the encoding that a certificate requires (RFC 5280 section
    /// 4.1.1.3).
    ///
    /// # Errors
    /// Returns an error if the key cannot sign the message with the algorithm.
    fn sign(
        &self,
        algorithm: SignatureAlgorithm,
        message: &[u8],
    ) -> impl Future<Output = Result<Vec<u8>, SignError>> + Send;
}

/// Failure to sign a message.
#[derive(Debug, thiserror::Error)]
#[error("the signer failed")]
pub struct SignError(#[source] Box<dyn Error + Send + Sync>);

impl SignError {
    /// Creates an error with the reason that the signer reports.
    pub fn new(reason: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(reason.into())
    }
}
