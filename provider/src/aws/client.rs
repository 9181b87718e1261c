//! The one set of AWS clients: made on first use, shared by every resource.
//!
//! No other file of this crate builds an SDK client or reads an `AWS_*` variable. `AWS_ENDPOINT_URL` and
//! `AWS_ENDPOINT_URL_<SERVICE>` are read by the SDK itself; an endpoint from the provider block wins over them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, ConfigLoader, FrameworkMetadata, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
use tfplugin::Diagnostic;
use tokio::sync::OnceCell;

use super::config::{AwsSettings, Service};
use super::credentials::{RoleCredentials, WebIdentityCredentials};
use super::errors::AwsError;
use super::identity::Identity;
use super::tags::{PlannedTags, planned_tags};

/// How long one attempt of one call may take before it is given up and tried again.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(60);

/// Every AWS client the provider uses.
#[derive(Clone)]
pub struct Clients {
    /// CloudWatch Logs.
    pub logs: aws_sdk_cloudwatchlogs::Client,
    /// Elastic Container Service.
    pub ecs: aws_sdk_ecs::Client,
    /// Elastic Load Balancing v2.
    pub elbv2: aws_sdk_elasticloadbalancingv2::Client,
    /// Secrets Manager.
    pub secrets_manager: aws_sdk_secretsmanager::Client,
    /// Security Token Service.
    pub sts: aws_sdk_sts::Client,
    /// The region all of them talk to.
    pub region: String,
    /// Tags put on everything that is made, unless the resource says otherwise.
    pub default_tags: BTreeMap<String, String>,
    /// Region and account, to be compared with what a state names.
    pub identity: Arc<Identity>,
}

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
            "There is no way to AWS",
            format!("{text}.\n\n{}", error.remedy()),
        )
    }
}

impl Clients {
    /// Finds region and credentials and makes the clients. The network is used only to check
    /// `allowed_account_ids`; credentials are fetched by the first call.
    ///
    /// # Errors
    /// [`ConnectError`] if there is no usable region, the account is not allowed or cannot be found out, or the
    /// environment asks the SDK to log secrets.
    pub async fn connect(settings: &AwsSettings) -> Result<Self, ConnectError> {
        refuse_sensitive_logging(std::env::var("LOG_SENSITIVE_BODIES").ok().as_deref())?;
        let base = base_config(settings).await;
        let region = checked_region(base.region())?;
        let config = with_roles(base, settings);
        let sts = sts_client(&config, settings);
        let clients = Self {
            identity: Arc::new(Identity::new(region.clone(), sts.clone())),
            logs: aws_sdk_cloudwatchlogs::Client::from_conf({
                let builder = aws_sdk_cloudwatchlogs::config::Builder::from(&config);
                match settings.endpoints.get(&Service::CloudWatchLogs) {
                    Some(url) => builder.endpoint_url(url).build(),
                    None => builder.build(),
                }
            }),
            ecs: aws_sdk_ecs::Client::from_conf({
                let builder = aws_sdk_ecs::config::Builder::from(&config);
                match settings.endpoints.get(&Service::Ecs) {
                    Some(url) => builder.endpoint_url(url).build(),
                    None => builder.build(),
                }
            }),
            elbv2: aws_sdk_elasticloadbalancingv2::Client::from_conf({
                let builder = aws_sdk_elasticloadbalancingv2::config::Builder::from(&config);
                match settings.endpoints.get(&Service::ElasticLoadBalancingV2) {
                    Some(url) => builder.endpoint_url(url).build(),
                    None => builder.build(),
                }
            }),
            secrets_manager: aws_sdk_secretsmanager::Client::from_conf({
                let builder = aws_sdk_secretsmanager::config::Builder::from(&config);
                match settings.endpoints.get(&Service::SecretsManager) {
                    Some(url) => builder.endpoint_url(url).build(),
                    None => builder.build(),
                }
            }),
            sts,
            region,
            default_tags: settings.default_tags.clone(),
        };
        clients.check_account(&settings.allowed_account_ids).await?;
        Ok(clients)
    }

    /// The default tags with those of a resource over them.
    #[must_use]
    pub fn tags_with(&self, own: &BTreeMap<String, String>) -> BTreeMap<String, String> {
        let mut all = self.default_tags.clone();
        all.extend(own.iter().map(|(key, value)| (key.clone(), value.clone())));
        all
    }

    async fn check_account(&self, allowed: &[String]) -> Result<(), ConnectError> {
        if allowed.is_empty() {
            return Ok(());
        }
        let identity = self.sts.get_caller_identity().send().await;
        let identity = identity.map_err(|error| {
            ConnectError::Identity(AwsError::new("sts:GetCallerIdentity", &error))
        })?;
        let account = identity.account.unwrap_or_default();
        if allowed.contains(&account) {
            Ok(())
        } else {
            Err(ConnectError::AccountNotAllowed { account })
        }
    }
}

/// The clients of one provider configuration, made when the first resource asks for them.
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

async fn base_config(settings: &AwsSettings) -> SdkConfig {
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .framework_metadata(user_agent())
        .timeout_config(
            TimeoutConfig::builder()
                .operation_attempt_timeout(ATTEMPT_TIMEOUT)
                .build(),
        );
    if let Some(region) = &settings.region {
        loader = loader.region(Region::new(region.clone()));
    }
    if let Some(profile) = &settings.profile {
        loader = loader.profile_name(profile);
    }
    if let Some(files) = profile_files(settings) {
        loader = loader.profile_files(files);
    }
    if let Some(retries) = settings.max_retries {
        loader = loader
            .retry_config(RetryConfig::standard().with_max_attempts(retries.saturating_add(1)));
    }
    with_static_credentials(loader, settings).load().await
}

fn with_static_credentials(loader: ConfigLoader, settings: &AwsSettings) -> ConfigLoader {
    match &settings.static_credentials {
        Some(keys) => loader.credentials_provider(Credentials::new(
            &keys.access_key,
            keys.secret_key.as_str(),
            keys.token.as_ref().map(|token| token.as_str().to_owned()),
            None,
            "provider configuration",
        )),
        None => loader,
    }
}

fn profile_files(settings: &AwsSettings) -> Option<EnvConfigFiles> {
    if settings.shared_config_files.is_empty() && settings.shared_credentials_files.is_empty() {
        return None;
    }
    let mut files = EnvConfigFiles::builder();
    for path in &settings.shared_config_files {
        files = files.with_file(EnvConfigFileKind::Config, path);
    }
    for path in &settings.shared_credentials_files {
        files = files.with_file(EnvConfigFileKind::Credentials, path);
    }
    files = files
        .include_default_config_file(settings.shared_config_files.is_empty())
        .include_default_credentials_file(settings.shared_credentials_files.is_empty());
    Some(files.build())
}

/// Web identity first, then the role that is assumed with it, as `hashicorp/aws` chains them.
fn with_roles(mut config: SdkConfig, settings: &AwsSettings) -> SdkConfig {
    if let Some(role) = &settings.assume_role_with_web_identity {
        let credentials = WebIdentityCredentials::new(sts_client(&config, settings), role.clone());
        config = with_credentials(config, SharedCredentialsProvider::new(credentials));
    }
    if let Some(role) = &settings.assume_role {
        let credentials = RoleCredentials::new(sts_client(&config, settings), role.clone());
        config = with_credentials(config, SharedCredentialsProvider::new(credentials));
    }
    config
}

fn with_credentials(config: SdkConfig, credentials: SharedCredentialsProvider) -> SdkConfig {
    config
        .into_builder()
        .credentials_provider(credentials)
        .build()
}

fn sts_client(config: &SdkConfig, settings: &AwsSettings) -> aws_sdk_sts::Client {
    let builder = aws_sdk_sts::config::Builder::from(config);
    aws_sdk_sts::Client::from_conf(match settings.endpoints.get(&Service::Sts) {
        Some(url) => builder.endpoint_url(url).build(),
        None => builder.build(),
    })
}

/// `lib/terraform-provider-skreg/<version>` in the user agent of every call.
fn user_agent() -> FrameworkMetadata {
    FrameworkMetadata::new(env!("CARGO_PKG_NAME"), Some(env!("CARGO_PKG_VERSION")))
        .expect("the crate's name and version hold only characters that a user agent may hold")
}

fn checked_region(region: Option<&Region>) -> Result<String, ConnectError> {
    let region = region.ok_or(ConnectError::NoRegion)?.as_ref();
    let mut parts = region.split('-').rev();
    let number = parts
        .next()
        .is_some_and(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()));
    let words: Vec<&str> = parts.collect();
    let worded = words.len() >= 2
        && words
            .iter()
            .all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase()));
    if number && worded {
        Ok(region.to_owned())
    } else {
        Err(ConnectError::BadRegion {
            region: region.to_owned(),
        })
    }
}

fn refuse_sensitive_logging(value: Option<&str>) -> Result<(), ConnectError> {
    match value {
        Some(value) if value.eq_ignore_ascii_case("true") => Err(ConnectError::SensitiveLogging),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_of_every_partition_are_accepted_and_typing_errors_are_not() {
        for region in [
            "us-east-1",
            "ap-southeast-4",
            "us-gov-west-1",
            "cn-north-1",
            "us-iso-east-1",
        ] {
            assert!(
                checked_region(Some(&Region::new(region))).is_ok(),
                "{region}"
            );
        }
        for region in [
            "",
            "us-east",
            "eu_central_1",
            "Frankfurt",
            "us-east-1a",
            "1",
        ] {
            assert!(
                checked_region(Some(&Region::new(region))).is_err(),
                "{region}"
            );
        }
    }

    #[test]
    fn the_switch_that_makes_the_sdk_log_secrets_is_refused() {
        assert!(matches!(
            refuse_sensitive_logging(Some("TRUE")),
            Err(ConnectError::SensitiveLogging)
        ));
        assert!(refuse_sensitive_logging(Some("false")).is_ok());
        assert!(refuse_sensitive_logging(None).is_ok());
    }
}
