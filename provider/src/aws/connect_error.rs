//! Reasons why the AWS clients of a provider configuration cannot be created.

use super::errors::AwsError;

/// Reason why the AWS clients cannot be created.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ConnectError {
    /// The provider's configuration contains an unknown value.
    #[error("the provider configuration contains an unknown value")]
    NotKnownYet {
        /// Name of the first attribute with an unknown value.
        attribute: String,
    },
    /// Neither the configuration nor the environment specifies a region.
    #[error("no AWS region is configured")]
    NoRegion,
    /// The region is malformed, so every hostname derived from it would be wrong.
    #[error("{region:?} is not an AWS region")]
    BadRegion {
        /// Configured region.
        region: String,
    },
    /// The shared files do not contain the profile that the provider block specifies.
    #[error("the shared files do not contain the profile {profile:?}")]
    NoProfile {
        /// Configured profile.
        profile: String,
    },
    /// The shared files that the provider block requires cannot be read.
    #[error("the shared configuration and credentials files cannot be read: {reason}")]
    SharedFiles {
        /// Error message from the SDK.
        reason: String,
    },
    /// An environment variable or a key in the shared files has an invalid value.
    #[error("{source_name} has the invalid value {value:?}")]
    BadSetting {
        /// Name of the variable, or the key and its location.
        source_name: String,
        /// Value of the setting.
        value: String,
        /// Allowed values.
        allowed: &'static str,
    },
    /// `LOG_SENSITIVE_BODIES` is set, which makes the SDK write secrets to the trace log.
    #[error("LOG_SENSITIVE_BODIES is set")]
    SensitiveLogging,
    /// The credentials belong to an account that the configuration does not allow.
    #[error("the credentials belong to account {account}, which is not in allowed_account_ids")]
    AccountNotAllowed {
        /// Account that the credentials belong to.
        account: String,
    },
    /// The account could not be determined.
    #[error("the account that the credentials belong to could not be determined")]
    Identity(#[source] AwsError),
}
