//! Errors for a private key that cannot be read. No message contains a part of the secret value.

use std::error::Error;

use tfplugin::Diagnostic;

use super::model::PrivateKey;
use crate::aws::AwsError;
use crate::aws::diagnostics::secret_detail;
use crate::aws::identity::IdentityMismatch;
use crate::aws::secrets::NOT_FOUND;
use crate::pki::{CertificateKind, DocumentError};

fn at_secret(summary: &str, detail: String) -> Diagnostic {
    Diagnostic::error(summary, detail).at(PrivateKey::paths().secret_arn())
}

/// Both selectors of the version are set.
pub(super) fn two_versions() -> Diagnostic {
    let detail = "Set either version_stage or version_id, not both.";
    Diagnostic::error("Conflicting secret versions", detail).at(PrivateKey::paths().version_id())
}

/// The run was interrupted or timed out.
pub(super) fn stopped(arn: &str) -> Diagnostic {
    let detail = format!(
        "The run was interrupted or timed out while the provider read the secret {arn}. Run the command again."
    );
    at_secret("Private key could not be read", detail)
}

/// The secret is in another region or account.
pub(super) fn elsewhere(error: IdentityMismatch) -> Diagnostic {
    Diagnostic::from(error).at(PrivateKey::paths().secret_arn())
}

/// `GetSecretValue` failed.
pub(super) fn not_read(arn: &str, error: &AwsError) -> Diagnostic {
    if error.is(NOT_FOUND) {
        let detail = format!(
            "The secret {arn}, or the requested version of it, does not exist. A secret has the staging label AWSPREVIOUS only \
             after its certificate was renewed. The following command lists the versions:\n\n    aws secretsmanager \
             list-secret-version-ids --secret-id {arn}"
        );
        return at_secret("Private key does not exist", detail);
    }
    at_secret("Private key could not be read", secret_detail(error, None))
}

/// The value of the secret is not a key document.
pub(super) fn not_a_key_document(arn: &str, error: &DocumentError) -> Diagnostic {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    let detail = format!(
        "The value of the secret {arn} is unusable: {text}. Specify the secret_arn of a skreg_pki_certificate resource."
    );
    at_secret("Secret does not contain a usable key", detail)
}

/// The secret contains the key of a certificate authority.
pub(super) fn authority(arn: &str, kind: CertificateKind) -> Diagnostic {
    let detail = format!(
        "The secret {arn} contains the key of a certificate authority (kind {}). Every holder of this key can issue \
         certificates, so the provider never returns it.\n\nSpecify the secret_arn of a skreg_pki_certificate resource.",
        kind.name()
    );
    at_secret("Key belongs to a certificate authority", detail)
}

/// The private key is in KMS.
pub(super) fn key_in_kms(arn: &str, key: &str) -> Diagnostic {
    let detail = format!(
        "The secret {arn} contains a certificate whose private key is the KMS key {key}. A private key cannot be exported from \
         AWS KMS. Sign with the KMS key, or issue a certificate without kms."
    );
    at_secret("Private key is in AWS KMS", detail)
}

/// The certificate was not issued.
pub(super) fn not_issued(arn: &str) -> Diagnostic {
    let detail = format!(
        "The requested version of the secret {arn} contains a key without a certificate, because the apply that issues the \
         certificate did not finish. Apply again, and read the version AWSCURRENT."
    );
    at_secret("Certificate was not issued", detail)
}
