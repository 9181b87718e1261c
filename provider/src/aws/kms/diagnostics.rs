//! Messages for KMS keys that cannot be used, and for failed KMS calls. The caller adds the attribute path.

use jiff::tz::TimeZone;
use tfplugin::Diagnostic;

use super::identifier::NotAKeyArn;
use super::key::{KeyProblem, KeyState, KmsKey, SIGN_VERIFY};
use super::specification::KeySpec;
use super::{DISABLED, INVALID_STATE, INVALID_USAGE, NOT_FOUND};
use crate::aws::arn::Arn;
use crate::aws::errors::{AwsError, AwsErrorKind};

impl From<KeyProblem> for Diagnostic {
    fn from(problem: KeyProblem) -> Self {
        let (summary, detail) = match &problem {
            KeyProblem::Usage { arn, usage } => (
                "KMS key cannot sign",
                format!(
                    "The usage of the KMS key {arn} is {usage}, but certificates require {SIGN_VERIFY}. The usage of a \
                     key cannot be changed. Specify another key, or create one with:\n\n    aws kms create-key \
                     --key-usage {SIGN_VERIFY} --key-spec SPEC"
                ),
            ),
            KeyProblem::Spec {
                arn,
                spec,
                required,
            } => (
                "KMS key spec does not match",
                spec_detail(arn, spec, *required),
            ),
            KeyProblem::State { key } => (state_summary(&key.state), state_detail(key)),
            KeyProblem::CustomKeyStore { arn, store } => (
                "KMS key is in a custom key store",
                format!(
                    "The custom key store {store} contains the KMS key {arn}. Custom key stores contain only symmetric \
                     encryption keys, which cannot sign. Specify an asymmetric key, or create one with:\n\n    aws kms \
                     create-key --key-usage {SIGN_VERIFY} --key-spec SPEC"
                ),
            ),
            KeyProblem::Arn {
                requested,
                returned,
            } => (
                "KMS returned a different key",
                format!(
                    "The configuration specifies the key {requested}, but KMS returned {returned}. Signing with \
                     another key would invalidate the certificates. Specify the ARN of the intended key. If \
                     `endpoints` or AWS_ENDPOINT_URL sets a custom endpoint, check it."
                ),
            ),
        };
        Self::error(summary, detail)
    }
}

fn spec_detail(arn: &str, spec: &str, required: KeySpec) -> String {
    let algorithm = required.key_algorithm();
    let required = required.name();
    let other = KeySpec::named(spec).map_or_else(
        || "Certificates do not support this specification.".to_owned(),
        |spec| {
            format!(
                "The specification belongs to the key algorithm {}.",
                spec.key_algorithm()
            )
        },
    );
    format!(
        "The specification of the KMS key {arn} is {spec}, but the key algorithm {algorithm} requires {required}. \
         {other} The specification of a key cannot be changed. Set key_algorithm to the algorithm of this key, specify \
         another key, or create a key with:\n\n    aws kms create-key --key-usage {SIGN_VERIFY} --key-spec {required}"
    )
}

fn state_summary(state: &KeyState) -> &'static str {
    match state {
        KeyState::Disabled => "KMS key is disabled",
        KeyState::PendingDeletion | KeyState::PendingReplicaDeletion => {
            "KMS key is pending deletion"
        }
        KeyState::PendingImport => "KMS key has no key material",
        KeyState::Creating
        | KeyState::Unavailable
        | KeyState::Updating
        | KeyState::Enabled
        | KeyState::Other(_) => "KMS key is unavailable",
    }
}

/// Returns the cause and the remedy for a state that does not allow signing (AWS KMS Developer Guide, "Key states of
/// AWS KMS keys").
fn state_detail(key: &KmsKey) -> String {
    let arn = &key.arn;
    let region = Arn::parse(arn).map_or_else(|| "REGION".to_owned(), |arn| arn.region);
    let command = |action: &str| format!("    aws kms {action} --key-id {arn} --region {region}");
    let enable = command("enable-key");
    let cancel = command("cancel-key-deletion");
    let describe = command("describe-key");
    let date = key.deletion_date.map_or_else(String::new, |date| {
        let date = date.to_zoned(TimeZone::UTC).date();
        format!("KMS deletes the key on {date}, and a deleted key cannot be restored. ")
    });
    let remedy = match &key.state {
        KeyState::Disabled => format!("Enable the key with:\n\n{enable}"),
        KeyState::PendingDeletion => format!(
            "{date}Cancel the deletion, which leaves the key disabled, and enable the key with:\n\n{cancel}\n{enable}"
        ),
        KeyState::PendingReplicaDeletion => format!(
            "The key is a multi-Region primary key, and KMS deletes it after its replica keys. Cancel the deletion, \
             which leaves the key disabled, and enable the key with:\n\n{cancel}\n{enable}"
        ),
        KeyState::PendingImport => format!(
            "The key material was not imported, has expired, or was deleted. Import the same key material (with `aws \
             kms get-parameters-for-import` and `aws kms import-key-material`), and check the state of the key \
             with:\n\n{describe}"
        ),
        KeyState::Creating
        | KeyState::Unavailable
        | KeyState::Updating
        | KeyState::Enabled
        | KeyState::Other(_) => {
            format!(
                "Wait until the state is Enabled, and then run the command again. Check the state of the key with:\n\n{describe}"
            )
        }
    };
    let state = key.state.name();
    format!("The state of the KMS key {arn} is {state}, so the key cannot sign. {remedy}")
}

/// Returns the error for a configured key identifier that is not a key ARN.
#[must_use]
pub fn not_a_key_arn(text: &str, found: NotAKeyArn) -> Diagnostic {
    let (reason, key) = match found {
        NotAKeyArn::Alias => (
            "An alias can be moved to another key, which would replace the signing key without a change to the \
             configuration.",
            text,
        ),
        NotAKeyArn::KeyId => (
            "A key ID does not specify the account and the region of the key.",
            text,
        ),
        NotAKeyArn::OtherResource | NotAKeyArn::NotAnArn => (
            "The format of a key ARN is arn:PARTITION:kms:REGION:ACCOUNT:key/KEY_ID.",
            "KEY",
        ),
    };
    let detail = format!(
        "\"{text}\" is not the ARN of a KMS key: {found}. {reason} Specify the key ARN, which the following command \
         prints:\n\n    aws kms describe-key --key-id {key} --query KeyMetadata.Arn --output text"
    );
    Diagnostic::error("Invalid KMS key ARN", detail)
}

/// Returns the error for a key in another region than the region of the connection. A KMS endpoint only knows the keys
/// of its region.
#[must_use]
pub fn other_region(key: &Arn, connected: &str) -> Diagnostic {
    let region = &key.region;
    let detail = format!(
        "The KMS key {key} is in region {region}, but the provider is configured for {connected}. KMS signs only in the \
         region of the key. Use a provider block with region = \"{region}\" for this resource, or specify a key in \
         {connected}."
    );
    Diagnostic::error("KMS key is in another region", detail)
}

/// Returns the detail of the diagnostic for a failed KMS call. `account` is the account that the credentials belong to,
/// if known.
#[must_use]
pub fn key_detail(error: &AwsError, key: &str, account: Option<&str>) -> String {
    let action = error.action;
    let other_account = Arn::parse(key)
        .zip(account)
        .filter(|(key, account)| !key.account.is_empty() && key.account != *account);
    let describe = format!("    aws kms describe-key --key-id {key}");
    match (error.kind, error.code.as_deref(), other_account) {
        (AwsErrorKind::AccessDenied, _, Some((key, account))) => format!(
            "{error}\n\nThe KMS key belongs to the account {}, but the credentials belong to the account {account}. Use \
             credentials for the account of the key, or allow {action} in the key policy of the key and in the \
             caller's IAM policy.",
            key.account
        ),
        (AwsErrorKind::AccessDenied, _, None) => format!(
            "{error}\n\nThe caller is not authorized to call {action} for the KMS key {key}. Allow the action in the \
             key policy, and in the caller's IAM policy if the key policy delegates to IAM."
        ),
        (_, Some(NOT_FOUND), Some((key, account))) => format!(
            "{error}\n\nThe KMS key {key} belongs to another account than the credentials ({account}), or does not \
             exist. Check the ARN and the credentials with:\n\n{describe}\n    aws sts get-caller-identity"
        ),
        (_, Some(NOT_FOUND), None) => format!(
            "{error}\n\nThe KMS key {key} does not exist. A deleted key cannot be restored. Check the ARN, the region, \
             and the account with:\n\n{describe}"
        ),
        (_, Some(DISABLED | INVALID_STATE), _) => format!(
            "{error}\n\nThe state of the KMS key {key} does not allow the call. Check KeyState with:\n\n{describe}"
        ),
        (_, Some(INVALID_USAGE), _) => format!(
            "{error}\n\nThe usage or the specification of the KMS key {key} does not match the request. Check KeyUsage \
             and KeySpec with:\n\n{describe}"
        ),
        _ => error.detail(&format!(
            "Correct the problem that the message describes, then run the command again. Check the KMS key \
             with:\n\n{describe}"
        )),
    }
}
