//! The AWS Secrets Manager operations that are required to store the key of a certificate authority.
//!
//! [`SecretStore`] is the interface, and [`SecretsManager`] is the implementation. This module does not interpret
//! secret values.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_secretsmanager::types::Tag;
use jiff::Timestamp;
use tfplugin::schema::Value;
use tfplugin::{Configured, Diagnostic, Diagnostics, Planned};

use super::answer_date::AnswerDate;
use super::arn::Arn;
use super::client::Clients;
use super::connect_error::ConnectError;
use super::connection::Connection;
use super::errors::{AwsError, AwsErrorKind};
use super::identity::Identity;
use super::tags::PlannedTags;
use crate::secret_text::SecretText;

/// A secret with this name already exists, or the token was used with a different value.
pub const EXISTS: &str = "ResourceExistsException";
/// The secret or its version does not exist.
pub const NOT_FOUND: &str = "ResourceNotFoundException";
/// The secret is in a state that does not allow the call, such as pending deletion.
pub const INVALID_REQUEST: &str = "InvalidRequestException";

/// Staging label of the current version (API reference, `VersionStages`).
const CURRENT: &str = "AWSCURRENT";

/// Parameters of a new secret.
pub struct NewSecret<'a> {
    /// Name, which is unique within the account and the region.
    pub name: &'a str,
    /// Description that the AWS console displays.
    pub description: &'a str,
    /// KMS key that encrypts the secret. Defaults to `aws/secretsmanager`.
    pub kms_key_id: Option<&'a str>,
    /// Tags.
    pub tags: &'a BTreeMap<String, String>,
    /// Idempotency token of 32 to 64 characters, which becomes the version ID. Repeated calls with the same token and
    /// value take effect only once.
    pub token: &'a str,
    /// Value of the first version.
    pub value: &'a SecretText,
}

/// Version of a secret that a call wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenVersion {
    /// ARN of the secret.
    pub arn: String,
    /// ID of the version.
    pub version_id: String,
}

/// Result of `DescribeSecret`, which does not include the value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretDescription {
    /// ARN of the secret.
    pub arn: String,
    /// Name of the secret.
    pub name: String,
    /// KMS key that encrypts the secret. `None` for `aws/secretsmanager`.
    pub kms_key_id: Option<String>,
    /// Tags, excluding tags that AWS sets.
    pub tags: BTreeMap<String, String>,
    /// `DeletedDate`, which is present while the secret is scheduled for deletion.
    pub deletion_date: Option<Timestamp>,
    /// Whether Secrets Manager rotates the value.
    pub rotated: bool,
    /// AWS service that manages the secret.
    pub owning_service: Option<String>,
    /// ID of the current version.
    pub current_version_id: Option<String>,
    /// IDs of all versions that have a staging label.
    pub version_ids: Vec<String>,
}

impl SecretDescription {
    /// Returns whether the secret is scheduled for deletion.
    #[must_use]
    pub fn pending_deletion(&self) -> bool {
        self.deletion_date.is_some()
    }
}

/// Current value of a secret. The type does not implement `Debug`.
pub struct CurrentValue {
    /// Secret string. `None` if the secret is binary.
    pub text: Option<SecretText>,
    /// Version ID.
    pub version_id: String,
}

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

impl SecretStores for Configured<Connection> {
    type Store = SecretsManager;

    async fn open_if_known(&self) -> Result<Option<SecretsManager>, Diagnostics> {
        match self.get()?.clients().await {
            Ok(clients) => Ok(Some(SecretsManager::over(clients))),
            Err(ConnectError::NotKnownYet { .. }) => Ok(None),
            Err(error) => Err(Diagnostic::from(error).into()),
        }
    }

    async fn open(&self) -> Result<SecretsManager, Diagnostics> {
        match self.get()?.clients().await {
            Ok(clients) => Ok(SecretsManager::over(clients)),
            Err(error) => Err(Diagnostic::from(error).into()),
        }
    }

    fn planned_default_tags(&self) -> PlannedTags {
        self.get()
            .map_or(Planned::Unknown, |connection| connection.default_tags())
    }
}

/// Client for AWS Secrets Manager.
pub struct SecretsManager {
    clients: Arc<Clients>,
    answered: AnswerDate,
}

impl SecretsManager {
    fn over(clients: Arc<Clients>) -> Self {
        Self {
            clients,
            answered: AnswerDate::default(),
        }
    }

    fn client(&self) -> &aws_sdk_secretsmanager::Client {
        &self.clients.secrets_manager
    }
}

impl SecretStore for SecretsManager {
    async fn create(&self, secret: NewSecret<'_>) -> Result<WrittenVersion, AwsError> {
        const ACTION: &str = "secretsmanager:CreateSecret";
        let request = self
            .client()
            .create_secret()
            .name(secret.name)
            .description(secret.description)
            .set_kms_key_id(secret.kms_key_id.map(str::to_owned))
            .set_tags(Some(tags_of(secret.tags)))
            .client_request_token(secret.token)
            .secret_string(secret.value.expose())
            .customize()
            .interceptor(self.answered.clone());
        let answer = request
            .send()
            .await
            .map_err(|error| AwsError::new(ACTION, &error))?;
        written(ACTION, answer.arn, answer.version_id)
    }

    async fn describe(&self, id: &str) -> Result<SecretDescription, AwsError> {
        const ACTION: &str = "secretsmanager:DescribeSecret";
        let request = self.client().describe_secret().secret_id(id).customize();
        let answer = request.interceptor(self.answered.clone()).send().await;
        let answer = answer.map_err(|error| AwsError::new(ACTION, &error))?;
        let versions = answer.version_ids_to_stages.unwrap_or_default();
        let current = versions
            .iter()
            .find(|(_, stages)| stages.iter().any(|stage| stage == CURRENT));
        let tags = answer.tags.unwrap_or_default().into_iter();
        Ok(SecretDescription {
            arn: answer.arn.ok_or_else(|| AwsError::incomplete(ACTION))?,
            name: answer.name.ok_or_else(|| AwsError::incomplete(ACTION))?,
            kms_key_id: answer.kms_key_id.filter(|key| !is_default_kms_key(key)),
            tags: tags
                .filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default())))
                .filter(|(key, _)| !key.starts_with("aws:"))
                .collect(),
            deletion_date: answer
                .deleted_date
                .map(|date| Timestamp::new(date.secs(), 0).unwrap_or(Timestamp::MAX)),
            rotated: answer.rotation_enabled.unwrap_or(false),
            owning_service: answer.owning_service.filter(|service| !service.is_empty()),
            current_version_id: current.map(|(id, _)| id.clone()),
            version_ids: versions.into_keys().collect(),
        })
    }

    async fn value(&self, id: &str) -> Result<CurrentValue, AwsError> {
        const ACTION: &str = "secretsmanager:GetSecretValue";
        let answer = self.client().get_secret_value().secret_id(id).send().await;
        let answer = answer.map_err(|error| AwsError::new(ACTION, &error))?;
        Ok(CurrentValue {
            text: answer.secret_string.map(SecretText::from),
            version_id: answer
                .version_id
                .ok_or_else(|| AwsError::incomplete(ACTION))?,
        })
    }

    async fn put(
        &self,
        id: &str,
        token: &str,
        value: &SecretText,
    ) -> Result<WrittenVersion, AwsError> {
        const ACTION: &str = "secretsmanager:PutSecretValue";
        let request = self
            .client()
            .put_secret_value()
            .secret_id(id)
            .client_request_token(token)
            .secret_string(value.expose());
        let answer = request
            .send()
            .await
            .map_err(|error| AwsError::new(ACTION, &error))?;
        written(ACTION, answer.arn, answer.version_id)
    }

    async fn tag(&self, id: &str, tags: &BTreeMap<String, String>) -> Result<(), AwsError> {
        let request = self
            .client()
            .tag_resource()
            .secret_id(id)
            .set_tags(Some(tags_of(tags)));
        let answer = request.send().await;
        answer
            .map(drop)
            .map_err(|error| AwsError::new("secretsmanager:TagResource", &error))
    }

    async fn untag(&self, id: &str, keys: &[String]) -> Result<(), AwsError> {
        let request = self
            .client()
            .untag_resource()
            .secret_id(id)
            .set_tag_keys(Some(keys.to_vec()));
        let answer = request.send().await;
        answer
            .map(drop)
            .map_err(|error| AwsError::new("secretsmanager:UntagResource", &error))
    }

    async fn delete(&self, id: &str, recovery_window_in_days: i64) -> Result<(), AwsError> {
        let request = self.client().delete_secret().secret_id(id);
        let request = match recovery_window_in_days {
            0 => request.force_delete_without_recovery(true),
            days => request.recovery_window_in_days(days),
        };
        let answer = request.send().await;
        answer
            .map(drop)
            .map_err(|error| AwsError::new("secretsmanager:DeleteSecret", &error))
    }

    fn default_tags(&self) -> BTreeMap<String, String> {
        self.clients.default_tags.clone()
    }

    fn identity(&self) -> Arc<Identity> {
        Arc::clone(&self.clients.identity)
    }

    fn answered_at(&self) -> Option<Timestamp> {
        self.answered.last()
    }

    async fn pause(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
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

fn tags_of(tags: &BTreeMap<String, String>) -> Vec<Tag> {
    tags.iter()
        .map(|(key, value)| Tag::builder().key(key).value(value).build())
        .collect()
}

fn written(
    action: &'static str,
    arn: Option<String>,
    version_id: Option<String>,
) -> Result<WrittenVersion, AwsError> {
    match (arn, version_id) {
        (Some(arn), Some(version_id)) => Ok(WrittenVersion { arn, version_id }),
        _ => Err(AwsError::incomplete(action)),
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
