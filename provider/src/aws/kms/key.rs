//! Description of a KMS key, and the reasons why it cannot sign certificates. Pure.
//!
//! Follows the AWS KMS API reference, pages `KeyMetadata` and `DescribeKey`, and the AWS KMS Developer Guide, "Key
//! states of AWS KMS keys".

use jiff::Timestamp;

use super::specification::KeySpec;

/// `KeyUsage` of a signing key (`KeyMetadata`, `KeyUsage`).
pub const SIGN_VERIFY: &str = "SIGN_VERIFY";

/// Description of a key (`KeyMetadata`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KmsKey {
    /// ARN of the key.
    pub arn: String,
    /// ID of the key.
    pub key_id: String,
    /// `KeySpec` as KMS returns it. [`KeySpec::named`] returns the supported specification.
    pub spec: String,
    /// `KeyUsage`, such as [`SIGN_VERIFY`].
    pub usage: String,
    /// `KeyState`.
    pub state: KeyState,
    /// `Origin`: `AWS_KMS`, or `EXTERNAL` for imported key material. Keys in custom key stores have `AWS_CLOUDHSM` or
    /// `EXTERNAL_KEY_STORE`.
    pub origin: String,
    /// Whether the key is a multi-Region key.
    pub multi_region: bool,
    /// ID of the custom key store that contains the key, if any.
    pub custom_key_store: Option<String>,
    /// `DeletionDate`, which is present while the key is pending deletion.
    pub deletion_date: Option<Timestamp>,
    /// `Enabled`, which is true if and only if the state is `Enabled`.
    pub enabled: bool,
}

/// State of a key (`KeyMetadata`, `KeyState`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyState {
    /// The key is being created, such as a replica of a multi-Region key.
    Creating,
    /// The key can be used.
    Enabled,
    /// An administrator disabled the key.
    Disabled,
    /// The key will be deleted at its deletion date.
    PendingDeletion,
    /// The key has no key material, because none was imported, or it expired or was deleted.
    PendingImport,
    /// The key is a multi-Region primary key that will be deleted after its replicas.
    PendingReplicaDeletion,
    /// The custom key store that contains the key is not connected. Signing keys cannot be in a custom key store.
    Unavailable,
    /// The primary Region of a multi-Region key is being updated.
    Updating,
    /// Any other state.
    Other(String),
}

impl KeyState {
    /// Returns the state with this name in the KMS API.
    #[must_use]
    pub fn named(name: &str) -> Self {
        let known = [
            Self::Creating,
            Self::Enabled,
            Self::Disabled,
            Self::PendingDeletion,
            Self::PendingImport,
            Self::PendingReplicaDeletion,
            Self::Unavailable,
            Self::Updating,
        ];
        let found = known.into_iter().find(|state| state.name() == name);
        found.unwrap_or_else(|| Self::Other(name.to_owned()))
    }

    /// Returns the name in the KMS API.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Creating => "Creating",
            Self::Enabled => "Enabled",
            Self::Disabled => "Disabled",
            Self::PendingDeletion => "PendingDeletion",
            Self::PendingImport => "PendingImport",
            Self::PendingReplicaDeletion => "PendingReplicaDeletion",
            Self::Unavailable => "Unavailable",
            Self::Updating => "Updating",
            Self::Other(name) => name,
        }
    }

    /// Returns whether a key in this state can sign. While a key is `Updating`, cryptographic operations are allowed
    /// (`UpdatePrimaryRegion`). An unknown state is left to KMS to decide.
    #[must_use]
    pub fn can_sign(&self) -> bool {
        matches!(self, Self::Enabled | Self::Updating | Self::Other(_))
    }
}

/// Reason why a key cannot sign certificates. [`super::diagnostics`] contains the messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyProblem {
    /// The usage is not [`SIGN_VERIFY`]. The usage of a key cannot be changed (`CreateKey`, `KeyUsage`).
    Usage {
        /// ARN of the key.
        arn: String,
        /// `KeyUsage` of the key.
        usage: String,
    },
    /// The specification is not the required one. The specification of a key cannot be changed (`CreateKey`,
    /// `KeySpec`).
    Spec {
        /// ARN of the key.
        arn: String,
        /// `KeySpec` of the key.
        spec: String,
        /// Required specification.
        required: KeySpec,
    },
    /// The state does not allow signing.
    State {
        /// The key.
        key: KmsKey,
    },
    /// A custom key store contains the key. Custom key stores contain only symmetric encryption keys (`CreateKey`,
    /// `CustomKeyStoreId`).
    CustomKeyStore {
        /// ARN of the key.
        arn: String,
        /// ID of the custom key store.
        store: String,
    },
    /// `DescribeKey` returned another key than the requested one.
    Arn {
        /// Requested ARN.
        requested: String,
        /// Returned ARN.
        returned: String,
    },
}

impl KmsKey {
    /// Returns all reasons why the key cannot sign with a key algorithm. `requested` is the configured ARN.
    ///
    /// The multi-Region property and imported key material do not matter: KMS signs with replicas and with imported keys
    /// in the same way.
    #[must_use]
    pub fn problems(&self, requested: &str, required: KeySpec) -> Vec<KeyProblem> {
        let mut found = Vec::new();
        if self.arn != requested {
            found.push(KeyProblem::Arn {
                requested: requested.to_owned(),
                returned: self.arn.clone(),
            });
        }
        if self.usage != SIGN_VERIFY {
            found.push(KeyProblem::Usage {
                arn: self.arn.clone(),
                usage: self.usage.clone(),
            });
        }
        if self.spec != required.name() {
            found.push(KeyProblem::Spec {
                arn: self.arn.clone(),
                spec: self.spec.clone(),
                required,
            });
        }
        if let Some(store) = &self.custom_key_store {
            found.push(KeyProblem::CustomKeyStore {
                arn: self.arn.clone(),
                store: store.clone(),
            });
        }
        if !self.state.can_sign() {
            found.push(KeyProblem::State { key: self.clone() });
        }
        found
    }
}
