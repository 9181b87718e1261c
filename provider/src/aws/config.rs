//! How to reach AWS, as the user configured it: plain values, no schema and no network.
//!
//! Names and meaning follow the `hashicorp/aws` provider, so that a provider block can be carried over. What is
//! left out here is found by the SDK in its usual places (`AWS_*` variables, shared files, instance metadata).

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use zeroize::Zeroizing;

/// The AWS part of the provider's configuration.
///
/// It has no `Debug`, because it may hold a secret access key.
#[derive(Clone, Default)]
pub struct AwsSettings {
    /// Region of every call, such as `eu-central-1`; found by the SDK when absent.
    pub region: Option<String>,
    /// Name of the profile in the shared files.
    pub profile: Option<String>,
    /// Static credentials, which win over everything the SDK would find.
    pub static_credentials: Option<StaticCredentials>,
    /// Files read instead of `~/.aws/config`.
    pub shared_config_files: Vec<PathBuf>,
    /// Files read instead of `~/.aws/credentials`.
    pub shared_credentials_files: Vec<PathBuf>,
    /// Role assumed with the credentials found so far.
    pub assume_role: Option<AssumeRole>,
    /// Role assumed with a web identity token, such as that of a CI job; no other credentials are needed.
    pub assume_role_with_web_identity: Option<AssumeRoleWithWebIdentity>,
    /// Endpoints that replace the SDK's, by service.
    pub endpoints: BTreeMap<Service, String>,
    /// How often a failed call is tried again; found in the environment and the profile when absent.
    pub max_retries: Option<u32>,
    /// `standard` or `adaptive`; found in the environment and the profile when absent.
    pub retry_mode: Option<String>,
    /// Tags put on everything that is made, unless the resource says otherwise.
    pub default_tags: BTreeMap<String, String>,
    /// Accounts this configuration may touch; empty means any.
    pub allowed_account_ids: Vec<String>,
}

/// An access key given in the configuration.
#[derive(Clone)]
pub struct StaticCredentials {
    /// The access key id.
    pub access_key: String,
    /// The secret access key.
    pub secret_key: Zeroizing<String>,
    /// The session token of temporary credentials.
    pub token: Option<Zeroizing<String>>,
}

/// `sts:AssumeRole`.
#[derive(Clone, Default)]
pub struct AssumeRole {
    /// The role to assume.
    pub role_arn: String,
    /// Session name in the role's audit log; `terraform-provider-skreg` when absent.
    pub session_name: Option<String>,
    /// External id that the role's trust policy asks for.
    pub external_id: Option<String>,
    /// Life of a session, 15 minutes to 12 hours.
    pub duration: Option<Duration>,
    /// A policy in JSON that narrows the session.
    pub policy: Option<String>,
    /// Managed policies that narrow the session.
    pub policy_arns: Vec<String>,
    /// Session tags.
    pub tags: BTreeMap<String, String>,
}

/// `sts:AssumeRoleWithWebIdentity`.
#[derive(Clone)]
pub struct AssumeRoleWithWebIdentity {
    /// The role to assume.
    pub role_arn: String,
    /// The token itself or the file that holds it.
    pub token: WebIdentityToken,
    /// Session name in the role's audit log; `terraform-provider-skreg` when absent.
    pub session_name: Option<String>,
    /// Life of a session, 15 minutes to 12 hours.
    pub duration: Option<Duration>,
    /// A policy in JSON that narrows the session.
    pub policy: Option<String>,
    /// Managed policies that narrow the session.
    pub policy_arns: Vec<String>,
}

/// Where a web identity token comes from.
#[derive(Clone)]
pub enum WebIdentityToken {
    /// The token, as configured.
    Inline(Zeroizing<String>),
    /// A file that is read again whenever credentials are renewed.
    File(PathBuf),
}

/// A service whose endpoint can be replaced.
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
