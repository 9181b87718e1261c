//! The key and the certificate that a configuration specifies, and the comparison with a stored key.
//!
//! These functions are pure. They do not choose an action.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use tfplugin::schema::AttributePath;
use tfplugin::{Diagnostic, Diagnostics, Planned};

use super::attributes;
use super::key_store::Kms;
use super::secret::SecretsManager;
use super::state::KeyState;
use crate::aws::secrets::{KmsKeys, compare_kms_keys};
use crate::pki::{
    Description, KeyAlgorithm, KeyDocument, PublicKey, SerialNumber, SignatureAlgorithm,
};
use crate::resources::pki::issuer::IssuingAuthority;

/// The key that a configuration specifies, and the secret that stores it.
#[derive(Debug, Clone, PartialEq)]
pub struct KeyIntent {
    pub(super) algorithm: KeyAlgorithm,
    /// KMS key that contains the private key, or `None` for a key in the document.
    pub(super) kms_key_arn: Option<String>,
    pub(super) secret_name: String,
    pub(super) kms_key_id: Option<String>,
    pub(super) recovery_window_in_days: i64,
    pub(super) replica_regions: Option<BTreeSet<String>>,
    pub(super) tags: BTreeMap<String, String>,
}

/// The certificate that a configuration specifies.
pub trait CertificateIntent: Send + Sync {
    /// Describes a certificate that is issued at `now`.
    ///
    /// # Errors
    /// Returns an error if the certificate cannot be issued at this time.
    fn describe(
        &self,
        serial_number: SerialNumber,
        now: Timestamp,
    ) -> Result<Description, Diagnostics>;

    /// Returns the authority that issues the certificate, or `None` for a self-signed certificate.
    fn issuer(&self) -> Option<&IssuingAuthority> {
        None
    }

    /// Returns the algorithm with which the key signs, or `None` for the default algorithm.
    fn signs_with(&self) -> Option<SignatureAlgorithm> {
        None
    }

    /// Checks that the certificate can be issued for a key, before anything is stored or signed.
    ///
    /// # Errors
    /// Returns an error if the certificate would violate a rule.
    fn check(&self, description: &Description, key: &PublicKey) -> Result<(), Diagnostics> {
        let _ = (description, key);
        Ok(())
    }

    /// Returns the differences between a stored description and the configuration. The serial number is not compared.
    fn differences(&self, stored: &Description) -> Vec<Difference>;
}

/// A difference between the stored object and the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Path of the attribute.
    pub path: AttributePath,
    /// Configured value, for a message.
    pub configured: String,
    /// Stored value, for a message.
    pub stored: String,
}

/// An attribute that cannot be changed after creation.
#[derive(Debug, Clone)]
pub struct LockedAttribute {
    /// Path of the attribute.
    pub path: AttributePath,
    /// Value in the state.
    pub before: Planned<String>,
    /// Value in the plan.
    pub after: Planned<String>,
}

impl KeyIntent {
    /// Converts a plan. All configured values must be known.
    ///
    /// # Errors
    /// Returns an error if a value is unknown or the key algorithm is not supported.
    pub fn of(plan: &impl KeyState) -> Result<Self, Diagnostics> {
        let invalid = |error| Diagnostics::from(Diagnostic::from(error));
        let secret: SecretsManager = plan
            .secrets_manager()
            .clone()
            .settle(attributes::attribute("secrets_manager"))
            .map_err(invalid)?;
        let kms: Option<Kms> = plan
            .kms()
            .clone()
            .settle(attributes::attribute("kms"))
            .map_err(invalid)?;
        let tags: BTreeMap<String, String> = plan
            .tags()
            .clone()
            .settle(attributes::attribute("tags"))
            .map_err(invalid)?;
        Ok(Self {
            algorithm: key_algorithm(plan)?,
            kms_key_arn: kms.map(|kms| kms.key_arn),
            secret_name: secret.name,
            kms_key_id: secret.kms_key_id,
            recovery_window_in_days: secret.recovery_window_in_days,
            replica_regions: secret.replica_regions,
            tags,
        })
    }

    /// Returns the differences between the key of a stored document and the configuration. `kms_key_id` is the KMS key that
    /// encrypts the secret.
    pub(super) fn differences(
        &self,
        document: &KeyDocument,
        kms_key_id: Option<&str>,
    ) -> Vec<Difference> {
        let mut found = Vec::new();
        let stored = document.key().public().algorithm();
        if stored != self.algorithm {
            found.push(Difference {
                path: attributes::key_algorithm(),
                configured: self.algorithm.name().to_owned(),
                stored: stored.name().to_owned(),
            });
        }
        let stored = document.key().kms_arn();
        if stored != self.kms_key_arn.as_deref() {
            let name = |key: Option<&str>| key.unwrap_or("a key in the secret").to_owned();
            found.push(Difference {
                path: attributes::signing_key(),
                configured: name(self.kms_key_arn.as_deref()),
                stored: name(stored),
            });
        }
        if compare_kms_keys(self.kms_key_id.as_deref(), kms_key_id) == KmsKeys::Different {
            let name = |key: Option<&str>| key.unwrap_or("aws/secretsmanager").to_owned();
            found.push(Difference {
                path: attributes::secret_kms_key(),
                configured: name(self.kms_key_id.as_deref()),
                stored: name(kms_key_id),
            });
        }
        found
    }
}

/// Converts the attribute `key_algorithm` of a plan.
///
/// # Errors
/// Returns an error if the value is unknown or not supported.
pub fn key_algorithm(plan: &impl KeyState) -> Result<KeyAlgorithm, Diagnostics> {
    let planned = plan.key_algorithm().clone();
    let name: Result<String, _> = planned.settle(attributes::key_algorithm());
    let name = name.map_err(Diagnostic::from)?;
    KeyAlgorithm::named(&name).ok_or_else(|| {
        Diagnostic::error(
            "Key algorithm is not supported",
            format!("The provider does not support the key algorithm {name}."),
        )
        .at(attributes::key_algorithm())
        .into()
    })
}
