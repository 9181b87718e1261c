//! The connection of one provider configuration: made on first use, shared by every resource.
//!
//! This file knows when a connection is made and why it cannot be; how it is made is [`Clients::connect`].

use std::sync::Arc;

use tfplugin::Diagnostic;
use tokio::sync::OnceCell;

use super::client::Clients;
use super::config::AwsSettings;
use super::errors::AwsError;
use super::tags::{PlannedTags, planned_tags};

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

impl ConnectError {
    /// What the user can do about it.
    #[must_use]
    pub fn remedy(&self) -> String {
        match self {
            Self::NotKnownYet { attribute } => format!(
                "The value of {attribute} in the provider block is only known after apply, but it is needed now. Apply \
                 what it depends on first (-target), or write it as a fixed value."
            ),
            Self::NoRegion => "Set `region` in the provider block, export AWS_REGION, or give the profile a region.".to_owned(),
            Self::BadRegion { .. } => "Write the region as AWS does, such as eu-central-1 or us-gov-west-1.".to_owned(),
            Self::NoProfile { .. } => "Check `profile` in the provider block. List the profiles with:\n\n    aws configure \
                list-profiles\n\nFiles in other places are named by shared_config_files and shared_credentials_files, or by \
                AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE."
                .to_owned(),
            Self::SharedFiles { .. } => "Check shared_config_files and shared_credentials_files in the provider block, or \
                ~/.aws/config and ~/.aws/credentials."
                .to_owned(),
            Self::BadSetting { source_name, allowed, .. } => format!("Set {source_name} to {allowed}, or remove it."),
            Self::SensitiveLogging => "Unset LOG_SENSITIVE_BODIES: with it the AWS SDK writes the bodies of responses, \
                private keys among them, to the trace log."
                .to_owned(),
            Self::AccountNotAllowed { account } => format!(
                "Use credentials of an allowed account (another profile or assume_role), or add \"{account}\" to \
                 allowed_account_ids if this account is meant."
            ),
            Self::Identity(error) => error.detail("sts:GetCallerIdentity is needed for allowed_account_ids."),
        }
    }
}

impl From<ConnectError> for Diagnostic {
    fn from(error: ConnectError) -> Self {
        let text = error.to_string();
        Self::error(
            "AWS cannot be reached as configured",
            format!("{text}.\n\n{}", error.remedy()),
        )
    }
}

/// The clients of one provider configuration, made when the first resource needs them.
///
/// A failure is not kept: the next resource tries again.
pub struct Connection {
    /// The settings, or the name of the attribute that is not known yet.
    settings: Result<AwsSettings, String>,
    default_tags: PlannedTags,
    clients: OnceCell<Arc<Clients>>,
}

impl Connection {
    /// A connection that has not been made yet.
    #[must_use]
    pub fn new(settings: AwsSettings) -> Self {
        Self {
            default_tags: planned_tags(settings.default_tags.clone()),
            settings: Ok(settings),
            clients: OnceCell::new(),
        }
    }

    /// No connection, because the provider's configuration is not known yet; `attribute` is what is missing.
    #[must_use]
    pub fn not_known_yet(attribute: String, default_tags: PlannedTags) -> Self {
        Self {
            default_tags,
            settings: Err(attribute),
            clients: OnceCell::new(),
        }
    }

    /// Tags of everything, as far as the configuration is known.
    #[must_use]
    pub fn default_tags(&self) -> PlannedTags {
        self.default_tags.clone()
    }

    /// The clients, made on the first call.
    ///
    /// # Errors
    /// As [`Clients::connect`].
    pub async fn clients(&self) -> Result<Arc<Clients>, ConnectError> {
        let settings = match &self.settings {
            Ok(settings) => settings,
            Err(attribute) => {
                let attribute = attribute.clone();
                return Err(ConnectError::NotKnownYet { attribute });
            }
        };
        let connect = || async { Clients::connect(settings).await.map(Arc::new) };
        self.clients.get_or_try_init(connect).await.cloned()
    }
}
