//! Public keys and their identifiers.

use rcgen::PublicKeyData;
use x509_parser::oid_registry::{OID_EC_P256, OID_NIST_EC_P384, OID_NIST_EC_P521, OID_SIG_ED25519};
use x509_parser::prelude::FromDer;
use x509_parser::x509::SubjectPublicKeyInfo;

use super::algorithm::KeyAlgorithm;
use super::fingerprint::{KeyIdentifier, Sha256Fingerprint};
use super::textual;

/// Reason why a public key is unusable.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PublicKeyError {
    /// The octets are not a SubjectPublicKeyInfo.
    #[error("the public key is not a DER SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7)")]
    Malformed,
    /// The algorithm, size, or curve is not supported.
    #[error("the public key has an algorithm, size, or curve that this provider does not support")]
    Unsupported,
}

/// A public key as a DER SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    spki: Vec<u8>,
    /// Content of `subjectPublicKey` without the unused-bits octet.
    bits: Vec<u8>,
    algorithm: KeyAlgorithm,
    identifier: KeyIdentifier,
}

impl PublicKey {
    /// Reads a DER SubjectPublicKeyInfo.
    ///
    /// # Errors
    /// Returns an error if the SubjectPublicKeyInfo is malformed or its algorithm is not supported.
    pub fn from_spki(spki: &[u8]) -> Result<Self, PublicKeyError> {
        let (rest, parsed) =
            SubjectPublicKeyInfo::from_der(spki).map_err(|_| PublicKeyError::Malformed)?;
        if !rest.is_empty() {
            return Err(PublicKeyError::Malformed);
        }
        Ok(Self {
            spki: spki.to_vec(),
            bits: parsed.subject_public_key.data.to_vec(),
            algorithm: algorithm_of(&parsed).ok_or(PublicKeyError::Unsupported)?,
            identifier: KeyIdentifier::of_subject_public_key(&parsed.subject_public_key.data),
        })
    }

    /// Reads a SubjectPublicKeyInfo in the RFC 7468 textual encoding.
    ///
    /// # Errors
    /// Returns an error if the input is not exactly one public key, or if its algorithm is not supported.
    pub fn from_pem(text: &str) -> Result<Self, PublicKeyError> {
        let spki =
            textual::decode(textual::PUBLIC_KEY, text).map_err(|_| PublicKeyError::Malformed)?;
        Self::from_spki(&spki)
    }

    /// Returns the algorithm, including its size or curve.
    pub fn algorithm(&self) -> KeyAlgorithm {
        self.algorithm
    }

    /// Returns the DER SubjectPublicKeyInfo.
    pub fn spki(&self) -> &[u8] {
        &self.spki
    }

    /// Returns the SHA-256 hash of the DER SubjectPublicKeyInfo.
    pub fn sha256(&self) -> Sha256Fingerprint {
        Sha256Fingerprint::of(&self.spki)
    }

    /// Returns the identifier for subjectKeyIdentifier and authorityKeyIdentifier.
    pub fn identifier(&self) -> KeyIdentifier {
        self.identifier
    }

    /// Returns the SubjectPublicKeyInfo in the RFC 7468 textual encoding.
    pub fn to_pem(&self) -> String {
        textual::encode(textual::PUBLIC_KEY, &self.spki)
    }
}

impl PublicKeyData for PublicKey {
    fn der_bytes(&self) -> &[u8] {
        &self.bits
    }

    /// Returns an algorithm of which the library writes only the key part.
    fn algorithm(&self) -> &'static rcgen::SignatureAlgorithm {
        self.algorithm.default_signature_algorithm().rcgen()
    }
}

fn algorithm_of(spki: &SubjectPublicKeyInfo<'_>) -> Option<KeyAlgorithm> {
    use x509_parser::public_key::PublicKey as Parsed;
    if spki.algorithm.algorithm == OID_SIG_ED25519 {
        return Some(KeyAlgorithm::Ed25519);
    }
    match spki.parsed().ok()? {
        Parsed::RSA(rsa) if rsa.key_size() == 4096 => Some(KeyAlgorithm::Rsa4096),
        Parsed::RSA(rsa) if rsa.key_size() == 3072 => Some(KeyAlgorithm::Rsa3072),
        Parsed::RSA(rsa) if rsa.key_size() == 2048 => Some(KeyAlgorithm::Rsa2048),
        Parsed::EC(_) => {
            let curve = spki.algorithm.parameters.as_ref()?.as_oid().ok()?;
            let known = [
                (OID_EC_P256, KeyAlgorithm::EcdsaP256),
                (OID_NIST_EC_P384, KeyAlgorithm::EcdsaP384),
                (OID_NIST_EC_P521, KeyAlgorithm::EcdsaP521),
            ];
            known
                .into_iter()
                .find(|(oid, _)| *oid == curve)
                .map(|(_, algorithm)| algorithm)
        }
        _ => None,
    }
}
