//! What signs certificates: a key whose private half may be in this process, in a service, or in a device.

use std::error::Error;
use std::future::Future;

use super::public_key::PublicKey;

/// A key that signs.
pub trait Signer: Send + Sync {
    /// Returns the public half, whose algorithm is that of the signatures.
    fn public_key(&self) -> &PublicKey;

    /// Signs a message, and returns the signature as a certificate carries it (RFC 5280 section 4.1.1.3).
    ///
    /// # Errors
    /// The key did not sign.
    fn sign(&self, message: &[u8]) -> impl Future<Output = Result<Vec<u8>, SignError>> + Send;
}

/// A key that did not sign.
#[derive(Debug, thiserror::Error)]
#[error("the key did not sign")]
pub struct SignError(#[source] Box<dyn Error + Send + Sync>);

impl SignError {
    /// Returns the error for a reason that the signer gives.
    pub fn new(reason: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(reason.into())
    }
}
