//! AWS settings in the provider block as plain values. This module has no schema and no network access.
//!
//! Names and semantics follow the `hashicorp/aws` provider, so you can reuse its provider block. The SDK resolves
//! missing settings from its usual sources: `AWS_*` variables, shared files, and instance metadata.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use zeroize::Zeroizing;

/// AWS settings in the provider configuration.
///
/// The type does not implement `Debug`, because it can contain a secret access key.
#[derive(Clone, Default)]
pub struct AwsSettings {
    /// Region for every call, such as `eu-central-1`. If absent, the SDK resolves the region.
    pub region: Option<String>,
    /// Name of a profile in the shared files.
    pub profile: Option<String>,
    /// Static credentials, which override all other credential sources.
    pub static_credentials: Option<StaticCredentials>,
    /// Files to read instead of `~/.aws/config`.
    pub shared_config_files: Vec<PathBuf>,
    /// Files to read instead of `~/.aws/credentials`.
    pub shared_credentials_files: Vec<PathBuf>,
    /// Role to assume with the resolved credentials.
    pub assume_role: Option<AssumeRole>,
    /// Role to assume with a web identity token, such as the token of a CI job. No other credentials are required.
    pub assume_role_with_web_identity: Option<AssumeRoleWithWebIdentity>,
    /// Endpoints by service, which override the SDK endpoints.
    pub endpoints: BTreeMap<Service, String>,
    /// Maximum number of retries for a failed call. If absent, it is read from the environment or the profile.
    pub max_retries: Option<u32>,
    /// Retry mode, `standard` or `adaptive`. If absent, it is read from the environment or the profile.
    pub retry_mode: Option<String>,
    /// Tags for all resources that the provider creates. Resource tags override them.
    pub default_tags: BTreeMap<String, String>,
    /// IDs of the accounts that this configuration can use. If empty, all accounts are allowed.
    pub allowed_account_ids: Vec<String>,
}

/// Access key in the configuration.
#[derive(Clone)]
pub struct StaticCredentials {
    /// Access key ID.
    pub access_key: String,
    /// Secret access key.
    pub secret_key: Zeroizing<String>,
    /// Session token of temporary credentials.
    pub token: Option<Zeroizing<String>>,
}

/// Settings for `sts:AssumeRole`.
#[derive(Clone, Default)]
pub struct AssumeRole {
    /// Role to assume.
    pub role_arn: String,
    /// Session name in the audit log. Defaults to `terraform-provider-skreg`.
    pub session_name: Option<String>,
    /// External ID that the role's trust policy requires.
    pub external_id: Option<String>,
    /// Session duration, from 15 minutes to 12 hours.
    pub duration: Option<Duration>,
    /// JSON session policy that restricts the session permissions.
    pub policy: Option<String>,
    /// ARNs of managed policies that restrict the session permissions.
    pub policy_arns: Vec<String>,
    /// Session tags.
    pub tags: BTreeMap<String, String>,
}

/// Settings for `sts:AssumeRoleWithWebIdentity`.
#[derive(Clone)]
pub struct AssumeRoleWithWebIdentity {
    /// Role to assume.
    pub role_arn: String,
    /// The token, or the path to the file that contains it.
    pub token: WebIdentityToken,
    /// Session name in the audit log. Defaults to `terraform-provider-skreg`.
    pub session_name: Option<String>,
    /// Session duration, from 15 minutes to 12 hours.
    pub duration: Option<Duration>,
    /// JSON session policy that restricts the session permissions.
    pub policy: Option<String>,
    /// ARNs of managed policies that restrict the session permissions.
    pub policy_arns: Vec<String>,
}

/// Source of a web identity token.
#[derive(Clone)]
pub enum WebIdentityToken {
    /// Configured token.
    Inline(Zeroizing<String>),
    /// Path to a file that is read each time the credentials are renewed.
    File(PathBuf),
}

/// A service with a configurable endpoint.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Service {
    /// CloudWatch Logs.
    CloudWatchLogs,
    /// Elastic Container Service.
    Ecs,
    /// Elastic Load Balancing v2, for application and network load balancers.
    ElasticLoadBalancingV2,
    /// Key Management Service.
    Kms,
    /// Simple Storage Service.
    S3,
    /// Secrets Manager.
    SecretsManager,
    /// Security Token Service.
    Sts,
}
