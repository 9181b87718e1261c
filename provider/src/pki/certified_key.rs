//! The key of a key document: in the document itself, or in a key management service that never releases it.

use super::public_key::PublicKey;
use super::software_key::SoftwareKey;

/// The key that the certificates of a key document certify. The type does not implement `Debug` because a software key
/// must not be printed.
pub enum CertifiedKey {
    /// The document contains the private key.
    Software(SoftwareKey),
    /// AWS KMS contains the private key.
    Kms {
        /// Identifier of the key in the service. This module does not interpret it.
        arn: String,
        /// Public key that the service returned.
        public_key: PublicKey,
    },
}

impl CertifiedKey {
    /// Returns the public key.
    #[must_use]
    pub fn public(&self) -> &PublicKey {
        match self {
            Self::Software(key) => key.public(),
            Self::Kms { public_key, .. } => public_key,
        }
    }

    /// Returns the key if the document contains the private key.
    #[must_use]
    pub fn software(&self) -> Option<&SoftwareKey> {
        match self {
            Self::Software(key) => Some(key),
            Self::Kms { .. } => None,
        }
    }

    /// Returns the identifier of the key in AWS KMS, or `None` if the document contains the private key.
    #[must_use]
    pub fn kms_arn(&self) -> Option<&str> {
        match self {
            Self::Software(_) => None,
            Self::Kms { arn, .. } => Some(arn),
        }
    }
}

impl From<SoftwareKey> for CertifiedKey {
    fn from(key: SoftwareKey) -> Self {
        Self::Software(key)
    }
}
