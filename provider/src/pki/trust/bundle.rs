//! Trust bundles and their published representations.

use std::fmt::Write as _;

use jiff::Timestamp;

use super::anchor::TrustAnchor;
use super::error::TrustError;
use super::status::RootStatus;
use crate::pki::decoded::DecodedCertificate;
use crate::pki::fingerprint::Sha256Fingerprint;

/// Largest version: 2^53 - 1, the largest integer that all JSON implementations represent exactly (RFC 8259 section 6).
pub const MAX_VERSION: u64 = (1 << 53) - 1;

/// Root in a bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustedRoot {
    /// Certificate of the root.
    pub anchor: TrustAnchor,
    /// Status of the root.
    pub status: RootStatus,
    /// Start of the window, in whole seconds.
    pub distribute_from: Timestamp,
    /// Time of the first bundle with the root, in whole seconds.
    pub published_at: Timestamp,
    /// Time of the first bundle in which the root is retiring, in whole seconds.
    pub retiring_since: Option<Timestamp>,
    /// End of the window, in whole seconds.
    pub trust_until: Option<Timestamp>,
}

/// Bundle of roots that complies with all rules except the rules for successors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustBundle {
    pub(super) version: u64,
    pub(super) roots: Vec<TrustedRoot>,
    pub(super) cross_certificates: Vec<DecodedCertificate>,
}

impl TrustBundle {
    /// Returns the certificates of all roots that are not retired, in the RFC 7468 textual encoding.
    #[must_use]
    pub fn to_pem(&self) -> String {
        let trusted = self.roots.iter();
        let trusted = trusted.filter(|root| root.status != RootStatus::Retired);
        trusted
            .map(|root| root.anchor.certificate().to_pem())
            .collect()
    }

    /// Returns the version of the content.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Returns the roots in ascending order of the SHA-256 hashes of their keys.
    #[must_use]
    pub fn roots(&self) -> &[TrustedRoot] {
        &self.roots
    }

    /// Returns the cross-certificates.
    #[must_use]
    pub fn cross_certificates(&self) -> &[DecodedCertificate] {
        &self.cross_certificates
    }

    /// Returns the root with the specified key.
    #[must_use]
    pub fn root(&self, spki_sha256: Sha256Fingerprint) -> Option<&TrustedRoot> {
        let mut roots = self.roots.iter();
        roots.find(|root| root.anchor.spki_sha256() == spki_sha256)
    }

    /// Returns the bundle with a higher version than the last known one. This is necessary if the published bundle is missing.
    ///
    /// # Errors
    /// Returns an error if the version has reached its maximum.
    pub fn after_version(self, known: u64) -> Result<Self, TrustError> {
        if self.version > known {
            return Ok(self);
        }
        let version = known.checked_add(1).filter(|next| *next <= MAX_VERSION);
        let version = version.ok_or(TrustError::VersionExhausted)?;
        Ok(Self { version, ..self })
    }

    /// Checks that a published bundle is not older than the last known version.
    ///
    /// # Errors
    /// Returns an error if the version is lower than `known`.
    pub fn check_version(&self, known: u64) -> Result<(), TrustError> {
        match self.version < known {
            true => Err(TrustError::Older {
                published: self.version,
                known,
            }),
            false => Ok(()),
        }
    }
}

/// Returns the SHA-256 hashes of files in the format that `sha256sum --check` reads. Names must not contain line feeds or
/// backslashes, which the format would escape.
#[must_use]
pub fn sha256sums<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut text = String::new();
    for (name, content) in files {
        let hash = Sha256Fingerprint::of(content.as_bytes());
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{hash}  {name}");
    }
    text
}
