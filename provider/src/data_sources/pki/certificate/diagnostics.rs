//! Errors about the secret of a certificate.

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

/// `DescribeSecret` failed.
pub(super) fn not_described(arn: &str, error: &AwsError) -> Diagnostic {
    if error.is(NOT_FOUND) {
        let detail = format!(
            "The secret {arn} does not exist, so nothing can be signed with the key of the certificate. Check secret_arn, \
             and the region and the credentials of the provider."
        );
        return at_secret("Secret does not exist", detail);
    }
    at_secret("Secret could not be described", secret_detail(error, None))
}

/// The secret is in another region than the connection.
pub(super) fn elsewhere(error: IdentityMismatch) -> Diagnostic {
    Diagnostic::from(error).at(Certificate::paths().secret_arn())
}

/// The run was interrupted, or its time is over.
pub(super) fn stopped(arn: &str) -> Diagnostic {
    let detail = format!(
        "The run was interrupted, or the time that timeouts.read allows passed, before the secret {arn} was described. Run the \
         command again, with a longer timeout if necessary."
    );
    at_secret("Read was stopped", detail)
}

/// The secret is scheduled for deletion.
pub(super) fn pending_deletion(secret: &SecretDescription) -> Diagnostic {
    let arn = &secret.arn;
    let date = secret
        .deletion_date
        .map_or_else(String::new, |date| format!(" (DeletedDate {date})"));
    let detail = format!(
        "The secret {arn} is scheduled for deletion{date}. After the deletion, nothing can be signed with the key of the \
         certificate.\n\nTo keep the key, restore the secret:\n\n    aws secretsmanager restore-secret --secret-id {arn}"
    );
    at_secret("Secret is scheduled for deletion", detail)
}

/// The secret does not have the tag of a key.
pub(super) fn foreign(arn: &str) -> Diagnostic {
    let detail = format!(
        "The secret {arn} does not have the tag {ROOT_KEY_TAG}, with which this provider identifies the key in a secret. The \
         data source does not read the value of the secret. Set secret_arn to a secret of this provider, such as \
         skreg_pki_root_ca.NAME.secret_arn."
    );
    at_secret("Secret has no key of this provider", detail)
}

/// The secret contains another key.
pub(super) fn another_key(arn: &str, found: &str, expected: &str) -> Diagnostic {
    let detail = format!(
        "The tag {ROOT_KEY_TAG} of the secret {arn} is {found}, and the public key of the certificate has the hash \
         {expected}. The certificate belongs to another key, for example of another generation.\n\nSet certificate_pem and \
         secret_arn to values of the same authority."
    );
    at_secret("Secret contains another key", detail)
}
