//! The schema of `skreg_pki_certificate`.
//!
//! No attribute contains a private key.

use tfplugin::validate::text;
use tfplugin::{ReadTimeouts, Schema};

use crate::aws::arn::Arn;
use crate::x509_objects::CertificateObject;

/// Decodes an X.509 certificate and returns its validity status. If you set `secret_arn`, the data source also checks that a
/// secret created by this provider contains the private key of the certificate.
///
/// The data source accepts certificates from any issuer and with any algorithm. It does not verify the signature. To verify a
/// certificate chain, use the function `x509_chain_verify`.
///
/// The data source never reads the value of a secret. Instead, it compares the SHA-256 hash of the public key with the tag
/// `spki_sha256` of the secret. A plan therefore requires the permission `secretsmanager:DescribeSecret`, but not
/// `secretsmanager:GetSecretValue`. Without `secret_arn`, the data source makes no API calls.
#[derive(Schema)]
#[data_source(name = "skreg_pki_certificate", timeouts(read = "1m"))]
pub struct Certificate {
    /// Certificate in PEM format. Must contain exactly one `CERTIFICATE` block. Text outside the block is ignored.
    #[attr(required)]
    pub certificate_pem: String,
    /// ARN of a Secrets Manager secret that this provider created. The read fails if the secret does not exist, is scheduled for
    /// deletion, or contains a different key.
    #[attr(optional, validate = text("be the ARN of a Secrets Manager secret", is_secret_arn))]
    pub secret_arn: Option<String>,
    /// Decoded certificate.
    #[attr(computed)]
    pub certificate: CertificateObject,
    /// Validity status at the time of the read: `not_yet_valid`, `valid`, `expiring` (in the last tenth of the validity period),
    /// or `expired`. Use this attribute in `check` blocks.
    #[attr(computed)]
    pub validity_status: String,
    /// Name of the secret. Null if `secret_arn` is not set.
    #[attr(computed)]
    pub secret_name: Option<String>,
    /// ID of the current version of the secret. Null if `secret_arn` is not set.
    #[attr(computed)]
    pub secret_version_id: Option<String>,
    /// ID, ARN, or alias of the KMS key that encrypts the secret. Null if `secret_arn` is not set, or if the AWS managed key
    /// `aws/secretsmanager` encrypts the secret.
    #[attr(computed)]
    pub secret_kms_key_id: Option<String>,
    /// Timeout for the read operation.
    #[block]
    pub timeouts: Option<ReadTimeouts>,
}

/// Returns whether a string is the ARN of a secret.
fn is_secret_arn(text: &str) -> bool {
    Arn::parse(text).is_some_and(|arn| arn.is_of("secretsmanager", "secret:"))
}
