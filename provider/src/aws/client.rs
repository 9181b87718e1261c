//! Creates all AWS clients.
//!
//! No other file in this crate creates an SDK client or reads an `AWS_*` variable. The SDK itself reads
//! `AWS_ENDPOINT_URL` and `AWS_ENDPOINT_URL_<SERVICE>`. An endpoint in the provider block overrides these variables.
//!
//! # Order of precedence
//!
//! The order follows the `hashicorp/aws` documentation (provider "AWS", section "Authentication and Configuration"):
//! the provider block, environment variables, the shared credentials file, the shared configuration file, container
//! credentials, and instance metadata. A profile in the provider block counts as a provider block setting: its
//! credentials override `AWS_ACCESS_KEY_ID`, but the credentials of the profile in `AWS_PROFILE` do not. The client
//! assumes the role in the provider block with the resulting credentials.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use aws_config::ecs::EcsCredentialsProvider;
use aws_config::imds::credentials::ImdsCredentialsProvider;
use aws_config::meta::credentials::CredentialsProviderChain;
use aws_config::profile::{ProfileFileCredentialsProvider, ProfileSet};
use aws_config::provider_config::ProviderConfig;
use aws_config::{BehaviorVersion, ConfigLoader, FrameworkMetadata, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::{self as http, tls};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_types::os_shim_internal::{Env, Fs};
use aws_types::service_config::ServiceConfigKey;

use super::config::{AwsSettings, Service};
use super::connect_error::ConnectError;
use super::credentials::{RoleCredentials, WebIdentityCredentials};
use super::endpoint::EncryptedOnly;
use super::identity::Identity;
use super::limits::WithinOperation;
use super::retry::{budget, for_credentials, retry_config, timeouts};

/// All AWS clients that the provider uses.
#[derive(Clone)]
pub struct Clients {
    /// CloudWatch Logs.
    pub logs: aws_sdk_cloudwatchlogs::Client,
    /// Elastic Container Service.
    pub ecs: aws_sdk_ecs::Client,
    /// Elastic Load Balancing v2.
    pub elbv2: aws_sdk_elasticloadbalancingv2::Client,
    /// Key Management Service.
    pub kms: aws_sdk_kms::Client,
    /// Simple Storage Service.
    pub s3: aws_sdk_s3::Client,
    /// Secrets Manager.
    pub secrets_manager: aws_sdk_secretsmanager::Client,
    /// Region of all clients.
    pub region: String,
    /// Tags for all resources that the provider creates. Resource tags override them.
    pub default_tags: BTreeMap<String, String>,
    /// Region and account, for comparison with the ARNs in the state.
    pub identity: Arc<Identity>,
}

/// Creates the client for one service with its configured endpoint and a separate retry budget.
macro_rules! client {
    ($sdk:ident, $config:expr, $settings:expr, $service:expr $(, $customize:expr)?) => {{
        let builder = $sdk::config::Builder::from($config);
        let builder = builder
            .retry_partition(budget(stringify!($sdk)))
            .retry_classifier(WithinOperation);
        $(let builder = $customize(builder);)?
        $sdk::Client::from_conf(match $settings.endpoints.get(&$service) {
            Some(url) => builder.endpoint_url(url).build(),
            None => builder.build(),
        })
    }};
}

impl Clients {
    /// Resolves the region and the credentials, and creates the clients. Uses the network only to check
    /// `allowed_account_ids`; the first call fetches the credentials.
    ///
    /// # Errors
    /// Returns an error if no usable region or profile exists, a setting has an invalid value, the account is not
    /// allowed or cannot be determined, or an environment variable makes the SDK log secrets.
    pub async fn connect(settings: &AwsSettings) -> Result<Self, ConnectError> {
        refuse_sensitive_logging(variable("LOG_SENSITIVE_BODIES").as_deref())?;
        let base = base_config(settings).await?;
        let region = checked_region(base.region())?;
        let config = &with_roles(base, settings);
        let sts = sts_client(config, settings);
        let clients = Self {
            identity: Arc::new(Identity::new(region.clone(), sts)),
            logs: client!(
                aws_sdk_cloudwatchlogs,
                config,
                settings,
                Service::CloudWatchLogs
            ),
            ecs: client!(aws_sdk_ecs, config, settings, Service::Ecs),
            elbv2: client!(
                aws_sdk_elasticloadbalancingv2,
                config,
                settings,
                Service::ElasticLoadBalancingV2
            ),
            kms: client!(
                aws_sdk_kms,
                config,
                settings,
                Service::Kms,
                |builder: aws_sdk_kms::config::Builder| builder.interceptor(EncryptedOnly)
            ),
            s3: client!(
                aws_sdk_s3,
                config,
                settings,
                Service::S3,
                |builder: aws_sdk_s3::config::Builder| builder
                    .force_path_style(has_custom_s3_endpoint(config, settings))
            ),
            secrets_manager: client!(
                aws_sdk_secretsmanager,
                config,
                settings,
                Service::SecretsManager,
                |builder: aws_sdk_secretsmanager::config::Builder| builder
                    .interceptor(EncryptedOnly)
            ),
            region,
            default_tags: settings.default_tags.clone(),
        };
        clients.check_account(&settings.allowed_account_ids).await?;
        Ok(clients)
    }

    async fn check_account(&self, allowed: &[String]) -> Result<(), ConnectError> {
        if allowed.is_empty() {
            return Ok(());
        }
        let account = self.identity.required_account().await;
        let account = account.map_err(ConnectError::Identity)?;
        let account = account.unwrap_or_default().to_owned();
        if allowed.contains(&account) {
            Ok(())
        } else {
            Err(ConnectError::AccountNotAllowed { account })
        }
    }
}

/// Returns the region, the limits, and the credentials that are used to assume the roles in the provider block.
async fn base_config(settings: &AwsSettings) -> Result<SdkConfig, ConnectError> {
    let files = profile_files(settings);
    let selected = selected_profile(settings);
    let profiles = load_profiles(settings, &files, selected.clone()).await?;
    let in_profile = |key: &str| profiles.as_ref()?.get(key).map(str::to_owned);
    let retries = retry_config(settings, &|name| variable(name), &in_profile)?;
    let http = http_client();
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(http.clone())
        .framework_metadata(user_agent())
        .timeout_config(timeouts())
        .retry_config(for_credentials(&retries))
        .profile_files(files.clone());
    if let Some(region) = &settings.region {
        loader = loader.region(Region::new(region.clone()));
    }
    if let Some(profile) = &selected {
        loader = loader.profile_name(profile);
    }
    let config = with_static_credentials(loader, settings).load().await;
    let mut builder = config.to_builder().retry_config(retries.clone());
    if let (Some(profile), None) = (&settings.profile, &settings.static_credentials) {
        let common = ProviderConfig::without_region()
            .with_region(config.region().cloned())
            .with_http_client(http)
            .with_behavior_version(Some(BehaviorVersion::latest()))
            .with_timeout_config(timeouts())
            .with_retry_config(for_credentials(&retries));
        let credentials = credentials_of_profile(profile, files, &common);
        builder.set_credentials_provider(Some(credentials));
    }
    Ok(builder.build())
}

/// Returns the HTTP client for all services: HTTPS with AWS-LC, through the proxy in the environment, like the default client
/// of the SDK. The SDK creates its default client for each service, and each of these clients parses all certificate
/// authorities of the operating system.
fn http_client() -> SharedHttpClient {
    http::Builder::new().build_with_connector_fn(|settings, components| {
        if settings.is_none() {
            // The SDK validates the configuration of each service with a connector that sends no request.
            return http::ConnectorBuilder::default().build_http();
        }
        let aws_lc = tls::Provider::Rustls(tls::rustls_provider::CryptoMode::AwsLc);
        let mut connector = http::ConnectorBuilder::default().tls_provider(aws_lc);
        connector.set_connector_settings(settings.cloned());
        connector.set_sleep_impl(components.and_then(|components| components.sleep_impl()));
        connector.set_proxy_config(Some(ProxyConfig::from_env()));
        connector.build()
    })
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

/// Returns the profile in the provider block, or the profile in `AWS_DEFAULT_PROFILE`. The SDK itself reads
/// `AWS_PROFILE`.
fn selected_profile(settings: &AwsSettings) -> Option<String> {
    let by_environment = || match variable("AWS_PROFILE") {
        Some(_) => None,
        None => variable("AWS_DEFAULT_PROFILE"),
    };
    settings.profile.clone().or_else(by_environment)
}

/// Loads the profiles from the shared files. Returns `None` if the files cannot be read and the provider block does not
/// require them.
async fn load_profiles(
    settings: &AwsSettings,
    files: &EnvConfigFiles,
    selected: Option<String>,
) -> Result<Option<ProfileSet>, ConnectError> {
    let selected = selected.map(Cow::Owned);
    let loaded = aws_config::profile::load(&Fs::real(), &Env::real(), files, selected).await;
    let needed = settings.profile.is_some()
        || !settings.shared_config_files.is_empty()
        || !settings.shared_credentials_files.is_empty();
    let profiles = match loaded {
        Ok(profiles) => profiles,
        Err(error) if needed => {
            let reason = error.to_string();
            return Err(ConnectError::SharedFiles { reason });
        }
        // Another source can provide the credentials. If no source provides credentials, the SDK reports the problem
        // with the files.
        Err(_) => return Ok(None),
    };
    match &settings.profile {
        Some(profile) if profiles.get_profile(profile).is_none() => Err(ConnectError::NoProfile {
            profile: profile.clone(),
        }),
        _ => Ok(Some(profiles)),
    }
}

/// Returns the credentials from a profile in the provider block, or from the container or the instance if the profile
/// has none.
fn credentials_of_profile(
    profile: &str,
    files: EnvConfigFiles,
    config: &ProviderConfig,
) -> SharedCredentialsProvider {
    let of_profile = ProfileFileCredentialsProvider::builder()
        .configure(config)
        .profile_files(files)
        .profile_name(profile)
        .build();
    let of_container = EcsCredentialsProvider::builder().configure(config).build();
    let of_instance = ImdsCredentialsProvider::builder().configure(config).build();
    SharedCredentialsProvider::new(
        CredentialsProviderChain::first_try("Profile", of_profile)
            .or_else("EcsContainer", of_container)
            .or_else("Ec2InstanceMetadata", of_instance),
    )
}

fn profile_files(settings: &AwsSettings) -> EnvConfigFiles {
    let mut files = EnvConfigFiles::builder();
    for path in &settings.shared_config_files {
        files = files.with_file(EnvConfigFileKind::Config, path);
    }
    for path in &settings.shared_credentials_files {
        files = files.with_file(EnvConfigFileKind::Credentials, path);
    }
    files
        .include_default_config_file(settings.shared_config_files.is_empty())
        .include_default_credentials_file(settings.shared_credentials_files.is_empty())
        .build()
}

/// Adds the configured roles in the same order as `hashicorp/aws`: first the web identity role, then the role that is
/// assumed with its credentials.
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
    client!(aws_sdk_sts, config, settings, Service::Sts)
}

/// Returns whether a custom endpoint receives the calls to S3. Emulators and private endpoints usually have no DNS entry
/// for each bucket, so the bucket must be in the path. The lookup is the same as in the SDK.
fn has_custom_s3_endpoint(config: &SdkConfig, settings: &AwsSettings) -> bool {
    let key = ServiceConfigKey::builder()
        .service_id("S3")
        .env("AWS_ENDPOINT_URL")
        .profile("endpoint_url")
        .build();
    let of_service = || Some(config.service_config()?.load_config(key.ok()?).is_some());
    settings.endpoints.contains_key(&Service::S3)
        || config.endpoint_url().is_some()
        || of_service() == Some(true)
}

/// Returns an environment variable if it is set and not empty.
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Adds `lib/terraform-provider-skreg/<version>` to the user agent of every call.
fn user_agent() -> FrameworkMetadata {
    FrameworkMetadata::new(env!("CARGO_PKG_NAME"), Some(env!("CARGO_PKG_VERSION")))
        .expect("crate name and version must be valid in a user agent")
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
    fn regions_of_every_partition_are_accepted_and_malformed_ones_are_rejected() {
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
    fn logging_of_sensitive_bodies_is_rejected() {
        assert!(matches!(
            refuse_sensitive_logging(Some("TRUE")),
            Err(ConnectError::SensitiveLogging)
        ));
        assert!(refuse_sensitive_logging(Some("false")).is_ok());
        assert!(refuse_sensitive_logging(None).is_ok());
    }
}
