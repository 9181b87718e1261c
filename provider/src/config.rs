//! The provider block: its schema, what is refused in it, and the settings it stands for.
//!
//! Names follow the `hashicorp/aws` provider. Nothing here reaches AWS.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::SignedDuration;
use tfplugin::schema::AttributePath;
use tfplugin::{Codec, DecodeError, Diagnostic, Diagnostics, Planned, Schema, Secret};
use zeroize::Zeroizing;

pub use crate::aws::tags::is_reserved_tag;
use crate::aws::tags::{PlannedTags, planned_tags};

use crate::aws::config::{self, AwsSettings, Service, StaticCredentials, WebIdentityToken};

/// Certificate authorities whose private keys never enter state, plan or log, and rollouts on Amazon ECS that report
/// the truth.
///
/// Region and credentials are looked for where every AWS tool looks: this block, the `AWS_*` variables, the shared
/// files, the metadata of the machine. `AWS_ENDPOINT_URL` and `AWS_ENDPOINT_URL_<SERVICE>` are obeyed.
#[derive(Schema)]
#[provider]
pub struct ProviderConfig {
    /// Region of every resource, such as `eu-central-1`. Also `AWS_REGION`, or the region of the profile.
    #[attr(optional)]
    pub region: Option<String>,
    /// Profile of the shared files. Also `AWS_PROFILE`.
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
    /// How often a failed call is tried again. Also `AWS_MAX_ATTEMPTS`, which counts the first attempt too.
    #[attr(optional, validate = range(0..=100))]
    pub max_retries: Option<u32>,
    /// Tags of everything this provider makes.
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
    /// Secrets Manager.
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

const ROLE_RULE: &str = "be the ARN of a role, such as arn:aws:iam::123456789012:role/deploy";
const ENDPOINT_RULE: &str = "be a URL with a host, such as http://127.0.0.1:4566";
const DURATION_RULE: &str = "be a duration from 15m to 12h, such as 1h or 90m";

/// Whether a text is an ARN of an IAM role, in any partition.
#[must_use]
pub fn is_role_arn(text: &str) -> bool {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let [arn, partition, iam, region, account, role] = parts[..] else {
        return false;
    };
    let role = role
        .strip_prefix("role/")
        .is_some_and(|name| !name.is_empty());
    arn == "arn"
        && !partition.is_empty()
        && iam == "iam"
        && region.is_empty()
        && is_account_id(account)
        && role
}

fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn session_duration(text: &str) -> Option<Duration> {
    let duration: SignedDuration = text.parse().ok()?;
    let allowed = SignedDuration::from_mins(15)..=SignedDuration::from_hours(12);
    allowed.contains(&duration).then(|| duration.unsigned_abs())
}

fn is_session_duration(text: &str) -> bool {
    session_duration(text).is_some()
}

/// What is refused in a provider block, beyond the validators of single attributes. Unknown values pass.
#[must_use]
pub fn refusals(config: ProviderConfigPlan) -> Diagnostics {
    let mut found = Diagnostics::new();
    found.extend(refused_keys(&config));
    found.extend(refused_web_identity(&config));
    found.extend(refused_endpoints(config.endpoints.known()));
    let tags = config.default_tags.known().map(|block| &block.tags);
    let path = ProviderConfig::paths().default_tags().tags();
    for key in tags
        .and_then(Planned::known)
        .into_iter()
        .flat_map(BTreeMap::keys)
    {
        if is_reserved_tag(key) {
            found.push(reserved_tag(key, path.key(key)));
        }
        if key == ROOT_KEY_TAG {
            found.push(root_key_tag(path.key(key)));
        }
    }
    found
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

/// The tag of a secret by which the key of a root is recognised without reading it.
pub const ROOT_KEY_TAG: &str = "spki_sha256";

/// The refusal of a tag by the name of [`ROOT_KEY_TAG`].
#[must_use]
pub fn root_key_tag(path: AttributePath) -> Diagnostic {
    let detail = format!(
        "The tag {ROOT_KEY_TAG} is written by the provider: it tells which root key a secret holds. Choose another key."
    );
    Diagnostic::error("Reserved tag", detail).at(path)
}

/// The refusal of a reserved tag.
#[must_use]
pub fn reserved_tag(key: &str, path: AttributePath) -> Diagnostic {
    let detail = format!(
        "Tags that begin with aws: or skreg: are set by AWS and by this provider. Rename {key}."
    );
    Diagnostic::error("Reserved tag", detail).at(path)
}

fn refused_keys(config: &ProviderConfigPlan) -> Vec<Diagnostic> {
    let paths = ProviderConfig::paths();
    let mut found = Vec::new();
    let (access, secret) = (&config.access_key, &config.secret_key);
    if access.known().is_some() && secret.is_null() {
        let detail = "access_key and secret_key belong together. Set secret_key too, or leave both to the environment.";
        found.push(
            Diagnostic::error("Access key without its secret", detail).at(paths.access_key()),
        );
    }
    if secret.known().is_some() && access.is_null() {
        let detail = "access_key and secret_key belong together. Set access_key too, or leave both to the environment.";
        found.push(Diagnostic::error("Secret key without its id", detail).at(paths.secret_key()));
    }
    if config.token.known().is_some() && access.is_null() {
        let detail = "A session token belongs to an access key. Set access_key and secret_key too, or remove token.";
        found.push(
            Diagnostic::error("Session token without an access key", detail).at(paths.token()),
        );
    }
    if access.known().is_some() && config.profile.known().is_some() {
        let detail = "access_key and profile both name credentials, and only one can be used. Remove one of them.";
        found.push(Diagnostic::error("Two sources of credentials", detail).at(paths.profile()));
    }
    if access.known().is_some() && config.assume_role_with_web_identity.known().is_some() {
        let detail = "A role that is assumed with a web identity needs no access key. Remove access_key and secret_key, \
                      or use assume_role.";
        let path = paths.assume_role_with_web_identity();
        found.push(Diagnostic::error("Two sources of credentials", detail).at(path));
    }
    found
}

fn refused_web_identity(config: &ProviderConfigPlan) -> Option<Diagnostic> {
    let role = config.assume_role_with_web_identity.known()?;
    let paths = ProviderConfig::paths().assume_role_with_web_identity();
    let (token, file) = (&role.web_identity_token, &role.web_identity_token_file);
    if token.is_null() && file.is_null() {
        let detail =
            "Set web_identity_token_file, the file that holds the token, or web_identity_token.";
        return Some(Diagnostic::error("No web identity token", detail).at(paths));
    }
    if token.known().is_some() && file.known().is_some() {
        let detail = "Set either web_identity_token or web_identity_token_file, not both.";
        return Some(
            Diagnostic::error("Two web identity tokens", detail)
                .at(paths.web_identity_token_file()),
        );
    }
    None
}

fn refused_endpoints(endpoints: Option<&EndpointsPlan>) -> Option<Diagnostic> {
    let endpoints = endpoints?;
    let both = endpoints
        .elbv2
        .known()
        .and(endpoints.elasticloadbalancingv2.known());
    let detail =
        "elbv2 and elasticloadbalancingv2 are names of the same service. Keep one of them.";
    let path = ProviderConfig::paths().endpoints().elasticloadbalancingv2();
    both.map(|_| Diagnostic::error("Two endpoints of one service", detail).at(path))
}

fn is_url(text: &str) -> bool {
    let host = text
        .strip_prefix("http://")
        .or_else(|| text.strip_prefix("https://"));
    host.is_some_and(|host| {
        !host.is_empty() && !host.starts_with('/') && !host.contains(char::is_whitespace)
    })
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
    fn settings(self) -> BTreeMap<Service, String> {
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

#[cfg(test)]
mod tests {
    use tfplugin::schema::Value;

    use super::*;

    fn plan(fields: &[(&'static str, Value)]) -> ProviderConfigPlan {
        let mut value = ProviderConfigPlan::default().encode();
        if let Value::Object(attributes) = &mut value {
            attributes.extend(
                fields
                    .iter()
                    .map(|(name, value)| ((*name).to_owned(), value.clone())),
            );
        }
        ProviderConfigPlan::decode(value, &AttributePath::root())
            .unwrap_or_else(|error| panic!("{error}"))
    }

    fn refused(fields: &[(&'static str, Value)]) -> Vec<(String, String)> {
        let all = refusals(plan(fields)).into_iter();
        all.map(|diagnostic| (diagnostic.path.to_string(), diagnostic.summary))
            .collect()
    }

    fn pair(path: &str, summary: &str) -> (String, String) {
        (path.to_owned(), summary.to_owned())
    }

    #[test]
    fn an_endpoint_is_named_once() {
        let url = |url: &str| Planned::Known(url.to_owned());
        let mut endpoints = EndpointsPlan {
            ecs: url("http://127.0.0.1:4566"),
            elbv2: url("https://x"),
            ..EndpointsPlan::default()
        };
        let refused =
            |endpoints: &EndpointsPlan| refused(&[("endpoints", endpoints.clone().encode())]);
        assert_eq!(refused(&endpoints), []);
        endpoints.elasticloadbalancingv2 = url("https://y");
        let path = "endpoints.elasticloadbalancingv2";
        assert_eq!(
            refused(&endpoints),
            [pair(path, "Two endpoints of one service")]
        );
    }

    #[test]
    fn either_name_of_a_service_sets_its_endpoint() {
        let url = || Some("http://127.0.0.1:4566".to_owned());
        let none = || Endpoints {
            cloudwatchlogs: None,
            ecs: None,
            elbv2: None,
            elasticloadbalancingv2: None,
            secretsmanager: None,
            sts: None,
        };
        for endpoints in [
            Endpoints {
                elbv2: url(),
                ..none()
            },
            Endpoints {
                elasticloadbalancingv2: url(),
                ..none()
            },
        ] {
            let settings = endpoints.settings();
            assert!(
                settings
                    .keys()
                    .all(|service| *service == Service::ElasticLoadBalancingV2)
            );
            assert_eq!(settings.len(), 1);
        }
    }

    #[test]
    fn an_endpoint_is_a_url_with_a_host() {
        for good in ["http://127.0.0.1:4566", "https://x"] {
            assert!(is_url(good), "{good}");
        }
        for bad in [
            "",
            "127.0.0.1:4566",
            "http://",
            "http:///x",
            "ftp://x",
            "http://a b",
        ] {
            assert!(!is_url(bad), "{bad}");
        }
    }

    #[test]
    fn tags_that_something_else_writes_are_no_default_tags() {
        for key in ["spki_sha256", "aws:x", "skreg:bundle"] {
            let tags = Value::map([(key, Value::from("v"))]);
            let block = Value::object([("tags", tags)]);
            let path = format!("default_tags.tags[{key:?}]");
            assert_eq!(
                refused(&[("default_tags", block)]),
                [pair(&path, "Reserved tag")]
            );
        }
    }

    #[test]
    fn conflicting_credentials_are_refused_where_they_stand() {
        let text = Value::string;
        let keys = [("access_key", text("AKIA")), ("secret_key", text("s"))];
        assert_eq!(refused(&keys), []);
        assert_eq!(
            refused(&keys[..1]),
            [pair("access_key", "Access key without its secret")]
        );
        assert_eq!(
            refused(&keys[1..]),
            [pair("secret_key", "Secret key without its id")]
        );
        assert_eq!(
            refused(&[("token", text("t"))]),
            [pair("token", "Session token without an access key")]
        );
        let profile = [keys.to_vec(), vec![("profile", text("p"))]].concat();
        assert_eq!(
            refused(&profile),
            [pair("profile", "Two sources of credentials")]
        );
        assert_eq!(
            refused(&[("access_key", Value::unknown()), ("token", text("t"))]),
            []
        );
    }

    #[test]
    fn a_configuration_that_is_not_known_yet_names_what_is_missing() {
        let error = ProviderConfig::of(plan(&[("region", Value::unknown())])).err();
        assert_eq!(
            error.map(|error| error.path.to_string()).as_deref(),
            Some("region")
        );
    }

    #[test]
    fn session_durations_are_those_sts_allows() {
        for good in ["15m", "1h", "1h30m", "12h", "900s"] {
            assert!(is_session_duration(good), "{good}");
        }
        for bad in ["14m", "12h1s", "13h", "900", "", "-1h"] {
            assert!(!is_session_duration(bad), "{bad}");
        }
    }

    #[test]
    fn role_arns_are_told_from_other_arns() {
        assert!(is_role_arn("arn:aws-cn:iam::123456789012:role/path/deploy"));
        for bad in [
            "",
            "deploy",
            "arn:aws:iam::123456789012:user/x",
            "arn:aws:iam::12:role/x",
            "arn:aws:iam::123456789012:role/",
        ] {
            assert!(!is_role_arn(bad), "{bad}");
        }
    }
}
