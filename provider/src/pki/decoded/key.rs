//! Public keys with any algorithm (RFC 5280 section 4.1.2.7).

use x509_parser::x509::SubjectPublicKeyInfo;

use super::der;
use crate::pki::algorithm::KeyAlgorithm;
use crate::pki::fingerprint::Sha256Fingerprint;
use crate::pki::textual;

/// Public key with any algorithm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecodedKey {
    /// Algorithm of the key.
    pub algorithm: DecodedKeyAlgorithm,
    spki: Vec<u8>,
    /// Content of `subjectPublicKey`.
    pub(super) bits: Vec<u8>,
}

/// Algorithm of a public key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DecodedKeyAlgorithm {
    /// RSA with the length of the modulus in bits.
    Rsa(usize),
    /// ECDSA over NIST P-256.
    P256,
    /// ECDSA over NIST P-384.
    P384,
    /// ECDSA over NIST P-521.
    P521,
    /// Ed25519 (RFC 8410).
    Ed25519,
    /// Algorithm or curve with this object identifier. For a curve without an identifier, the identifier of the algorithm.
    Other(String),
}

impl DecodedKeyAlgorithm {
    /// Returns the name in the configuration and the state, such as `RSA_4096`. For an algorithm or curve without a name, returns
    /// the object identifier.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Rsa(bits) => format!("RSA_{bits}"),
            Self::P256 => KeyAlgorithm::EcdsaP256.name().to_owned(),
            Self::P384 => KeyAlgorithm::EcdsaP384.name().to_owned(),
            Self::P521 => KeyAlgorithm::EcdsaP521.name().to_owned(),
            Self::Ed25519 => KeyAlgorithm::Ed25519.name().to_owned(),
            Self::Other(oid) => oid.clone(),
        }
    }
}

impl DecodedKey {
    pub(in crate::pki) fn of(spki: &SubjectPublicKeyInfo<'_>) -> Option<Self> {
        let bits = spki.subject_public_key.data.to_vec();
        // For every algorithm, a key consists of whole octets.
        if spki.subject_public_key.unused_bits != 0 {
            return None;
        }
        Some(Self {
            algorithm: algorithm(spki, &bits)?,
            spki: spki.raw.to_vec(),
            bits,
        })
    }

    /// Returns the SHA-256 hash of the DER SubjectPublicKeyInfo.
    #[must_use]
    pub fn sha256(&self) -> Sha256Fingerprint {
        Sha256Fingerprint::of(&self.spki)
    }

    /// Returns the SubjectPublicKeyInfo in PEM format.
    #[must_use]
    pub fn to_pem(&self) -> String {
        textual::encode(textual::PUBLIC_KEY, &self.spki)
    }
}

fn algorithm(spki: &SubjectPublicKeyInfo<'_>, bits: &[u8]) -> Option<DecodedKeyAlgorithm> {
    let oid = der::dotted(&spki.algorithm.algorithm);
    Some(match &*oid {
        "1.2.840.113549.1.1.1" => DecodedKeyAlgorithm::Rsa(modulus_bits(bits)?),
        "1.2.840.10045.2.1" => {
            let curve = spki.algorithm.parameters.as_ref();
            match curve.and_then(|curve| der::object_identifier(curve).ok()) {
                Some(curve) if curve == "1.2.840.10045.3.1.7" => DecodedKeyAlgorithm::P256,
                Some(curve) if curve == "1.3.132.0.34" => DecodedKeyAlgorithm::P384,
                Some(curve) if curve == "1.3.132.0.35" => DecodedKeyAlgorithm::P521,
                Some(curve) => DecodedKeyAlgorithm::Other(curve),
                // Explicit parameters, which RFC 5480 section 2.1.1 does not allow, have no identifier.
                None => DecodedKeyAlgorithm::Other(oid),
            }
        }
        "1.3.101.112" => DecodedKeyAlgorithm::Ed25519,
        _ => DecodedKeyAlgorithm::Other(oid),
    })
}

/// Returns the length in bits of the modulus in an `RSAPublicKey` (RFC 8017 appendix A.1.1).
fn modulus_bits(key: &[u8]) -> Option<usize> {
    let parts = der::sequence(key).ok()?;
    let [modulus, exponent] = &parts[..] else {
        return None;
    };
    der::unsigned(exponent).ok()?;
    let modulus = der::unsigned(modulus).ok()?;
    let first = modulus.first()?;
    let zeros = usize::try_from(first.leading_zeros()).ok()?;
    Some(modulus.len() * 8 - zeros)
}
