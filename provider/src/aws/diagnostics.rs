//! Diagnostics for AWS errors. All conversions from AWS errors to diagnostics are in this module.
//!
//! A diagnostic names the call, the error, and the remedy. It must not contain any part of a secret.

use std::fmt::Write as _;

use tfplugin::Diagnostic;
use tfplugin::schema::AttributePath;

use super::connect_error::ConnectError;
use super::errors::{AwsError, AwsErrorKind};
use super::identity::IdentityMismatch;
use super::secrets::missing_kms_actions;
use super::tags::ROOT_KEY_TAG;

impl AwsError {
    /// Returns the remedy as sentences, or `None` if it depends on the caller.
    #[must_use]
    pub fn remedy(&self) -> Option<String> {
        let action = self.action;
        Some(match self.kind {
            AwsErrorKind::NoCredentials => "No AWS credentials were found. Log in (`aws sso login`), export AWS_PROFILE \
                or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or set profile, access_key or assume_role in the \
                provider block."
                .to_owned(),
            AwsErrorKind::BadCredentials => "The configured credentials could not be loaded. Check the profile, the \
                shared files and the token file that the provider block or the AWS_* variables specify."
                .to_owned(),
            AwsErrorKind::RoleRefused => "The role could not be assumed. Check its ARN and its trust policy (caller, \
                external ID, web identity), and that the caller has the sts:AssumeRole permission."
                .to_owned(),
            AwsErrorKind::ExpiredToken => "The temporary credentials have expired. Log in again (`aws sso login`, or a \
                new AWS_SESSION_TOKEN), then run the command again. Changes that were already made are kept."
                .to_owned(),
            AwsErrorKind::UnknownKey => "AWS does not accept the access key. Check that the access key and the secret \
                key match, that the key is active, and that the region is enabled for the account."
                .to_owned(),
            AwsErrorKind::WrongRegion => "The request was sent to an endpoint in another region. Set `region` in the \
                provider block (or AWS_REGION) to the region of the configured endpoint."
                .to_owned(),
            AwsErrorKind::ClockSkew => {
                "The clock of this machine differs too much from that of AWS. Synchronize it (NTP), then run the \
                 command again.".to_owned()
            }
            AwsErrorKind::AccessDenied => format!(
                "The caller is not authorized to call {action}. Allow the action in the caller's IAM policy (and \
                 permissions boundary, SCP), or use a role that has the permission."
            ),
            AwsErrorKind::Unreachable => "The endpoint could not be reached. Check the name of the region, the network \
                (proxy, VPN, DNS), and the endpoint if `endpoints` or AWS_ENDPOINT_URL sets one."
                .to_owned(),
            AwsErrorKind::TimedOut => "The request timed out. Run the command again: the provider detects calls that \
                took effect and does not repeat them."
                .to_owned(),
            AwsErrorKind::Throttled => "AWS is throttling the requests. Run the command again later, increase \
                max_retries in the provider block, or reduce -parallelism."
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
            AwsErrorKind::UnknownAction => format!("The endpoint does not support {action}. Check the configured \
                endpoint."),
            AwsErrorKind::Service => return None,
        })
    }

    /// Returns the detail of a diagnostic: the call, the error, and the remedy. `hint` is the caller's remedy, used for
    /// errors that are specific to the service.
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
    /// Returns the remedy.
    #[must_use]
    pub fn remedy(&self) -> String {
        match self {
            Self::NotKnownYet { attribute } => format!(
                "The value of {attribute} in the provider block is known only after apply, but this operation needs \
                 it. Apply its dependencies first (-target), or specify a constant."
            ),
            Self::NoRegion => "Set `region` in the provider block, export AWS_REGION, or set the region of the \
                profile.".to_owned(),
            Self::BadRegion { .. } => "Specify a region code, such as eu-central-1 or us-gov-west-1.".to_owned(),
            Self::NoProfile { .. } => "Check `profile` in the provider block. List the profiles with:\n\n    aws \
                configure list-profiles\n\nTo use files in other locations, set shared_config_files and \
                shared_credentials_files, or AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE."
                .to_owned(),
            Self::SharedFiles { .. } => "Check shared_config_files and shared_credentials_files in the provider block, or \
                ~/.aws/config and ~/.aws/credentials."
                .to_owned(),
            Self::BadSetting { source_name, allowed, .. } => format!("Set {source_name} to {allowed}, or remove it."),
            Self::SensitiveLogging => "Unset LOG_SENSITIVE_BODIES. The variable makes the AWS SDK write response \
                bodies, including private keys, to the trace log."
                .to_owned(),
            Self::AccountNotAllowed { account } => format!(
                "Use credentials of an allowed account (another profile or assume_role), or add \"{account}\" to \
                 allowed_account_ids if this account is the intended one."
            ),
            Self::Identity(error) => error.detail("The check of allowed_account_ids requires sts:GetCallerIdentity."),
        }
    }
}

impl From<ConnectError> for Diagnostic {
    fn from(error: ConnectError) -> Self {
        let text = error.to_string();
        Self::error(
            "Cannot configure the AWS clients",
            format!("{text}.\n\n{}", error.remedy()),
        )
    }
}

impl From<IdentityMismatch> for Diagnostic {
    fn from(error: IdentityMismatch) -> Self {
        let (summary, remedy) = match &error {
            IdentityMismatch::Region { stored, .. } => (
                "Resource is in another region",
                format!(
                    "Set region = \"{stored}\" in the provider block that this resource uses (give each region its own \
                     block with an alias), or export AWS_REGION={stored}. To move to the other region, destroy the \
                     resource with the old region first."
                ),
            ),
            IdentityMismatch::Account { stored, .. } => (
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
             To remove the resource from the state without destroying it, run: state rm ADDRESS"
        );
        Self::error(summary, detail)
    }
}

/// Returns the error for a configured [`ROOT_KEY_TAG`].
#[must_use]
pub fn root_key_tag(path: AttributePath) -> Diagnostic {
    let detail = format!(
        "The provider sets the tag {ROOT_KEY_TAG} to identify the root key in a secret. Choose another tag key."
    );
    Diagnostic::error("Reserved tag", detail).at(path)
}

/// Returns the error for a reserved tag.
#[must_use]
pub fn reserved_tag(key: &str, path: AttributePath) -> Diagnostic {
    let detail = format!(
        "Tag keys that begin with aws: or skreg: are reserved for AWS and for this provider. Rename {key}."
    );
    Diagnostic::error("Reserved tag", detail).at(path)
}

/// Returns the detail of the diagnostic for a failed Secrets Manager call. `kms_key` is the configured key that encrypts
/// the secret, if any.
#[must_use]
pub fn secret_detail(error: &AwsError, kms_key: Option<&str>) -> String {
    if let Some(actions) = missing_kms_actions(error) {
        let key = match kms_key {
            Some(key) => format!("the KMS key {key}"),
            None => "the KMS key of the account for Secrets Manager (alias/aws/secretsmanager)"
                .to_owned(),
        };
        return format!(
            "{error}\n\nThe call itself is allowed, but the caller has no permission to use the key that encrypts the \
             secret. Allow {actions} on {key}, in the IAM policy of the caller and in the key policy."
        );
    }
    let hint = match error.code.as_deref() {
        Some("EncryptionFailure" | "DecryptionFailure") => {
            "Secrets Manager could not use the KMS key. Check that secrets_manager.kms_key_id exists in this region, is \
             enabled, and that its policy lets the caller use it (kms:GenerateDataKey, kms:Decrypt)."
        }
        Some("LimitExceededException") => {
            "A quota of Secrets Manager is exceeded. Request an increase in Service Quotas, then apply again."
        }
        Some("ResourceNotFoundException") => {
            "The secret does not exist. Check the region and the account of the provider's configuration."
        }
        _ => {
            "Correct the problem that the message describes, then apply again. The provider reuses a key that is \
             already stored."
        }
    };
    error.detail(hint)
}
