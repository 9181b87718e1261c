//! The AWS Secrets Manager operations that are required to store the key of a certificate authority.
//!
//! [`SecretStore`] is the interface, and [`client::SecretsManager`] is the implementation. This module does not interpret
//! secret values.

pub mod client;
mod model;

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tfplugin::Diagnostics;
use tfplugin::schema::Value;

use super::arn::Arn;
use super::errors::{AwsError, AwsErrorKind};
use super::identity::Identity;
use super::tags::PlannedTags;
use crate::secret_text::SecretText;

pub use model::{
    CurrentValue, NewSecret, Replica, ReplicaRegion, ReplicationStatus, SecretDescription,
    VersionSelector, VersionValue, WrittenVersion,
};

/// A secret with this name already exists, or the token was used with a different value.
pub const EXISTS: &str = "ResourceExistsException";
/// The secret or its version does not exist.
pub const NOT_FOUND: &str = "ResourceNotFoundException";
/// The secret is in a state that does not allow the call, such as pending deletion.
pub const INVALID_REQUEST: &str = "InvalidRequestException";

/// Staging label of the current version (API reference, `VersionStages`).
pub const CURRENT: &str = "AWSCURRENT";

/// Interface to Secrets Manager. Each `id` is an ARN or a name.
pub trait SecretStore: Send + Sync {
    /// Calls `CreateSecret`.
    ///
    /// # Errors
    /// Returns an error if the name is in use ([`EXISTS`]) or the secret is pending deletion ([`INVALID_REQUEST`]).
    fn create(
        &self,
        secret: NewSecret<'_>,
    ) -> impl Future<Output = Result<WrittenVersion, AwsError>> + Send;

    /// Calls `DescribeSecret`.
    ///
    /// # Errors
    /// Returns an error if the secret does not exist ([`NOT_FOUND`]).
    fn describe(
        &self,
        id: &str,
    ) -> impl Future<Output = Result<SecretDescription, AwsError>> + Send;

    /// Calls `GetSecretValue` for the current version.
    ///
    /// # Errors
    /// Returns an error if the secret does not exist ([`NOT_FOUND`]) or is pending deletion ([`INVALID_REQUEST`]).
    fn value(&self, id: &str) -> impl Future<Output = Result<CurrentValue, AwsError>> + Send;

    /// Calls `PutSecretValue`, which creates a new current version.
    ///
    /// # Errors
    /// Returns an error if the token was used with a different value ([`EXISTS`]).
    fn put(
        &self,
        id: &str,
        token: &str,
        value: &SecretText,
    ) -> impl Future<Output = Result<WrittenVersion, AwsError>> + Send;

    /// Calls `PutSecretValue` with `VersionStages`, which creates a version with exactly these staging labels. The labels
    /// are removed from the versions that have them. `AWSCURRENT` is moved only if `stages` contains it. A repeated call
    /// with the same token and value has no effect, including on the labels.
    ///
    /// # Errors
    /// Returns an error if the token was used with a different value ([`EXISTS`]).
    fn put_staged(
        &self,
        id: &str,
        token: &str,
        value: &SecretText,
        stages: &[&str],
    ) -> impl Future<Output = Result<WrittenVersion, AwsError>> + Send;

    /// Calls `GetSecretValue` for a version.
    ///
    /// # Errors
    /// Returns an error if the secret or the version does not exist ([`NOT_FOUND`]), or the secret is pending deletion
    /// ([`INVALID_REQUEST`]).
    fn value_of(
        &self,
        id: &str,
        version: VersionSelector<'_>,
    ) -> impl Future<Output = Result<VersionValue, AwsError>> + Send;

    /// Calls `ReplicateSecretToRegions` without `ForceOverwriteReplicaSecret`, so an existing secret in a region is not
    /// overwritten. The result of the replication is in [`SecretDescription::replicas`].
    ///
    /// # Errors
    /// Returns an error if a region is not valid, already contains a replica, or is the primary region
    /// (`InvalidParameterException`).
    fn replicate(
        &self,
        id: &str,
        regions: &[ReplicaRegion],
    ) -> impl Future<Output = Result<(), AwsError>> + Send;

    /// Calls `RemoveRegionsFromReplication`, which deletes the replicas.
    ///
    /// # Errors
    /// Returns an error if the secret does not exist ([`NOT_FOUND`]).
    fn remove_replicas(
        &self,
        id: &str,
        regions: &[String],
    ) -> impl Future<Output = Result<(), AwsError>> + Send;

    /// Calls `TagResource`.
    ///
    /// # Errors
    /// Returns an error if the secret does not exist ([`NOT_FOUND`]).
    fn tag(
        &self,
        id: &str,
        tags: &BTreeMap<String, String>,
    ) -> impl Future<Output = Result<(), AwsError>> + Send;

    /// Calls `UntagResource`.
    ///
    /// # Errors
    /// Returns an error if the secret does not exist ([`NOT_FOUND`]).
    fn untag(&self, id: &str, keys: &[String])
    -> impl Future<Output = Result<(), AwsError>> + Send;

    /// Calls `DeleteSecret` with a recovery window. A window of 0 days deletes the secret without recovery.
    ///
    /// # Errors
    /// Returns an error if the secret does not exist ([`NOT_FOUND`]) or is already pending deletion
    /// ([`INVALID_REQUEST`]).
    fn delete(
        &self,
        id: &str,
        recovery_window_in_days: i64,
    ) -> impl Future<Output = Result<(), AwsError>> + Send;

    /// Returns the provider's `default_tags`.
    fn default_tags(&self) -> BTreeMap<String, String>;

    /// Returns the region and the account of the connection.
    fn identity(&self) -> Arc<Identity>;

    /// Returns the `Date` header of the last service response, including error responses.
    fn answered_at(&self) -> Option<Timestamp>;

    /// Waits before a retry.
    fn pause(&self, duration: Duration) -> impl Future<Output = ()> + Send;
}

/// Source of the secret store for a resource, after the provider is configured.
pub trait SecretStores: Send + Sync + 'static {
    /// Store type.
    type Store: SecretStore + Sync;

    /// Returns the connected store, or `None` if the provider configuration contains unknown values.
    ///
    /// # Errors
    /// Returns an error if the provider is not configured, or if the client cannot be created from its configuration.
    fn open_if_known(
        &self,
    ) -> impl Future<Output = Result<Option<Self::Store>, Diagnostics>> + Send;

    /// Returns the connected store.
    ///
    /// # Errors
    /// Returns an error in the same cases as [`SecretStores::open_if_known`], and if the provider configuration
    /// contains unknown values.
    fn open(&self) -> impl Future<Output = Result<Self::Store, Diagnostics>> + Send;

    /// Returns the planned `default_tags` without a connection. The tags can be unknown.
    fn planned_default_tags(&self) -> PlannedTags;
}

/// Returns the missing KMS actions if Secrets Manager denied a call because the caller cannot use the KMS key that
/// encrypts the secret. Returns `None` for every other error.
///
/// The service returns the code `AccessDeniedException`, as if the call itself were denied, and the message "Access to
/// KMS is not allowed". Source of the actions: AWS Secrets Manager User Guide, "Secret encryption and decryption in AWS
/// Secrets Manager", section "Permissions for the KMS key".
#[must_use]
pub fn missing_kms_actions(error: &AwsError) -> Option<&'static str> {
    let (denied, message) = (
        error.kind == AwsErrorKind::AccessDenied,
        error.message.as_str(),
    );
    // Role names and secret names in the message can also contain these strings.
    let other_action = message.contains("perform: secretsmanager:");
    let about_kms = message.contains("kms:") || message.contains("KMS");
    if !denied || other_action || !about_kms {
        return None;
    }
    Some(match error.action {
        "secretsmanager:GetSecretValue" => "kms:Decrypt",
        _ => "kms:GenerateDataKey and kms:Decrypt",
    })
}

/// Constraint on a recovery window, phrased as the end of a sentence that begins with "must".
pub const RECOVERY_WINDOW_RULE: &str = "be between 7 and 30, or 0 to delete without recovery";

/// Returns whether a number of days is a valid recovery window (API reference, `DeleteSecret`) or 0, which means no
/// recovery window.
#[must_use]
pub fn is_recovery_window(days: &Value) -> bool {
    match days {
        Value::Number(days) => {
            matches!(days.as_i64(), Some(0 | 7..=30))
        }
        _ => false,
    }
}

/// AWS omits the field for the default key. Emulators and older endpoints return the alias.
fn is_default_kms_key(key: &str) -> bool {
    key.is_empty() || key.ends_with("alias/aws/secretsmanager")
}

/// Result of comparing two KMS key identifiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KmsKeys {
    /// Both identifiers refer to the same key.
    Same,
    /// The identifiers refer to different keys.
    Different,
    /// Only one identifier is an alias, so only KMS can compare them.
    Undecided,
}

/// Compares two KMS key identifiers. A missing identifier means `aws/secretsmanager`. The resource part of an ARN is
/// `key/` followed by the key ID, or the alias name (KMS API reference, `CreateKey` and `CreateAlias`).
pub fn compare_kms_keys(one: Option<&str>, other: Option<&str>) -> KmsKeys {
    let own = |key: Option<&'_ str>| {
        key.filter(|key| !is_default_kms_key(key))
            .map(str::to_owned)
    };
    let same = match (own(one), own(other)) {
        (None, None) => true,
        (Some(one), Some(other)) => {
            if one.contains("alias/") != other.contains("alias/") {
                return KmsKeys::Undecided;
            }
            match (Arn::parse(&one), Arn::parse(&other)) {
                (Some(one), Some(other)) => one == other,
                _ => kms_name(&one) == kms_name(&other),
            }
        }
        _ => false,
    };
    if same {
        KmsKeys::Same
    } else {
        KmsKeys::Different
    }
}

/// Returns the key ID or alias name in a KMS key identifier.
fn kms_name(key: &str) -> String {
    let resource = Arn::parse(key).map_or_else(|| key.to_owned(), |arn| arn.resource);
    resource
        .strip_prefix("key/")
        .unwrap_or(&resource)
        .to_owned()
}

/// Constraint on a replica region, phrased as the end of a sentence that begins with "must".
pub const REGION_RULE: &str = "be the code of an AWS Region, such as `eu-west-1`";

/// Returns whether a text has the form of a region code (API reference, `ReplicaRegionType`, `Region`).
#[must_use]
pub fn is_region(text: &str) -> bool {
    let Some((names, number)) = text.rsplit_once('-') else {
        return false;
    };
    let name = |name: &str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase());
    let digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    names.split('-').all(name) && digits && text.len() <= 128
}

/// Constraint on a secret name, phrased as the end of a sentence that begins with "must".
pub const NAME_RULE: &str = "have 1 to 512 characters (letters, digits, or `/_+=.@-`) and not end with a hyphen and \
    six characters, which Secrets Manager interprets as the suffix of an ARN";

/// Returns whether a name is valid for a secret (API reference, `CreateSecret`, `Name`).
pub fn is_secret_name(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"/_+=.@-".contains(&byte);
    let like_an_arn = name.len() >= 7
        && name.as_bytes()[name.len() - 7] == b'-'
        && name
            .bytes()
            .rev()
            .take(6)
            .all(|byte| byte.is_ascii_alphanumeric());
    (1..=512).contains(&name.len()) && name.bytes().all(allowed) && !like_an_arn
}

#[cfg(test)]
mod tests;
