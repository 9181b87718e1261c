//! Hashes that identify keys and certificates. They must not be computed from secrets.

use std::fmt;

use aws_lc_rs::digest::{Algorithm, SHA1_FOR_LEGACY_USE_ONLY, SHA256, SHA384, SHA512, digest};

/// Hash functions for fingerprints, by name.
const FINGERPRINT_ALGORITHMS: [(&str, &Algorithm); 4] = [
    ("SHA1", &SHA1_FOR_LEGACY_USE_ONLY),
    ("SHA256", &SHA256),
    ("SHA384", &SHA384),
    ("SHA512", &SHA512),
];

/// Names of the hash functions that [`fingerprint`] accepts.
pub const FINGERPRINT_ALGORITHM_NAMES: [&str; 4] = ["SHA1", "SHA256", "SHA384", "SHA512"];

/// Returns the hash of `octets` in lowercase hexadecimal, or `None` if the algorithm is unknown.
#[must_use]
pub fn fingerprint(algorithm: &str, octets: &[u8]) -> Option<String> {
    let mut algorithms = FINGERPRINT_ALGORITHMS.iter();
    let (_, algorithm) = algorithms.find(|(name, _)| *name == algorithm)?;
    Some(to_hex(digest(algorithm, octets).as_ref()))
}

/// A SHA-256 hash, printed as 64 lowercase hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sha256Fingerprint([u8; 32]);

impl Sha256Fingerprint {
    /// Returns the hash of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        let mut hash = [0; 32];
        hash.copy_from_slice(digest(&SHA256, bytes).as_ref());
        Self(hash)
    }

    /// Reads 64 lowercase hexadecimal digits. Returns `None` for any other input.
    #[must_use]
    pub fn from_digits(text: &str) -> Option<Self> {
        let hash = Self(from_hex(text)?.try_into().ok()?);
        (hash.to_string() == text).then_some(hash)
    }
}

impl fmt::Display for Sha256Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(f, &self.0)
    }
}

/// A subject key identifier: the leftmost 160 bits of the SHA-256 hash of the subject public key's BIT STRING (RFC
/// 7093 section 2 method 1), printed as 40 lowercase hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyIdentifier([u8; 20]);

impl KeyIdentifier {
    /// Computes the identifier from the content of `subjectPublicKey` without the unused-bits octet.
    pub fn of_subject_public_key(bits: &[u8]) -> Self {
        let mut identifier = [0; 20];
        identifier.copy_from_slice(&Sha256Fingerprint::of(bits).0[..20]);
        Self(identifier)
    }

    /// Returns the identifier as 20 octets.
    pub fn octets(&self) -> &[u8; 20] {
        &self.0
    }
}

impl fmt::Display for KeyIdentifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(f, &self.0)
    }
}

/// Encodes octets as lowercase hexadecimal digits, two per octet.
pub fn to_hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

/// Decodes hexadecimal digits, two per octet. Returns `None` for any other input.
pub(super) fn from_hex(text: &str) -> Option<Vec<u8>> {
    let pairs = text.as_bytes().chunks(2);
    let digit = |digit: u8| char::from(digit).to_digit(16);
    pairs
        .map(|pair| match pair {
            [high, low] => u8::try_from(digit(*high)? * 16 + digit(*low)?).ok(),
            _ => None,
        })
        .collect()
}

/// Writes octets as lowercase hexadecimal digits, two per octet.
pub(super) fn write_hex(f: &mut fmt::Formatter<'_>, octets: &[u8]) -> fmt::Result {
    octets.iter().try_for_each(|octet| write!(f, "{octet:02x}"))
}
