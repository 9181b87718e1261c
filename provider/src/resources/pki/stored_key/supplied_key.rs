//! A private key that the configuration supplies for a new object: `private_key_pem_wo` and `private_key_pem_wo_version`.
//!
//! The key is a write-only argument, so plans, states, and private states never contain it. Only a create reads it. The
//! text is wiped from memory when it is dropped, and no message quotes it.

use tfplugin::{Diagnostic, Diagnostics, Planned, Secret};

use super::attributes;
use super::diagnostics;
use super::intent::{Difference, key_algorithm};
use super::resource_type::StoredKeyType;
use super::state::KeyState;
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
    fn of(secret: &Secret) -> Self {
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
    fn invalid_form(&self) -> Option<Diagnostic> {
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
                "The private key is not a valid key with the algorithm {expected}, or with another supported algorithm."
            ),
        })
    }
}

/// Returns the errors in the arguments of a configuration. Unknown values are accepted.
pub(super) fn invalid_arguments<T: StoredKeyType>(config: &T::Plan) -> Diagnostics {
    let mut found = Diagnostics::new();
    let Some(KeyArguments {
        private_key,
        version,
    }) = T::key_arguments(config)
    else {
        return found;
    };
    if private_key.is_null() {
        return found;
    }
    if config.kms().known().is_some() {
        found.push(diagnostics::kms_and_private_key());
    }
    if version.is_null() {
        found.push(diagnostics::key_without_version());
    }
    found.extend(
        private_key
            .known()
            .and_then(|key| PrivateKey::of(key).invalid_form()),
    );
    found
}

/// Checks the private key in the configuration of a new object. An unknown key is accepted.
pub(super) fn planned_private_key<T: StoredKeyType>(
    config: &T::Plan,
    plan: &T::Plan,
) -> Result<(), Diagnostics> {
    match T::key_arguments(config).map(|arguments| arguments.private_key.is_unknown()) {
        Some(false) if !plan.key_algorithm().is_unknown() => {
            private_key::<T>(config, plan).map(drop)
        }
        _ => Ok(()),
    }
}

/// Returns the private key in the configuration of a new object, or `None` if the configuration does not contain one.
pub(super) fn private_key<T: StoredKeyType>(
    config: &T::Plan,
    plan: &T::Plan,
) -> Result<Option<PrivateKey>, Diagnostics> {
    let Some(arguments) = T::key_arguments(config) else {
        return Ok(None);
    };
    let Some(secret) = arguments.private_key.known() else {
        return match arguments.version.known() {
            Some(_) => Err(diagnostics::missing_private_key().into()),
            None => Ok(None),
        };
    };
    let private_key = PrivateKey::of(secret);
    private_key.read(key_algorithm(plan)?)?;
    Ok(Some(private_key))
}
