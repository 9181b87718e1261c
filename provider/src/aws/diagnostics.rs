//! What failures of AWS mean to a user: the one place where an error of AWS becomes a diagnostic.
//!
//! A diagnostic says what was called, what came back, and what to do. Nothing here may hold anything out of a secret.

use std::fmt::Write as _;

use tfplugin::Diagnostic;
use tfplugin::schema::AttributePath;

use super::connect_error::ConnectError;
use super::errors::{AwsError, AwsErrorKind};
use super::identity::Elsewhere;
use super::secrets::missing_kms_actions;
use super::tags::ROOT_KEY_TAG;

impl AwsError {
    /// What the user can do about it, as sentences; nothing where only the caller knows.
    #[must_use]
    pub fn remedy(&self) -> Option<String> {
        let action = self.action;
        Some(match self.kind {
            AwsErrorKind::NoCredentials => "No AWS credentials were found. Log in (`aws sso login`), export AWS_PROFILE \
                or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or set profile, access_key or assume_role in the \
                provider block."
                .to_owned(),
            AwsErrorKind::BadCredentials => "The configured credentials could not be loaded. Check the profile, the \
                shared files and the token file that the provider block or the AWS_* variables name."
                .to_owned(),
            AwsErrorKind::RoleRefused => "The role could not be assumed. Check its ARN and its trust policy (caller, \
                external ID, web identity), and that the caller has the permission sts:AssumeRole."
                .to_owned(),
            AwsErrorKind::ExpiredToken => "The temporary credentials have expired. Log in again (`aws sso login`, or a \
                new AWS_SESSION_TOKEN), then repeat the command; what was done so far is kept."
                .to_owned(),
            AwsErrorKind::UnknownKey => "AWS does not accept the access key. Check that key and secret belong together, \
                that the key is active, and that the region is enabled for the account."
                .to_owned(),
            AwsErrorKind::WrongRegion => "The request went to an endpoint of another region. Make `region` of the \
                provider block (or AWS_REGION) and the configured endpoint agree."
                .to_owned(),
            AwsErrorKind::ClockSkew => {
                "The clock of this machine differs too much from AWS's. Set it (NTP), then repeat the command.".to_owned()
            }
            AwsErrorKind::AccessDenied => format!(
                "The caller may not call {action}. Allow it in the caller's IAM policy (and permission boundary, SCP), \
                 or use a role that may."
            ),
            AwsErrorKind::Unreachable => "The endpoint could not be reached. Check that the region exists and is \
                spelled right, the network (proxy, VPN, DNS), and the endpoint if one is set in `endpoints` or in \
                AWS_ENDPOINT_URL."
                .to_owned(),
            AwsErrorKind::TimedOut => "The request timed out. Run the command again: the provider detects calls that \
                took effect and does not repeat them."
                .to_owned(),
            AwsErrorKind::Throttled => "AWS is limiting the rate of calls. Repeat the command later, raise max_retries \
                in the provider block, or lower -parallelism."
                .to_owned(),
            AwsErrorKind::Unavailable => "AWS returned a server error or an incomplete response, and all retries failed. \
                Run the command again in a few minutes: the provider detects completed calls and does not repeat \
                them. If the error persists, check https://health.aws.amazon.com for an outage."
                .to_owned(),
            AwsErrorKind::Plaintext => "Requests to Secrets Manager and KMS carry private keys, so nothing was sent. Use an \
                https:// endpoint, or one on loopback: check `endpoints` in the provider block, AWS_ENDPOINT_URL, \
                AWS_ENDPOINT_URL_SECRETS_MANAGER, and endpoint_url in the shared configuration file."
                .to_owned(),
            AwsErrorKind::NotAws => "The endpoint that responded is not AWS. Check `endpoints` in the provider block, AWS_ENDPOINT_URL \
                and any proxy."
                .to_owned(),
            AwsErrorKind::UnknownAction => format!("The endpoint does not offer {action}. Check the configured endpoint."),
            AwsErrorKind::Service => return None,
        })
    }

    /// The body of a diagnostic: what was called, what came back, what to do. `hint` is the caller's remedy, used
    /// where the error is the service's own.
    #[must_use]
    pub fn detail(&self, hint: &str) -> String {
        let mut text = format!("{self}");
        let remedy = self.remedy().unwrap_or_else(|| hint.to_owned());
        if !remedy.is_empty() {
            let _ = write!(text, "\n\n{remedy}");
        }
        text
    }
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

impl From<Elsewhere> for Diagnostic {
    fn from(error: Elsewhere) -> Self {
        let (summary, remedy) = match &error {
            Elsewhere::Region { stored, .. } => (
                "Resource is in another region",
                format!(
                    "Set region = \"{stored}\" in the provider block that this resource uses (give each region its own \
                     block with an alias), or export AWS_REGION={stored}. To move to the other region, destroy the \
                     resource with the old region first."
                ),
            ),
            Elsewhere::Account { stored, .. } => (
                "Resource is in another account",
                format!(
                    "Use credentials of the account {stored} (profile, assume_role or the AWS_* variables), and check \
                     them with:\n\n    aws sts get-caller-identity\n\nTo move to the other account, destroy the resource \
                     with the old credentials first."
                ),
            ),
        };
        let detail = format!(
            "{error}. An object that is missing there may still exist here, so nothing was read or changed.\n\n{remedy} \
             To forget the resource without destroying it, run: state rm ADDRESS"
        );
        Self::error(summary, detail)
    }
}

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

/// Returns the body of the diagnostic of a failed call to Secrets Manager. `kms_key` is the key that encrypts the secret,
/// where one is configured.
#[must_use]
pub fn secret_detail(error: &AwsError, kms_key: Option<&str>) -> String {
    if let Some(actions) = missing_kms_actions(error) {
        let key = match kms_key {
            Some(key) => format!("the KMS key {key}"),
            None => "the KMS key of the account for Secrets Manager (alias/aws/secretsmanager)"
                .to_owned(),
        };
        return format!(
            "{error}\n\nThe call itself is allowed; what is missing is the permission to use the key that encrypts the \
             secret. Allow {actions} on {key}, in the IAM policy of the caller and in the policy of the key."
        );
    }
    let hint = match error.code.as_deref() {
        Some("EncryptionFailure" | "DecryptionFailure") => {
            "Secrets Manager could not use the KMS key. Check that secrets_manager.kms_key_id exists in this region, is \
             enabled, and that its policy lets the caller use it (kms:GenerateDataKey, kms:Decrypt)."
        }
        Some("LimitExceededException") => {
            "A quota of Secrets Manager is used up. Request an increase in Service Quotas, then apply again."
        }
        Some("ResourceNotFoundException") => {
            "Secrets Manager does not find the secret. Check the region and the account of the provider's configuration."
        }
        _ => {
            "Correct what the message names and apply again. A key that is stored already is found and used."
        }
    };
    error.detail(hint)
}
