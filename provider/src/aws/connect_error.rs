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
    /// Neither the configuration nor the environment names a region.
    #[error("no AWS region is configured")]
    NoRegion,
    /// The region is malformed, so every host name derived from it would be wrong.
    #[error("{region:?} is not an AWS region")]
    BadRegion {
        /// The configured region.
        region: String,
    },
    /// The shared files do not contain the profile of the provider block.
    #[error("the shared files have no profile {profile:?}")]
    NoProfile {
        /// The configured profile.
        profile: String,
    },
    /// The shared files that the provider block needs cannot be read.
    #[error("the shared configuration and credentials files cannot be read: {reason}")]
    SharedFiles {
        /// Error message of the SDK.
        reason: String,
    },
    /// An environment variable or a key of the shared files has an invalid value.
    #[error("{source_name} is {value:?}, which is not a valid value")]
    BadSetting {
        /// Name of the variable, or the key and its location.
        source_name: String,
        /// Its value.
        value: String,
        /// The allowed values.
        allowed: &'static str,
    },
    /// `LOG_SENSITIVE_BODIES` is set, which makes the SDK write secrets to the trace log.
    #[error("LOG_SENSITIVE_BODIES is set")]
    SensitiveLogging,
    /// The credentials belong to an account that the configuration does not allow.
    #[error("the credentials belong to account {account}, which allowed_account_ids does not list")]
    AccountNotAllowed {
        /// The account of the credentials.
        account: String,
    },
    /// The account could not be determined.
    #[error("the account of the credentials could not be checked")]
    Identity(#[source] AwsError),
}
