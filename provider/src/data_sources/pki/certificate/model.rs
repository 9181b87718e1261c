//! The schema of `skreg_pki_certificate`.
//!
//! There is no attribute for a private key.

use tfplugin::validate::text;
use tfplugin::{Schema, Timeouts};

use crate::aws::arn::Arn;
use crate::x509_objects::CertificateObject;

/// Content of an X.509 certificate and the status of its validity. With `secret_arn`, the data source also checks that a
/// secret of this provider contains the private key of the certificate.
///
/// The data source accepts certificates of any issuer and algorithm, and does not verify the signature. To verify a chain, use
/// the function `x509_chain_verify`. It never reads the value of a secret: it compares the public key of the certificate with
/// the tag `spki_sha256`, so a plan needs the permission `secretsmanager:DescribeSecret` and not `GetSecretValue`. Without
/// `secret_arn`, it calls no API.
#[derive(Schema)]
#[data_source(name = "skreg_pki_certificate", timeouts(read = "1m"))]
pub struct Certificate {
    /// Certificate in PEM format: exactly one `CERTIFICATE` block. Text around the block is ignored.
    #[attr(required)]
    pub certificate_pem: String,
    /// ARN of a Secrets Manager secret that this provider created. The read fails if the secret does not exist, is scheduled for
    /// deletion, or contains another key.
    #[attr(optional, validate = text("be the ARN of a Secrets Manager secret", is_secret_arn))]
    pub secret_arn: Option<String>,
    /// Content of the certificate.
    #[attr(computed)]
    pub certificate: CertificateObject,
    /// Status of the validity at the time of the read: `not_yet_valid`, `valid`, `expiring` (in the last tenth of the validity) or
    /// `expired`. Use the attribute in `check` blocks.
    #[attr(computed)]
    pub validity_status: String,
    /// Name of the secret. Null without `secret_arn`.
    #[attr(computed)]
    pub secret_name: Option<String>,
    /// ID of the current version of the secret. Null without `secret_arn`.
    #[attr(computed)]
    pub secret_version_id: Option<String>,
    /// ID, ARN or alias of the KMS key that encrypts the secret. Null without `secret_arn`, and for the key
    /// `aws/secretsmanager`.
    #[attr(computed)]
    pub secret_kms_key_id: Option<String>,
    /// Timeouts of operations.
    #[block]
    pub timeouts: Option<Timeouts>,
}

/// Returns whether a text is the ARN of a secret.
fn is_secret_arn(text: &str) -> bool {
    Arn::parse(text).is_some_and(|arn| arn.is_of("secretsmanager", "secret:"))
}
