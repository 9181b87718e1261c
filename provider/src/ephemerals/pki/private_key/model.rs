//! The schema of `skreg_pki_private_key`.

use tfplugin::validate::{length, text};
use tfplugin::{Schema, Secret};

use crate::aws::arn::Arn;

/// Private key of an end-entity certificate, read from the Secrets Manager secret of a `skreg_pki_certificate` resource. Pass
/// the key to a write-only argument of another resource. The result is never written to plans or state.
///
/// The read fails if the secret contains the key of a certificate authority, or if the key is in AWS KMS. Plan and apply require
/// the permission `secretsmanager:GetSecretValue` on the secret, and `kms:Decrypt` if a customer managed key encrypts it.
///
/// This provider does not log the key. However, the provider that receives the key can log it. For example, if `TF_LOG` is `DEBUG`
/// or `TRACE`, `hashicorp/aws` logs the bodies of its requests, which contain the key.
///
/// The state does not contain the value of a write-only argument, so its version argument must change together with the key.
/// Derive the version from the `secret_version_id` or `serial_number` attribute of the certificate.
#[derive(Schema)]
#[ephemeral_resource(name = "skreg_pki_private_key")]
pub struct PrivateKey {
    /// ARN of the secret: the attribute `secret_arn` of a `skreg_pki_certificate` resource.
    #[attr(required, validate = text("be the ARN of a Secrets Manager secret", is_secret_arn))]
    pub secret_arn: String,
    /// Staging label of the version to read, such as `AWSPREVIOUS` for the key before the last renewal. Conflicts with
    /// `version_id`. Defaults to `AWSCURRENT`.
    #[attr(optional, validate = length(1..=256))]
    pub version_stage: Option<String>,
    /// ID of the version to read: the attribute `secret_version_id` of a `skreg_pki_certificate` resource. Conflicts with
    /// `version_stage`.
    #[attr(optional, validate = length(32..=64))]
    pub version_id: Option<String>,
    /// Private key as PKCS #8 in PEM format.
    #[attr(computed, sensitive)]
    pub private_key_pem: Secret,
    /// Certificate for the key in PEM format.
    #[attr(computed)]
    pub certificate_pem: String,
    /// Intermediate certificates above the certificate in PEM format, each before its issuer, as a server sends them. Does not
    /// contain the root.
    #[attr(computed)]
    pub chain_pem: String,
}

/// Returns whether a string is the ARN of a secret.
fn is_secret_arn(text: &str) -> bool {
    Arn::parse(text).is_some_and(|arn| arn.is_of("secretsmanager", "secret:"))
}
