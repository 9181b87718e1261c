//! AWS settings of the provider block as plain values, without schema and network access.
//!
//! Names and semantics follow the `hashicorp/aws` provider, so that you can reuse its provider block. The SDK resolves
//! absent settings from its usual sources (`AWS_*` variables, shared files, instance metadata).

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use zeroize::Zeroizing;

/// The AWS part of the provider's configuration.
///
/// The type has no `Debug` implementation, because it may contain a secret access key.
#[derive(Clone, Default)]
pub struct AwsSettings {
    /// Region of every call, such as `eu-central-1`; the SDK resolves it if absent.
    pub region: Option<String>,
    /// Name of the profile in the shared files.
    pub profile: Option<String>,
    /// Static credentials, which override all other sources of credentials.
    pub static_credentials: Option<StaticCredentials>,
    /// Files to read instead of `~/.aws/config`.
    pub shared_config_files: Vec<PathBuf>,
    /// Files to read instead of `~/.aws/credentials`.
    pub shared_credentials_files: Vec<PathBuf>,
    /// Role to assume with the resolved credentials.
    pub assume_role: Option<AssumeRole>,
    /// Role to assume with a web identity token, such as that of a CI job; no other credentials are needed.
    pub assume_role_with_web_identity: Option<AssumeRoleWithWebIdentity>,
    /// Endpoints by service that override those of the SDK.
    pub endpoints: BTreeMap<Service, String>,
    /// Maximum number of retries of a failed call; read from the environment and the profile if absent.
    pub max_retries: Option<u32>,
    /// `standard` or `adaptive`; read from the environment and the profile if absent.
    pub retry_mode: Option<String>,
    /// Tags of all resources that the provider creates. Tags of the resource override them.
    pub default_tags: BTreeMap<String, String>,
    /// IDs of the accounts that this configuration may use; empty allows all accounts.
    pub allowed_account_ids: Vec<String>,
}

/// Access key in the configuration.
#[derive(Clone)]
pub struct StaticCredentials {
    /// The access key ID.
    pub access_key: String,
    /// The secret access key.
    pub secret_key: Zeroizing<String>,
    /// Session token of temporary credentials.
    pub token: Option<Zeroizing<String>>,
}

/// `sts:AssumeRole`.
#[derive(Clone, Default)]
pub struct AssumeRole {
    /// The role to assume.
    pub role_arn: String,
    /// Session name in the audit log; `terraform-provider-skreg` if absent.
    pub session_name: Option<String>,
    /// External ID that the role's trust policy requires.
    pub external_id: Option<String>,
    /// Duration of the session, 15 minutes to 12 hours.
    pub duration: Option<Duration>,
    /// Session policy as JSON that restricts the permissions of the session.
    pub policy: Option<String>,
    /// ARNs of managed policies that restrict the permissions of the session.
    pub policy_arns: Vec<String>,
    /// Session tags.
    pub tags: BTreeMap<String, String>,
}

/// `sts:AssumeRoleWithWebIdentity`.
#[derive(Clone)]
pub struct AssumeRoleWithWebIdentity {
    /// The role to assume.
    pub role_arn: String,
    /// The token, or the path of the file that contains it.
    pub token: WebIdentityToken,
    /// Session name in the audit log; `terraform-provider-skreg` if absent.
    pub session_name: Option<String>,
    /// Duration of the session, 15 minutes to 12 hours.
    pub duration: Option<Duration>,
    /// Session policy as JSON that restricts the permissions of the session.
    pub policy: Option<String>,
    /// ARNs of managed policies that restrict the permissions of the session.
    pub policy_arns: Vec<String>,
}

/// Source of a web identity token.
#[derive(Clone)]
pub enum WebIdentityToken {
    /// The configured token.
    Inline(Zeroizing<String>),
    /// A file that is read each time the credentials are renewed.
    File(PathBuf),
}

/// A service with a configurable endpoint.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Service {
    /// CloudWatch Logs.
    CloudWatchLogs,
    /// Elastic Container Service.
    Ecs,
    /// Elastic Load Balancing v2: application and network load balancers.
    ElasticLoadBalancingV2,
    /// Secrets Manager.
    SecretsManager,
    /// Security Token Service.
    Sts,
}
