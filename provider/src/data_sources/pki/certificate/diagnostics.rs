//! Errors about the secret that contains the key of a certificate.

use tfplugin::Diagnostic;

use super::model::Certificate;
use crate::aws::AwsError;
use crate::aws::diagnostics::secret_detail;
use crate::aws::identity::IdentityMismatch;
use crate::aws::secrets::{NOT_FOUND, SecretDescription};
use crate::aws::tags::ROOT_KEY_TAG;

fn at_secret(summary: &str, detail: String) -> Diagnostic {
    Diagnostic::error(summary, detail).at(Certificate::paths().secret_arn())
}

/// Reports that `DescribeSecret` failed.
pub(super) fn not_described(arn: &str, error: &AwsError) -> Diagnostic {
    if error.is(NOT_FOUND) {
        let detail = format!(
            "The secret {arn} does not exist, so the private key of the certificate is not available for signing. \
             Check secret_arn and the region and credentials of the provider."
        );
        return at_secret("Secret does not exist", detail);
    }
    at_secret("Secret could not be described", secret_detail(error, None))
}

/// Reports that the secret is not in the region of the connection.
pub(super) fn elsewhere(error: IdentityMismatch) -> Diagnostic {
    Diagnostic::from(error).at(Certificate::paths().secret_arn())
}

/// Reports that the run was interrupted or timed out.
pub(super) fn stopped(arn: &str) -> Diagnostic {
    let detail = format!(
        "The run was interrupted, or timeouts.read expired, before the provider could describe the secret {arn}. Run the \
         command again. If the read timed out, increase timeouts.read."
    );
    at_secret("Read was stopped", detail)
}

/// Reports that the secret is scheduled for deletion.
pub(super) fn pending_deletion(secret: &SecretDescription) -> Diagnostic {
    let arn = &secret.arn;
    let date = secret
        .deletion_date
        .map_or_else(String::new, |date| format!(" (DeletedDate {date})"));
    let detail = format!(
        "The secret {arn} is scheduled for deletion{date}. After the deletion, the private key of the certificate is no longer \
         available for signing.\n\nTo keep the key, restore the secret:\n\n    aws secretsmanager restore-secret --secret-id {arn}"
    );
    at_secret("Secret is scheduled for deletion", detail)
}

/// Reports that the secret does not have the tag that identifies a key.
pub(super) fn foreign(arn: &str) -> Diagnostic {
    let detail = format!(
        "The secret {arn} does not have the tag {ROOT_KEY_TAG}, which this provider uses to identify the key in a secret. The \
         data source does not read the value of the secret.\n\nSet secret_arn to a secret that this provider created, such as \
         skreg_pki_root_ca.NAME.secret_arn."
    );
    at_secret("Secret does not contain a key from this provider", detail)
}

/// Reports that the secret contains a different key.
pub(super) fn another_key(arn: &str, found: &str, expected: &str) -> Diagnostic {
    let detail = format!(
        "The tag {ROOT_KEY_TAG} of the secret {arn} is {found}, but the public key of the certificate has the hash \
         {expected}. The certificate belongs to a different key, for example from another generation.\n\nSet certificate_pem and \
         secret_arn to values from the same certificate authority."
    );
    at_secret("Secret contains a different key", detail)
}
