//! Why there are no clients for a configuration of the provider.

use super::errors::AwsError;

/// Why there are no clients.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ConnectError {
    /// The provider's configuration depends on something that is not made yet.
    #[error("the provider's configuration is not known yet")]
    NotKnownYet {
        /// The first attribute that is not known.
        attribute: String,
    },
    /// Neither the configuration nor the environment names a region.
    #[error("no AWS region is configured")]
    NoRegion,
    /// The region cannot be one, so every host name made from it would be wrong.
    #[error("{region:?} is not an AWS region")]
    BadRegion {
        /// What was configured.
        region: String,
    },
    /// The shared files have no profile of the name in the provider block.
    #[error("the shared files have no profile {profile:?}")]
    NoProfile {
        /// The profile as configured.
        profile: String,
    },
    /// The shared files that the provider block needs cannot be read.
    #[error("the shared configuration and credentials files cannot be read: {reason}")]
    SharedFiles {
        /// Why, in the SDK's words.
        reason: String,
    },
    /// A variable or a line of the shared files has a value that it cannot have.
    #[error("{source_name} is {value:?}, which is not a valid value")]
    BadSetting {
        /// The variable, or the key and where it stands.
        source_name: String,
        /// Its value.
        value: String,
        /// The allowed values.
        allowed: &'static str,
    },
    /// `LOG_SENSITIVE_BODIES` is set, with which the SDK would write secrets to the trace log.
    #[error("LOG_SENSITIVE_BODIES is set")]
    SensitiveLogging,
    /// The credentials belong to an account that the configuration does not allow.
    #[error("the credentials belong to account {account}, which allowed_account_ids does not list")]
    AccountNotAllowed {
        /// The account of the credentials.
        account: String,
    },
    /// The account could not be found out.
    #[error("the account of the credentials could not be checked")]
    Identity(#[source] AwsError),
}
