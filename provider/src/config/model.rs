//! The schema of the provider block, and the settings of the AWS clients that it stands for.

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

/// Certificate authorities whose private keys never enter state, plan or log, and rollouts on Amazon ECS that report
/// the truth.
///
/// The provider resolves region and credentials in the order of the `hashicorp/aws` provider: this block, the `AWS_*`
/// variables, the shared files, container credentials, instance metadata. A `profile` in this block wins over
/// `AWS_ACCESS_KEY_ID`; `AWS_PROFILE` does not. `AWS_ENDPOINT_URL` and `AWS_ENDPOINT_URL_<SERVICE>` are supported, and
/// `http://` endpoints of Secrets Manager are refused unless they are on loopback.
///
/// The resources compare the region of the ARNs in the state with that of the provider, and the account with that of the
/// credentials (`sts:GetCallerIdentity`) before they treat an object as deleted or create services in a cluster that is
/// given as an ARN. Where STS does not answer within ten seconds, only regions are compared.
#[derive(Schema)]
#[provider]
pub struct ProviderConfig {
    /// Region of every resource, such as `eu-central-1`. Also `AWS_REGION`, `AWS_DEFAULT_REGION`, the region of the profile,
    /// or that of the instance.
    #[attr(optional)]
    pub region: Option<String>,
    /// Profile of the shared files. Its credentials win over `AWS_ACCESS_KEY_ID`. Also `AWS_PROFILE` or
    /// `AWS_DEFAULT_PROFILE`, over which `AWS_ACCESS_KEY_ID` wins.
    #[attr(optional, validate = length(1..))]
    pub profile: Option<String>,
    /// Access key id. Better left to the environment. Also `AWS_ACCESS_KEY_ID`.
    #[attr(optional, validate = length(1..))]
    pub access_key: Option<String>,
    /// Secret access key. Better left to the environment. Also `AWS_SECRET_ACCESS_KEY`.
    #[attr(optional, sensitive)]
    pub secret_key: Option<Secret>,
    /// Session token of temporary credentials. Also `AWS_SESSION_TOKEN`.
    #[attr(optional, sensitive)]
    pub token: Option<Secret>,
    /// Files to read instead of `~/.aws/config`. Also `AWS_CONFIG_FILE`.
    #[attr(optional)]
    pub shared_config_files: Option<Vec<String>>,
    /// Files to read instead of `~/.aws/credentials`. Also `AWS_SHARED_CREDENTIALS_FILE`.
    #[attr(optional)]
    pub shared_credentials_files: Option<Vec<String>>,
    /// A role to assume with the credentials found so far.
    #[block]
    pub assume_role: Option<AssumeRole>,
    /// A role to assume with a web identity token, such as that of a CI job.
    #[block]
    pub assume_role_with_web_identity: Option<AssumeRoleWithWebIdentity>,
    /// Endpoints to use instead of AWS's, by service. They win over `AWS_ENDPOINT_URL`.
    #[block]
    pub endpoints: Option<Endpoints>,
    /// Number of retries of a failed call, with exponential back-off. Also `AWS_MAX_ATTEMPTS` or `max_attempts` of the
    /// profile, which count the first attempt too. Defaults to 24 retries, within five minutes per call.
    #[attr(optional, validate = range(0..=100))]
    pub max_retries: Option<u32>,
    /// How retries are attempted: `standard`, or `adaptive`, which also slows down first attempts while AWS throttles.
    /// Also `AWS_RETRY_MODE` or `retry_mode` of the profile. Defaults to `standard`.
    #[attr(optional, validate = one_of(&["standard", "adaptive"]))]
    pub retry_mode: Option<String>,
    /// Tags of everything that this provider creates. A change is planned as an update of `tags_all` of each resource.
    #[block]
    pub default_tags: Option<DefaultTags>,
    /// Accounts that may be touched. With credentials of any other account every operation is refused.
    #[attr(optional, validate = each(text("be the 12 digits of an account id", is_account_id)))]
    pub allowed_account_ids: Option<BTreeSet<String>>,
}

/// An endpoint of every service this provider calls.
#[derive(Schema)]
pub struct Endpoints {
    /// CloudWatch Logs.
    #[attr(optional, validate = text(ENDPOINT_RULE, is_url))]
    pub cloudwatchlogs: Option<String>,
    /// Elastic Container Service.
    #[attr(optional, validate = text(ENDPOINT_RULE, is_url))]
    pub ecs: Option<String>,
    /// Elastic Load Balancing v2.
    #[attr(optional, validate = text(ENDPOINT_RULE, is_url))]
    pub elbv2: Option<String>,
    /// Elastic Load Balancing v2, by its other name.
    #[attr(optional, validate = text(ENDPOINT_RULE, is_url))]
    pub elasticloadbalancingv2: Option<String>,
    /// Secrets Manager. `https://`, or `http://` on loopback.
    #[attr(optional, validate = text(ENDPOINT_RULE, is_url))]
    pub secretsmanager: Option<String>,
    /// Security Token Service.
    #[attr(optional, validate = text(ENDPOINT_RULE, is_url))]
    pub sts: Option<String>,
}

/// Tags of everything.
#[derive(Schema)]
pub struct DefaultTags {
    /// The tags. Tags of a resource win over them. The key `spki_sha256`, and keys that begin with `aws:` or `skreg:`,
    /// are reserved.
    #[attr(optional)]
    pub tags: Option<BTreeMap<String, String>>,
}

/// `sts:AssumeRole`.
#[derive(Schema)]
pub struct AssumeRole {
    /// The role.
    #[attr(required, validate = text(ROLE_RULE, is_role_arn))]
    pub role_arn: String,
    /// Name of the session in the audit log.
    #[attr(optional, validate = length(2..=64))]
    pub session_name: Option<String>,
    /// External id that the role's trust policy asks for.
    #[attr(optional, validate = length(2..=1224))]
    pub external_id: Option<String>,
    /// Life of a session, such as `1h`; 15 minutes to 12 hours.
    #[attr(optional, validate = text(DURATION_RULE, is_session_duration))]
    pub duration: Option<String>,
    /// A policy in JSON that narrows the session.
    #[attr(optional)]
    pub policy: Option<String>,
    /// Managed policies that narrow the session.
    #[attr(optional)]
    pub policy_arns: Option<BTreeSet<String>>,
    /// Tags of the session.
    #[attr(optional)]
    pub tags: Option<BTreeMap<String, String>>,
}

/// `sts:AssumeRoleWithWebIdentity`.
#[derive(Schema)]
pub struct AssumeRoleWithWebIdentity {
    /// The role.
    #[attr(required, validate = text(ROLE_RULE, is_role_arn))]
    pub role_arn: String,
    /// The token. Either this or `web_identity_token_file` must be set.
    #[attr(optional, sensitive)]
    pub web_identity_token: Option<Secret>,
    /// The file that holds the token; read again whenever the session is renewed.
    #[attr(optional, validate = length(1..))]
    pub web_identity_token_file: Option<String>,
    /// Name of the session in the audit log.
    #[attr(optional, validate = length(2..=64))]
    pub session_name: Option<String>,
    /// Life of a session, such as `1h`; 15 minutes to 12 hours.
    #[attr(optional, validate = text(DURATION_RULE, is_session_duration))]
    pub duration: Option<String>,
    /// A policy in JSON that narrows the session.
    #[attr(optional)]
    pub policy: Option<String>,
    /// Managed policies that narrow the session.
    #[attr(optional)]
    pub policy_arns: Option<BTreeSet<String>>,
}

/// Default tags of a provider block in which anything may be unknown.
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
    /// The configuration, if all of it is known.
    ///
    /// # Errors
    /// [`DecodeError`] with the path of what is not known yet.
    pub fn of(plan: ProviderConfigPlan) -> Result<Self, DecodeError> {
        Self::decode(plan.encode(), &AttributePath::root())
    }

    /// What it means to the AWS clients.
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
    /// Nothing without a token, which validation refuses.
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
