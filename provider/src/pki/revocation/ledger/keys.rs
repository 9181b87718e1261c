//! Keys of ledger objects.

use crate::pki::fingerprint::Sha256Fingerprint;
use crate::pki::serial::SerialNumber;

/// Object keys of the ledger of one issuer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerKeys {
    folder: String,
    issuer: Sha256Fingerprint,
}

impl LedgerKeys {
    /// Returns the keys for an issuer below `prefix`, which can be empty and can end with a slash. `issuer` is the SHA-256 hash of
    /// the issuer's SubjectPublicKeyInfo.
    #[must_use]
    pub fn new(prefix: &str, issuer: Sha256Fingerprint) -> Self {
        let folder = match prefix.trim_end_matches('/') {
            "" => issuer.to_string(),
            prefix => format!("{prefix}/{issuer}"),
        };
        Self { folder, issuer }
    }

    /// Returns the SHA-256 hash of the issuer's SubjectPublicKeyInfo.
    #[must_use]
    pub fn issuer(&self) -> Sha256Fingerprint {
        self.issuer
    }

    /// Returns the key of the issuance record of a certificate.
    #[must_use]
    pub fn issued(&self, serial_number: &SerialNumber) -> String {
        format!("{}/issued/{serial_number}.json", self.folder)
    }

    /// Returns the key of the certificate that was issued for a request. `issuance` identifies the issuance.
    #[must_use]
    pub fn requested(&self, issuance: Sha256Fingerprint) -> String {
        format!("{}/requests/{issuance}.pem", self.folder)
    }

    /// Returns the key of the revocation record of a certificate.
    #[must_use]
    pub fn revocation(&self, serial_number: &SerialNumber) -> String {
        format!("{}{serial_number}.json", self.revocations())
    }

    /// Returns the prefix of the keys of all revocation records.
    #[must_use]
    pub fn revocations(&self) -> String {
        format!("{}/revocations/", self.folder)
    }
}
