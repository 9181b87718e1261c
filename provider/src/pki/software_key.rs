//! A key pair in process memory.
//!
//! The algorithm is stored with the key because PKCS #8 does not specify the hash algorithm for an RSA key.
//! [`SoftwareKey`] does not implement `Debug` and is wiped when dropped. It exports the private key as [`SecretText`]
//! only.

use aws_lc_rs::signature::Ed25519KeyPair;
use rcgen::{KeyPair, PublicKeyData, RsaKeySize, SigningKey as _};
use rustls_pki_types::PrivatePkcs8KeyDer;
use zeroize::Zeroizing;

use super::algorithm::KeyAlgorithm;
use super::public_key::{PublicKey, PublicKeyError};
use super::signature_algorithm::SignatureAlgorithm;
use super::signer::{SignError, Signer};
use super::textual::{self, InvalidPem};
use crate::secret_text::SecretText;

/// Reason why a key could not be generated or read. The messages never quote the key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The cryptographic library could not generate a key.
    #[error("a key with the algorithm {} could not be generated", algorithm.name())]
    Generate {
        /// Requested algorithm.
        algorithm: KeyAlgorithm,
        /// Error that the library returned.
        #[source]
        source: rcgen::Error,
    },
    /// The input is not a PEM block.
    #[error("the private key could not be read")]
    Text(#[from] InvalidPem),
    /// The block is not a private key for the algorithm.
    #[error("the private key is not a PKCS #8 key for the algorithm {}", algorithm.name())]
    NotOfAlgorithm {
        /// Expected algorithm.
        algorithm: KeyAlgorithm,
    },
    /// The key does not have the expected size or curve.
    #[error("the private key has the algorithm {}, but must have {}", found.name(), expected.name())]
    OtherAlgorithm {
        /// Expected algorithm.
        expected: KeyAlgorithm,
        /// Algorithm of the key.
        found: KeyAlgorithm,
    },
    /// The public key is not supported.
    #[error("the public key is unusable")]
    Public(#[from] PublicKeyError),
}

/// Form of a text that should contain a private key. The form never contains a part of the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrivateKeyForm {
    /// One block with an unencrypted PKCS #8 key (RFC 7468 section 10). The content is not checked.
    Pkcs8,
    /// A block with this label, which can be converted to an unencrypted PKCS #8 key: PKCS #1 (RFC 8017 appendix A.1.2),
    /// SEC 1 (RFC 5915), or encrypted PKCS #8 (RFC 7468 section 11).
    Convertible(&'static str),
    /// Anything else.
    Other,
}

impl PrivateKeyForm {
    /// Returns the form of a text.
    #[must_use]
    pub fn of(text: &SecretText) -> Self {
        if textual::decode(textual::PRIVATE_KEY, text.expose()).is_ok() {
            return Self::Pkcs8;
        }
        let labels = ["RSA PRIVATE KEY", "EC PRIVATE KEY", "ENCRYPTED PRIVATE KEY"];
        let begins = |label: &str| {
            let boundary = format!("-----BEGIN {label}-----");
            text.expose().contains(&boundary)
        };
        let found = labels.into_iter().find(|label| begins(label));
        found.map_or(Self::Other, Self::Convertible)
    }
}

/// A key pair that signs in process memory. It is wiped when dropped and does not implement `Debug`.
pub struct SoftwareKey {
    pair: Zeroizing<KeyPair>,
    public: PublicKey,
}

impl SoftwareKey {
    /// Generates a key. Generating an RSA key takes seconds, so call this function where blocking is allowed.
    ///
    /// # Errors
    /// Returns an error if the cryptographic library fails.
    pub fn generate(algorithm: KeyAlgorithm) -> Result<Self, KeyError> {
        let pair =
            generate_pair(algorithm).map_err(|source| KeyError::Generate { algorithm, source })?;
        Self::of_pair(pair, algorithm)
    }

    /// Reads a PKCS #8 key in the RFC 7468 textual encoding.
    ///
    /// # Errors
    /// Returns an error if the input is not a PKCS #8 key, or if the key has a different algorithm, size, or curve.
    pub fn from_pem(algorithm: KeyAlgorithm, text: &SecretText) -> Result<Self, KeyError> {
        let der = textual::decode(textual::PRIVATE_KEY, text.expose())?;
        let pair = read_pair(&der, algorithm.default_signature_algorithm())
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

    /// Returns the public key.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// Returns the private key as PKCS #8 in the RFC 7468 textual encoding.
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

    async fn sign(
        &self,
        algorithm: SignatureAlgorithm,
        message: &[u8],
    ) -> Result<Vec<u8>, SignError> {
        let own = self.public.algorithm();
        if !own.signature_algorithms().contains(&algorithm) {
            let (own, algorithm) = (own.name(), algorithm.name());
            return Err(SignError::new(format!(
                "a key with the algorithm {own} cannot sign with {algorithm}"
            )));
        }
        // A key pair of the signing library has exactly one signature algorithm.
        let pair = match algorithm.rcgen() == self.pair.algorithm() {
            true => return self.pair.sign(message).map_err(SignError::new),
            false => read_pair(self.pair.serialized_der(), algorithm),
        };
        let pair = Zeroizing::new(pair.map_err(SignError::new)?);
        pair.sign(message).map_err(SignError::new)
    }
}

/// Reads a PKCS #8 key that signs with the specified algorithm. PKCS #8 does not contain the algorithm.
fn read_pair(der: &[u8], algorithm: SignatureAlgorithm) -> Result<KeyPair, rcgen::Error> {
    KeyPair::from_pkcs8_der_and_sign_algo(&PrivatePkcs8KeyDer::from(der), algorithm.rcgen())
}

fn generate_pair(algorithm: KeyAlgorithm) -> Result<KeyPair, rcgen::Error> {
    let signature = algorithm.default_signature_algorithm();
    match algorithm {
        KeyAlgorithm::Rsa4096 => KeyPair::generate_rsa_for(signature.rcgen(), RsaKeySize::_4096),
        KeyAlgorithm::Rsa3072 => KeyPair::generate_rsa_for(signature.rcgen(), RsaKeySize::_3072),
        KeyAlgorithm::Rsa2048 => KeyPair::generate_rsa_for(signature.rcgen(), RsaKeySize::_2048),
        KeyAlgorithm::EcdsaP256 | KeyAlgorithm::EcdsaP384 | KeyAlgorithm::EcdsaP521 => {
            KeyPair::generate_for(signature.rcgen())
        }
        KeyAlgorithm::Ed25519 => {
            // The signing library writes version 2 of PKCS #8 (RFC 5958), which OpenSSL cannot read.
            let der = Ed25519KeyPair::generate()
                .and_then(|pair| pair.to_pkcs8v1())
                .map_err(|_| rcgen::Error::KeyGenerationUnavailable)?;
            read_pair(der.as_ref(), signature)
        }
    }
}
