//! Interface for keys that sign certificates. The private key can be in this process, in a service, or in a device.

use std::error::Error;
use std::future::Future;

use super::public_key::PublicKey;

/// A key that signs.
pub trait Signer: Send + Sync {
    /// Returns the public key. Its algorithm determines the signature algorithm.
    fn public_key(&self) -> &PublicKey;

    /// Signs a message and returns the signature in the encoding that a certificate requires (RFC 5280 section
    /// 4.1.1.3).
    ///
    /// # Errors
    /// Returns an error if the key cannot sign the message.
    fn sign(&self, message: &[u8]) -> impl Future<Output = Result<Vec<u8>, SignError>> + Send;
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
