//! Verifies signatures on certificates, requests, and revocation lists.

use std::ops::RangeInclusive;

use aws_lc_rs::signature::{self, UnparsedPublicKey, VerificationAlgorithm};
use x509_parser::asn1_rs::BitString;
use x509_parser::x509::AlgorithmIdentifier;

use super::der;
use super::error::DecodeError;
use super::key::{DecodedKey, DecodedKeyAlgorithm};

/// Signature on a part of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    algorithm: SignatureAlgorithm,
    value: Vec<u8>,
    signed: Vec<u8>,
}

/// Reason why a signature is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignatureFailure {
    /// The signature does not match the key and the signed octets.
    Mismatch,
    /// The algorithm is broken or unknown, does not belong to the key, or the RSA key does not have 2048 to 8192 bits. In an
    /// RSASSA-PSS signature, this also includes a salt that does not have the length of the hash value.
    Algorithm,
}

/// Hash function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hash {
    Sha256,
    Sha384,
    Sha512,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum SignatureAlgorithm {
    RsaPkcs1(Hash),
    /// RSASSA-PSS with the length of the salt in octets.
    RsaPss(Hash, u32),
    Ecdsa(Hash),
    Ed25519,
    /// Name or object identifier of an unsupported algorithm.
    Other(String),
}

/// Lengths of RSA keys in bits that `aws-lc-rs` supports for verification.
const RSA_BITS: RangeInclusive<usize> = 2048..=8192;

/// Names of unsupported algorithms.
const WEAK: [(&str, &str); 5] = [
    ("1.2.840.113549.1.1.4", "MD5WITHRSA"),
    ("1.2.840.113549.1.1.5", "SHA1WITHRSA"),
    ("1.3.14.3.2.29", "SHA1WITHRSA"),
    ("1.2.840.10045.4.1", "SHA1WITHECDSA"),
    ("1.2.840.10040.4.3", "SHA1WITHDSA"),
];

impl Hash {
    const fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "SHA256",
            Self::Sha384 => "SHA384",
            Self::Sha512 => "SHA512",
        }
    }
}

impl SignatureAlgorithm {
    fn of(identifier: &AlgorithmIdentifier<'_>) -> Self {
        let oid = der::dotted(&identifier.algorithm);
        match &*oid {
            "1.2.840.113549.1.1.11" => Self::RsaPkcs1(Hash::Sha256),
            "1.2.840.113549.1.1.12" => Self::RsaPkcs1(Hash::Sha384),
            "1.2.840.113549.1.1.13" => Self::RsaPkcs1(Hash::Sha512),
            "1.2.840.10045.4.3.2" => Self::Ecdsa(Hash::Sha256),
            "1.2.840.10045.4.3.3" => Self::Ecdsa(Hash::Sha384),
            "1.2.840.10045.4.3.4" => Self::Ecdsa(Hash::Sha512),
            "1.3.101.112" => Self::Ed25519,
            "1.2.840.113549.1.1.10" => pss_parameters(identifier)
                .map_or(Self::Other(oid), |(hash, salt)| Self::RsaPss(hash, salt)),
            _ => {
                let weak = WEAK.iter().find(|(known, _)| *known == oid);
                Self::Other(weak.map_or(oid, |(_, name)| (*name).to_owned()))
            }
        }
    }

    fn name(&self) -> String {
        match self {
            Self::RsaPkcs1(hash) => format!("{}WITHRSA", hash.name()),
            Self::RsaPss(hash, _) => format!("{}WITHRSAPSS", hash.name()),
            Self::Ecdsa(hash) => format!("{}WITHECDSA", hash.name()),
            Self::Ed25519 => "ED25519".to_owned(),
            Self::Other(name) => name.clone(),
        }
    }

    /// Returns the verification algorithm of `aws-lc-rs` for a key. For RSASSA-PSS, the library supports only a salt with the length
    /// of the hash value.
    fn verification(
        &self,
        key: &DecodedKeyAlgorithm,
    ) -> Option<&'static dyn VerificationAlgorithm> {
        use DecodedKeyAlgorithm as Key;
        use Hash::{Sha256, Sha384, Sha512};
        Some(match (self, key) {
            (Self::RsaPkcs1(Sha256), Key::Rsa(_)) => &signature::RSA_PKCS1_2048_8192_SHA256,
            (Self::RsaPkcs1(Sha384), Key::Rsa(_)) => &signature::RSA_PKCS1_2048_8192_SHA384,
            (Self::RsaPkcs1(Sha512), Key::Rsa(_)) => &signature::RSA_PKCS1_2048_8192_SHA512,
            (Self::RsaPss(Sha256, 32), Key::Rsa(_)) => &signature::RSA_PSS_2048_8192_SHA256,
            (Self::RsaPss(Sha384, 48), Key::Rsa(_)) => &signature::RSA_PSS_2048_8192_SHA384,
            (Self::RsaPss(Sha512, 64), Key::Rsa(_)) => &signature::RSA_PSS_2048_8192_SHA512,
            (Self::Ecdsa(Sha256), Key::P256) => &signature::ECDSA_P256_SHA256_ASN1,
            (Self::Ecdsa(Sha384), Key::P256) => &signature::ECDSA_P256_SHA384_ASN1,
            (Self::Ecdsa(Sha512), Key::P256) => &signature::ECDSA_P256_SHA512_ASN1,
            (Self::Ecdsa(Sha256), Key::P384) => &signature::ECDSA_P384_SHA256_ASN1,
            (Self::Ecdsa(Sha384), Key::P384) => &signature::ECDSA_P384_SHA384_ASN1,
            (Self::Ecdsa(Sha512), Key::P384) => &signature::ECDSA_P384_SHA512_ASN1,
            (Self::Ecdsa(Sha256), Key::P521) => &signature::ECDSA_P521_SHA256_ASN1,
            (Self::Ecdsa(Sha384), Key::P521) => &signature::ECDSA_P521_SHA384_ASN1,
            (Self::Ecdsa(Sha512), Key::P521) => &signature::ECDSA_P521_SHA512_ASN1,
            (Self::Ed25519, Key::Ed25519) => &signature::ED25519,
            _ => return None,
        })
    }
}

impl Signature {
    /// Creates a signature on `signed`. `inner` is the algorithm in the signed part, if the part specifies one.
    pub(in crate::pki) fn new(
        identifier: &AlgorithmIdentifier<'_>,
        inner: Option<&AlgorithmIdentifier<'_>>,
        value: &BitString<'_>,
        signed: &[u8],
    ) -> Result<Self, DecodeError> {
        if inner.is_some_and(|inner| inner != identifier) {
            return Err(DecodeError::SignatureAlgorithms);
        }
        if value.unused_bits != 0 {
            return Err(DecodeError::Part("signature"));
        }
        Ok(Self {
            algorithm: SignatureAlgorithm::of(identifier),
            value: value.data.to_vec(),
            signed: signed.to_vec(),
        })
    }

    /// Returns the AWS Private CA name of the algorithm, such as `SHA256WITHRSA`. For an algorithm without a name, returns the
    /// object identifier.
    #[must_use]
    pub fn algorithm(&self) -> String {
        self.algorithm.name()
    }

    /// Verifies the signature with the public key of its signer.
    ///
    /// # Errors
    /// Returns an error if the signature does not verify, or if its algorithm is not supported.
    pub fn verify(&self, key: &DecodedKey) -> Result<(), SignatureFailure> {
        if matches!(key.algorithm, DecodedKeyAlgorithm::Rsa(bits) if !RSA_BITS.contains(&bits)) {
            return Err(SignatureFailure::Algorithm);
        }
        let algorithm = self.algorithm.verification(&key.algorithm);
        let algorithm = algorithm.ok_or(SignatureFailure::Algorithm)?;
        UnparsedPublicKey::new(algorithm, &key.bits)
            .verify(&self.signed, &self.value)
            .map_err(|_| SignatureFailure::Mismatch)
    }
}

/// Returns the hash function and the length of the salt in RSASSA-PSS parameters (RFC 4055 section 3.1) if MGF1 uses the same
/// hash function.
fn pss_parameters(identifier: &AlgorithmIdentifier<'_>) -> Option<(Hash, u32)> {
    let parameters = der::elements(identifier.parameters.as_ref()?).ok()?;
    let content = |tag: u32| {
        let mut parts = parameters.iter();
        let part = parts.find(|part| der::context(part) == Some(tag))?;
        Some(part.data)
    };
    let tagged = |tag: u32| der::sequence(content(tag)?).ok();
    let number = |tag: u32, default| match content(tag) {
        Some(content) => der::small(&der::only(content).ok()?).ok(),
        None => Some(default),
    };
    let oid_of = |parts: &[_]| der::object_identifier(parts.first()?).ok();
    let hash = oid_of(&tagged(0)?)?;
    let mask = tagged(1)?;
    let mask_hash = oid_of(&der::elements(mask.get(1)?).ok()?)?;
    let is_mgf1 = oid_of(&mask)? == "1.2.840.113549.1.1.8";
    let (salt, trailer) = (number(2, 20)?, number(3, 1)?);
    if !is_mgf1 || mask_hash != hash || trailer != 1 {
        return None;
    }
    let hash = match &*hash {
        "2.16.840.1.101.3.4.2.1" => Hash::Sha256,
        "2.16.840.1.101.3.4.2.2" => Hash::Sha384,
        "2.16.840.1.101.3.4.2.3" => Hash::Sha512,
        _ => return None,
    };
    Some((hash, salt))
}
