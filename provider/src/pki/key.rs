//! A key pair in the memory of this process, and a public key on its own.
//!
//! The algorithm is kept beside the key, because a PKCS #8 file does not say which hash an RSA key signs with.
//! [`SoftwareKey`] has no `Debug` and is wiped when dropped; its private half leaves only as [`SecretText`].

use aws_lc_rs::signature::Ed25519KeyPair;
use rcgen::{KeyPair, PublicKeyData, RsaKeySize, SignatureAlgorithm, SigningKey as _};
use rustls_pki_types::PrivatePkcs8KeyDer;
use x509_parser::oid_registry::{OID_EC_P256, OID_NIST_EC_P384, OID_SIG_ED25519};
use x509_parser::prelude::FromDer;
use x509_parser::x509::SubjectPublicKeyInfo;
use zeroize::Zeroizing;

use super::algorithm::KeyAlgorithm;
use super::fingerprint::{KeyIdentifier, Sha256Fingerprint};
use super::secret_text::SecretText;
use super::signer::{SignError, Signer};
use super::textual::{self, NotTextual};

/// A key that cannot be made or read. Never quotes the key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The cryptographic library could not make a key.
    #[error("a key of algorithm {} could not be generated", algorithm.name())]
    Generate {
        /// The algorithm asked for.
        algorithm: KeyAlgorithm,
        /// What the library said.
        #[source]
        source: rcgen::Error,
    },
    /// The text is not a PEM block.
    #[error("the private key cannot be read")]
    Text(#[from] NotTextual),
    /// The block is not a private key of the algorithm.
    #[error("the private key is not a PKCS #8 key of algorithm {}", algorithm.name())]
    NotOfAlgorithm {
        /// The algorithm expected.
        algorithm: KeyAlgorithm,
    },
    /// The key has another size or curve than it should.
    #[error("the private key is of algorithm {}, expected {}", found.name(), expected.name())]
    OtherAlgorithm {
        /// The algorithm expected.
        expected: KeyAlgorithm,
        /// The algorithm of the key.
        found: KeyAlgorithm,
    },
    /// The public half is of no supported kind.
    #[error("the public half of the key is not usable")]
    Public(#[from] PublicKeyError),
}

/// A SubjectPublicKeyInfo that is not of a supported algorithm.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PublicKeyError {
    /// The octets are not a SubjectPublicKeyInfo.
    #[error("not a SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7)")]
    Malformed,
    /// The algorithm, size or curve is not supported.
    #[error("the public key is of an algorithm, size or curve that this provider does not support")]
    Unsupported,
}

/// A public key, as DER SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    spki: Vec<u8>,
    /// Content of `subjectPublicKey`, without its unused-bits octet.
    bits: Vec<u8>,
    algorithm: KeyAlgorithm,
    identifier: KeyIdentifier,
}

impl PublicKey {
    /// Reads a DER SubjectPublicKeyInfo.
    ///
    /// # Errors
    /// When it is malformed or of no supported algorithm.
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

    /// The algorithm, with its size or curve.
    pub fn algorithm(&self) -> KeyAlgorithm {
        self.algorithm
    }

    /// Returns the DER SubjectPublicKeyInfo.
    pub(super) fn spki(&self) -> &[u8] {
        &self.spki
    }

    /// SHA-256 over the DER SubjectPublicKeyInfo.
    pub fn sha256(&self) -> Sha256Fingerprint {
        Sha256Fingerprint::of(&self.spki)
    }

    /// The identifier that goes into subjectKeyIdentifier and authorityKeyIdentifier.
    pub fn identifier(&self) -> KeyIdentifier {
        self.identifier
    }

    /// The SubjectPublicKeyInfo in the textual encoding of RFC 7468.
    pub fn to_pem(&self) -> String {
        textual::encode(textual::PUBLIC_KEY, &self.spki)
    }
}

impl PublicKeyData for PublicKey {
    fn der_bytes(&self) -> &[u8] {
        &self.bits
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        self.algorithm.rcgen()
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
        Parsed::EC(_) => {
            let curve = spki.algorithm.parameters.as_ref()?.as_oid().ok()?;
            let known = [
                (OID_EC_P256, KeyAlgorithm::EcdsaP256),
                (OID_NIST_EC_P384, KeyAlgorithm::EcdsaP384),
            ];
            known
                .into_iter()
                .find(|(oid, _)| *oid == curve)
                .map(|(_, algorithm)| algorithm)
        }
        _ => None,
    }
}

/// A key pair in the memory of this process, which signs there. Wiped when dropped; has no `Debug`.
pub struct SoftwareKey {
    pair: Zeroizing<KeyPair>,
    public: PublicKey,
}

impl SoftwareKey {
    /// Makes a new key. An RSA key takes seconds, so call it where blocking is allowed.
    ///
    /// # Errors
    /// When the cryptographic library fails.
    pub fn generate(algorithm: KeyAlgorithm) -> Result<Self, KeyError> {
        let pair =
            generate_pair(algorithm).map_err(|source| KeyError::Generate { algorithm, source })?;
        Self::of_pair(pair, algorithm)
    }

    /// Reads a PKCS #8 key in the textual encoding of RFC 7468.
    ///
    /// # Errors
    /// When the text is not such a key, or the key is not of this algorithm, size and curve.
    pub fn from_pem(algorithm: KeyAlgorithm, text: &SecretText) -> Result<Self, KeyError> {
        let der = textual::decode(textual::PRIVATE_KEY, text.expose())?;
        let pair = KeyPair::from_pkcs8_der_and_sign_algo(
            &PrivatePkcs8KeyDer::from(der.as_slice()),
            algorithm.rcgen(),
        )
        .map_err(|_| KeyError::NotOfAlgorithm { algorithm })?;
        Self::of_pair(pair, algorithm)
    }

    fn of_pair(pair: KeyPair, expected: KeyAlgorithm) -> Result<Self, KeyError> {
        let pair = Zeroizing::new(pair);
        let public = PublicKey::from_spki(&pair.subject_public_key_info())?;
        match public.algorithm() {
            found if found == expected => Ok(Self { pair, public }),
            found => Err(KeyError::OtherAlgorithm { expected, found }),
        }
    }

    /// The public half.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// The private half as PKCS #8 in the textual encoding of RFC 7468.
    pub fn to_pem(&self) -> SecretText {
        SecretText::from(textual::encode_secret(
            textual::PRIVATE_KEY,
            self.pair.serialized_der(),
        ))
    }
}

impl Signer for SoftwareKey {
    fn public_key(&self) -> &PublicKey {
        &self.public
    }

    async fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        self.pair.sign(message).map_err(SignError::new)
    }
}

fn generate_pair(algorithm: KeyAlgorithm) -> Result<KeyPair, rcgen::Error> {
    match algorithm {
        KeyAlgorithm::Rsa4096 => KeyPair::generate_rsa_for(algorithm.rcgen(), RsaKeySize::_4096),
        KeyAlgorithm::Rsa3072 => KeyPair::generate_rsa_for(algorithm.rcgen(), RsaKeySize::_3072),
        KeyAlgorithm::EcdsaP256 | KeyAlgorithm::EcdsaP384 => {
            KeyPair::generate_for(algorithm.rcgen())
        }
        KeyAlgorithm::Ed25519 => {
            // The signing library writes version 2 of PKCS #8 (RFC 5958), which OpenSSL refuses to read.
            let der = Ed25519KeyPair::generate()
                .and_then(|pair| pair.to_pkcs8v1())
                .map_err(|_| rcgen::Error::KeyGenerationUnavailable)?;
            KeyPair::from_pkcs8_der_and_sign_algo(
                &PrivatePkcs8KeyDer::from(der.as_ref()),
                algorithm.rcgen(),
            )
        }
    }
}
