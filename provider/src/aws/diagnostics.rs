//! Diagnostics for AWS errors. This module contains all conversions from AWS errors to diagnostics.
//!
//! A diagnostic includes the call, the error, and the remedy. It must not contain any part of a secret.

use std::fmt::Write as _;

use tfplugin::Diagnostic;
use tfplugin::schema::AttributePath;

use super::connect_error::ConnectError;
use super::errors::{AwsError, AwsErrorKind};
use super::identity::IdentityMismatch;
use super::secrets::missing_kms_actions;
use super::tags::ROOT_KEY_TAG;

impl AwsError {
    /// Returns the remedy as complete sentences, or `None` if the remedy depends on the caller.
    #[must_use]
    pub fn remedy(&self) -> Option<String> {
        let action = self.action;
        Some(match self.kind {
            AwsErrorKind::NoCredentials => "No AWS credentials were found. Log in (`aws sso login`), export \
                AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or set profile, access_key, or assume_role \
                in the provider block."
                .to_owned(),
            AwsErrorKind::BadCredentials => "The configured credentials could not be loaded. Check the profile, the \
                shared files, and the token file that the provider block or the AWS_* variables specify."
                .to_owned(),
            AwsErrorKind::RoleRefused => "The role could not be assumed. Check the ARN of the role and its trust \
                policy (caller, external ID, web identity). Also check that the caller has the sts:AssumeRole \
                permission."
                .to_owned(),
            AwsErrorKind::ExpiredToken => "The temporary credentials have expired. Log in again (`aws sso login`, or a \
                new AWS_SESSION_TOKEN), then run the command again. Completed changes are kept."
                .to_owned(),
            AwsErrorKind::UnknownKey => "AWS does not accept the access key. Check that the access key and the secret \
                key match, that the key is active, and that the region is enabled for the account."
                .to_owned(),
            AwsErrorKind::WrongRegion => "The request was signed for a region that does not match the endpoint. Set \
                `region` in the provider block (or AWS_REGION) to the region of the configured endpoint."
                .to_owned(),
            AwsErrorKind::ClockSkew => {
                "The clock of this machine differs too much from the AWS clock. Synchronize the clock (NTP), then run \
                 the command again.".to_owned()
            }
            AwsErrorKind::AccessDenied => format!(
                "The caller is not authorized to call {action}. Allow the action in the caller's IAM policy (and in \
                 any permissions boundary or SCP), or use a role that has the permission."
            ),
            AwsErrorKind::Unreachable => "The endpoint could not be reached. Check the region name, the network \
                (proxy, VPN, DNS), and the endpoint if `endpoints` or AWS_ENDPOINT_URL sets one."
                .to_owned(),
            AwsErrorKind::TimedOut => "The request timed out. Run the command again. The provider detects calls that \
                took effect and does not repeat them."
                .to_owned(),
            AwsErrorKind::Throttled => "AWS is throttling the requests. Run the command again later, increase \
                max_retries in the provider block, or reduce -parallelism."
                .to_owned(),
            AwsErrorKind::Unavailable => "AWS returned a server error or an incomplete response, and all retries \
                failed. Run the command again in a few minutes. The provider detects completed calls and does not \
                repeat them. If the error persists, check https://health.aws.amazon.com for an outage."
                .to_owned(),
            AwsErrorKind::Corrupt => "The content differs from the checksum that the service stored, so it was not used. \
                Check any proxy between this machine and AWS, and run the command again. If the error persists, restore \
                an earlier version of the object."
                .to_owned(),
            AwsErrorKind::Plaintext => "Calls to Secrets Manager carry private keys, and calls to KMS carry the public keys \
                that the provider certifies, so the request was not sent. Use an https:// endpoint or a loopback \
                address. Check `endpoints` in the provider block, AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_SECRETS_MANAGER, \
                AWS_ENDPOINT_URL_KMS, and endpoint_url in the shared configuration file."
                .to_owned(),
            AwsErrorKind::NotAws => "The endpoint that responded is not AWS. Check `endpoints` in the provider block, \
                AWS_ENDPOINT_URL, and any proxy."
                .to_owned(),
            AwsErrorKind::UnknownAction => format!("The endpoint does not support {action}. Check the configured \
                endpoint."),
            AwsErrorKind::Service => return None,
        })
    }

    /// Returns the detail of a diagnostic: the call, the error, and the remedy. `hint` is the caller's remedy for
    /// service-specific errors.
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
                "The value of {attribute} in the provider block is known only after apply, but this operation requires \
                 it. Apply its dependencies first (-target), or specify a constant value."
            ),
            Self::NoRegion => "Set `region` in the provider block, export AWS_REGION, or set the region in the \
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
                "Use credentials for an allowed account (another profile or assume_role), or add \"{account}\" to \
                 allowed_account_ids if this account is the intended one."
            ),
            Self::Identity(error) => error.detail("Checking allowed_account_ids requires sts:GetCallerIdentity."),
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
                    "Set region = \"{stored}\" in the provider block that this resource uses (use a separate block \
                     with an alias for each region), or export AWS_REGION={stored}. To move the resource to the other \
                     region, first destroy it in the old region."
                ),
            ),
            IdentityMismatch::Account { stored, .. } => (
                "Resource is in another account",
                format!(
                    "Use credentials for the account {stored} (profile, assume_role, or the AWS_* variables), and \
                     check them with:\n\n    aws sts get-caller-identity\n\nTo move the resource to the other account, \
                     first destroy it with the old credentials."
                ),
            ),
        };
        let detail = format!(
            "{error}. An object that is missing in one location can still exist in the other, so nothing was read or \
             changed.\n\n{remedy} To remove the resource from the state without destroying it, run: state rm ADDRESS"
        );
        Self::error(summary, detail)
    }
}

/// Returns the error for a configured [`ROOT_KEY_TAG`].
#[must_use]
pub fn root_key_tag(path: AttributePath) -> Diagnostic {
    let detail = format!(
        "The provider sets the tag {ROOT_KEY_TAG} to identify the key in a secret. Use a different tag key."
    );
    Diagnostic::error("Reserved tag", detail).at(path)
}

/// Returns the error for a reserved tag.
#[must_use]
pub fn reserved_tag(key: &str, path: AttributePath) -> Diagnostic {
    let detail = format!(
        "Tag keys that begin with aws: or skreg: are reserved for AWS and for this provider. Rename the tag {key}."
    );
    Diagnostic::error("Reserved tag", detail).at(path)
}

/// Returns the detail of the diagnostic for a failed Secrets Manager call. `kms_key` is the configured encryption key,
/// if any.
#[must_use]
pub fn secret_detail(error: &AwsError, kms_key: Option<&str>) -> String {
    if let Some(actions) = missing_kms_actions(error) {
        let key = match kms_key {
            Some(key) => format!("the KMS key {key}"),
            None => "the AWS managed key for Secrets Manager (alias/aws/secretsmanager)".to_owned(),
        };
        return format!(
            "{error}\n\nThe caller is allowed to make the call, but not to use the key that encrypts the secret. Allow \
             {actions} on {key} in the caller's IAM policy and in the key policy."
        );
    }
    let hint = match error.code.as_deref() {
        Some("EncryptionFailure" | "DecryptionFailure") => {
            "Secrets Manager could not use the KMS key. Check that the key in secrets_manager.kms_key_id exists in \
             this region and is enabled, and that its policy allows the caller to use it (kms:GenerateDataKey, \
             kms:Decrypt)."
        }
        Some("LimitExceededException") => {
            "A Secrets Manager quota is exceeded. Request a quota increase in Service Quotas, then apply again."
        }
        Some("ResourceNotFoundException") => {
            "The secret does not exist. Check the region and the account in the provider configuration."
        }
        _ => {
            "Correct the problem that the message describes, then apply again. The provider reuses a key that is \
             already stored."
        }
    };
    error.detail(hint)
}
