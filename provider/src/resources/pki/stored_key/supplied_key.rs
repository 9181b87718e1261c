//! A private key that the configuration supplies for a new object: `private_key_pem_wo` and `private_key_pem_wo_version`.
//!
//! The key is a write-only argument, so plans, states, and private states never contain it. Only a create reads it. The
//! text is wiped from memory when it is dropped, and no message quotes it.

use tfplugin::{Diagnostic, Planned, Secret};

use super::attributes;
use super::diagnostics;
use super::intent::Difference;
use crate::pki::{
    KEY_ALGORITHM_NAMES, KeyAlgorithm, KeyError, PrivateKeyForm, PublicKey, SoftwareKey,
};
use crate::secret_text::SecretText;

/// The arguments for a private key in a configuration.
pub struct KeyArguments<'a> {
    /// `private_key_pem_wo`.
    pub private_key: &'a Planned<Secret>,
    /// `private_key_pem_wo_version`.
    pub version: &'a Planned<i64>,
}

/// Private key in PEM format. The type does not implement `Debug`.
pub struct PrivateKey(SecretText);

impl PrivateKey {
    /// Returns the private key in an argument.
    pub(super) fn of(secret: &Secret) -> Self {
        Self(SecretText::from(secret.reveal().trim().to_owned()))
    }

    /// Reads the key.
    ///
    /// # Errors
    /// Returns an error if the text is not an unencrypted PKCS #8 key with the algorithm.
    pub(super) fn read(&self, algorithm: KeyAlgorithm) -> Result<SoftwareKey, Diagnostic> {
        SoftwareKey::from_pem(algorithm, &self.0).map_err(|error| match error {
            KeyError::Text(_) => self.not_pkcs8(),
            _ => self.of_other_algorithm(algorithm),
        })
    }

    /// Returns the error for the form of the key, if any. The algorithm is not checked.
    pub(super) fn invalid_form(&self) -> Option<Diagnostic> {
        let form = PrivateKeyForm::of(&self.0);
        (form != PrivateKeyForm::Pkcs8).then(|| self.not_pkcs8())
    }

    /// Returns the difference between this key and a stored key, if any.
    pub(super) fn difference(
        &self,
        algorithm: KeyAlgorithm,
        stored: &PublicKey,
    ) -> Result<Option<Difference>, Diagnostic> {
        let supplied = self.read(algorithm)?;
        let hash = |key: &PublicKey| format!("the key with the SPKI hash {}", key.sha256());
        Ok((supplied.public() != stored).then(|| Difference {
            path: attributes::private_key(),
            configured: hash(supplied.public()),
            stored: hash(stored),
        }))
    }

    fn not_pkcs8(&self) -> Diagnostic {
        let reason = match PrivateKeyForm::of(&self.0) {
            PrivateKeyForm::Convertible(label) => format!(
                "The value is a {label} block. Convert the key to an unencrypted PKCS #8 key:\n\n    openssl pkcs8 -topk8 \
                 -nocrypt -in KEY.pem -out PKCS8.pem"
            ),
            PrivateKeyForm::Pkcs8 | PrivateKeyForm::Other => {
                "The value must be exactly one PRIVATE KEY block, which contains an unencrypted PKCS #8 key (RFC 7468 \
                 section 10)."
                    .to_owned()
            }
        };
        diagnostics::invalid_private_key(reason)
    }

    fn of_other_algorithm(&self, expected: KeyAlgorithm) -> Diagnostic {
        let mut algorithms = KEY_ALGORITHM_NAMES
            .into_iter()
            .filter_map(KeyAlgorithm::named);
        let found = algorithms.find(|other| SoftwareKey::from_pem(*other, &self.0).is_ok());
        let expected = expected.name();
        diagnostics::invalid_private_key(match found.map(KeyAlgorithm::name) {
            Some(found) => format!(
                "The private key has the algorithm {found}, but key_algorithm is {expected}. Set key_algorithm to {found}, or \
                 specify another key."
            ),
            None => format!(
                "The private key is not a valid {expected} key, or its algorithm is not supported. Specify a PKCS #8 key with the \
                 algorithm {expected}."
            ),
        })
    }
}
