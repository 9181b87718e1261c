//! Schema of the provider block, and its conversion to the settings for the AWS clients.

use std::collections::{BTreeMap, BTreeSet};

use tfplugin::schema::AttributePath;
use tfplugin::validate::{each, length, one_of, range, text};
use tfplugin::{Codec, DecodeError, Planned, Schema, Secret};
use zeroize::Zeroizing;

use super::rules::{
    DURATION_RULE, ENDPOINT_RULE, ROLE_RULE, is_account_id, is_role_arn, is_session_duration,
    is_url, session_duration,
};

use crate::aws::tags::{PlannedTags, planned_tags};

use crate::aws::config::{self, AwsSettings, Service, StaticCredentials, WebIdentityToken};

/// Manages certificate authorities and services on Amazon ECS. Private keys of certificate authorities are never
/// written to state, plans, or logs. By default, an apply succeeds only if the deployments of its services succeed.
///
/// The provider resolves the region and credentials in the same order as the `hashicorp/aws` provider: this block, the
/// `AWS_*` environment variables, the shared files, container credentials, and instance metadata. A `profile` in this
/// block takes precedence over `AWS_ACCESS_KEY_ID`; `AWS_PROFILE` does not. `AWS_ENDPOINT_URL` and
/// `AWS_ENDPOINT_URL_<SERVICE>` are supported. `http://` endpoints for Secrets Manager and KMS are rejected unless the
/// host is a loopback address.
///
/// The provider compares the region and account of each ARN in the state with its own region and account. It determines
/// the account with `sts:GetCallerIdentity`. The comparison takes place before the provider treats an object as
/// deleted, and before it creates services in a cluster that is specified by ARN. If STS does not respond within ten
/// seconds, the provider compares only the regions.
#[derive(Schema)]
#[provider]
pub struct ProviderConfig {
    /// AWS region for all resources, such as `eu-central-1`. If omitted, the provider uses `AWS_REGION`,
    /// `AWS_DEFAULT_REGION`, the profile, or the instance metadata.
    #[attr(optional)]
    pub region: Option<String>,
    /// Profile in the shared configuration files. Its credentials take precedence over `AWS_ACCESS_KEY_ID`. Can also be
    /// set with `AWS_PROFILE` or `AWS_DEFAULT_PROFILE`; in this case, `AWS_ACCESS_KEY_ID` takes precedence.
    #[attr(optional, validate = length(1..))]
    pub profile: Option<String>,
    /// Access key ID. Can also be set with `AWS_ACCESS_KEY_ID`, which keeps the value out of the configuration.
    #[attr(optional, validate = length(1..))]
    pub access_key: Option<String>,
    /// Secret access key. Can also be set with `AWS_SECRET_ACCESS_KEY`, which keeps the value out of the configuration.
    #[attr(optional, sensitive)]
    pub secret_key: Option<Secret>,
    /// Session token for temporary credentials. Can also be set with `AWS_SESSION_TOKEN`.
    #[attr(optional, sensitive)]
    pub token: Option<Secret>,
    /// Paths of shared configuration files. Can also be set with `AWS_CONFIG_FILE`. Defaults to `~/.aws/config`.
    #[attr(optional)]
    pub shared_config_files: Option<Vec<String>>,
    /// Paths of shared credentials files. Can also be set with `AWS_SHARED_CREDENTIALS_FILE`. Defaults to
    /// `~/.aws/credentials`.
    #[attr(optional)]
    pub shared_credentials_files: Option<Vec<String>>,
    /// IAM role to assume with the resolved credentials.
    #[block]
    pub assume_role: Option<AssumeRole>,
    /// IAM role to assume with a web identity token, such as a CI job token.
    #[block]
    pub assume_role_with_web_identity: Option<AssumeRoleWithWebIdentity>,
    /// Custom service endpoints. They take precedence over `AWS_ENDPOINT_URL`.
    #[block]
    pub endpoints: Option<Endpoints>,
    /// Maximum number of retries for a failed call, with exponential backoff. Can also be set with `AWS_MAX_ATTEMPTS`
    /// or with `max_attempts` in the profile. Unlike `max_retries`, these settings also count the first attempt.
    /// Defaults to 24 retries within five minutes for each call.
    #[attr(optional, validate = range(0..=100))]
    pub max_retries: Option<u32>,
    /// Retry mode: `standard` or `adaptive`. In `adaptive` mode, the provider also delays first attempts while AWS
    /// throttles requests. Can also be set with `AWS_RETRY_MODE` or with `retry_mode` in the profile. Defaults to
    /// `standard`.
    #[attr(optional, validate = one_of(&["standard", "adaptive"]))]
    pub retry_mode: Option<String>,
    /// Default tags for all resources that this provider creates. Changing this updates the tags of each resource in
    /// place.
    #[block]
    pub default_tags: Option<DefaultTags>,
    /// IDs of the AWS accounts that the provider can use. Operations with credentials for any other account fail.
    #[attr(optional, validate = each(text("be a 12-digit account ID", is_account_id)))]
    pub allowed_account_ids: Option<BTreeSet<String>>,
}

/// Custom endpoints for the services that the provider calls.
#[derive(Schema)]
pub struct Endpoints {
    /// Endpoint for CloudWatch Logs.
    #[attr(optional, validate = text(ENDPOINT_RULE, is_url))]
    pub cloudwatchlogs: Option<String>,
    /// Endpoint for Amazon ECS.
    #[attr(optional, validate = text(ENDPOINT_RULE, is_url))]
    pub ecs: Option<String>,
    /// Endpoint for Elastic Load Balancing v2.
    #[attr(optional, validate = text(ENDPOINT_RULE, is_url))]
    pub elbv2: Option<String>,
    /// Endpoint for Elastic Load Balancing v2. Alias for `elbv2`.
    #[attr(optional, validate = text(ENDPOINT_RULE, is_url))]
    pub elasticloadbalancingv2: Option<String>,
    /// Endpoint for AWS KMS. `http://` is allowed only for loopback addresses.
    #[attr(optional, validate = text(ENDPOINT_RULE, is_url))]
    pub kms: Option<String>,
    /// Endpoint for Amazon S3. With a custom endpoint, the bucket name is part of the path.
    #[attr(optional, validate = text(ENDPOINT_RULE, is_url))]
    pub s3: Option<String>,
    /// Endpoint for Secrets Manager. `http://` is allowed only for loopback addresses.
    #[attr(optional, validate = text(ENDPOINT_RULE, is_url))]
    pub secretsmanager: Option<String>,
    /// Endpoint for AWS STS.
    #[attr(optional, validate = text(ENDPOINT_RULE, is_url))]
    pub sts: Option<String>,
}

/// Default tags for all resources.
#[derive(Schema)]
pub struct DefaultTags {
    /// Map of tags. Resource tags take precedence over default tags. The key `spki_sha256` and keys with the prefix
    /// `aws:` or `skreg:` are reserved.
    #[attr(optional)]
    pub tags: Option<BTreeMap<String, String>>,
}

/// Arguments for `sts:AssumeRole`.
#[derive(Schema)]
pub struct AssumeRole {
    /// ARN of the IAM role.
    #[attr(required, validate = text(ROLE_RULE, is_role_arn))]
    pub role_arn: String,
    /// Session name, which appears in AWS CloudTrail.
    #[attr(optional, validate = length(2..=64))]
    pub session_name: Option<String>,
    /// External ID that the role's trust policy requires.
    #[attr(optional, validate = length(2..=1224))]
    pub external_id: Option<String>,
    /// Session duration, such as `1h`.
    #[attr(optional, validate = text(DURATION_RULE, is_session_duration))]
    pub duration: Option<String>,
    /// JSON session policy that restricts the permissions of the role.
    #[attr(optional)]
    pub policy: Option<String>,
    /// ARNs of managed policies that restrict the permissions of the role.
    #[attr(optional)]
    pub policy_arns: Option<BTreeSet<String>>,
    /// Session tags.
    #[attr(optional)]
    pub tags: Option<BTreeMap<String, String>>,
}

/// Arguments for `sts:AssumeRoleWithWebIdentity`.
#[derive(Schema)]
pub struct AssumeRoleWithWebIdentity {
    /// ARN of the IAM role.
    #[attr(required, validate = text(ROLE_RULE, is_role_arn))]
    pub role_arn: String,
    /// Web identity token. Exactly one of `web_identity_token` and `web_identity_token_file` must be set.
    #[attr(optional, sensitive)]
    pub web_identity_token: Option<Secret>,
    /// Path of a file that contains the web identity token. The provider reads the file again when it renews the
    /// session.
    #[attr(optional, validate = length(1..))]
    pub web_identity_token_file: Option<String>,
    /// Session name, which appears in AWS CloudTrail.
    #[attr(optional, validate = length(2..=64))]
    pub session_name: Option<String>,
    /// Session duration, such as `1h`.
    #[attr(optional, validate = text(DURATION_RULE, is_session_duration))]
    pub duration: Option<String>,
    /// JSON session policy that restricts the permissions of the role.
    #[attr(optional)]
    pub policy: Option<String>,
    /// ARNs of managed policies that restrict the permissions of the role.
    #[attr(optional)]
    pub policy_arns: Option<BTreeSet<String>>,
}

/// Returns the default tags from a provider block that can contain unknown values.
#[must_use]
pub fn default_tags_of(config: &ProviderConfigPlan) -> PlannedTags {
    match &config.default_tags {
        Planned::Unknown => Planned::Unknown,
        Planned::Null => planned_tags([]),
        Planned::Known(block) => match &block.tags {
            Planned::Null => planned_tags([]),
            tags => tags.clone(),
        },
    }
}

impl ProviderConfig {
    /// Returns the configuration if all values are known.
    ///
    /// # Errors
    /// Returns an error if a value is unknown. The [`DecodeError`] contains the path of the value.
    pub fn of(plan: ProviderConfigPlan) -> Result<Self, DecodeError> {
        Self::decode(plan.encode(), &AttributePath::root())
    }

    /// Returns the settings for the AWS clients.
    #[must_use]
    pub fn settings(self) -> AwsSettings {
        let keys = self
            .access_key
            .zip(self.secret_key)
            .map(|(access_key, secret_key)| StaticCredentials {
                access_key,
                secret_key: text_of(&secret_key),
                token: self.token.as_ref().map(text_of),
            });
        let files = |files: Option<Vec<String>>| {
            files
                .unwrap_or_default()
                .into_iter()
                .map(Into::into)
                .collect()
        };
        AwsSettings {
            region: self.region,
            profile: self.profile,
            static_credentials: keys,
            shared_config_files: files(self.shared_config_files),
            shared_credentials_files: files(self.shared_credentials_files),
            assume_role: self.assume_role.map(AssumeRole::settings),
            assume_role_with_web_identity: self
                .assume_role_with_web_identity
                .and_then(AssumeRoleWithWebIdentity::settings),
            endpoints: self.endpoints.map(Endpoints::settings).unwrap_or_default(),
            max_retries: self.max_retries,
            retry_mode: self.retry_mode,
            default_tags: self
                .default_tags
                .and_then(|block| block.tags)
                .unwrap_or_default(),
            allowed_account_ids: self
                .allowed_account_ids
                .unwrap_or_default()
                .into_iter()
                .collect(),
        }
    }
}

impl Endpoints {
    pub(super) fn settings(self) -> BTreeMap<Service, String> {
        let load_balancing = self.elbv2.or(self.elasticloadbalancingv2);
        let all = [
            (Service::CloudWatchLogs, self.cloudwatchlogs),
            (Service::Ecs, self.ecs),
            (Service::ElasticLoadBalancingV2, load_balancing),
            (Service::Kms, self.kms),
            (Service::S3, self.s3),
            (Service::SecretsManager, self.secretsmanager),
            (Service::Sts, self.sts),
        ];
        all.into_iter()
            .filter_map(|(service, url)| Some((service, url?)))
            .collect()
    }
}

impl AssumeRole {
    fn settings(self) -> config::AssumeRole {
        config::AssumeRole {
            role_arn: self.role_arn,
            session_name: self.session_name,
            external_id: self.external_id,
            duration: self.duration.as_deref().and_then(session_duration),
            policy: self.policy,
            policy_arns: self.policy_arns.unwrap_or_default().into_iter().collect(),
            tags: self.tags.unwrap_or_default(),
        }
    }
}

impl AssumeRoleWithWebIdentity {
    /// Returns `None` if no token is set. Validation rejects such a configuration.
    fn settings(self) -> Option<config::AssumeRoleWithWebIdentity> {
        let inline = self
            .web_identity_token
            .as_ref()
            .map(|token| WebIdentityToken::Inline(text_of(token)));
        let file = self
            .web_identity_token_file
            .map(|file| WebIdentityToken::File(file.into()));
        Some(config::AssumeRoleWithWebIdentity {
            role_arn: self.role_arn,
            token: inline.or(file)?,
            session_name: self.session_name,
            duration: self.duration.as_deref().and_then(session_duration),
            policy: self.policy,
            policy_arns: self.policy_arns.unwrap_or_default().into_iter().collect(),
        })
    }
}

fn text_of(secret: &Secret) -> Zeroizing<String> {
    Zeroizing::new(secret.reveal().to_owned())
}
