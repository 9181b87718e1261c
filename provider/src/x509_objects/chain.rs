//! Path validation results as attribute values.

use tfplugin::Schema;

use crate::pki::decoded::DecodedCertificate;
use crate::pki::path::Rejection;

/// Result of a path validation.
#[derive(Schema)]
pub struct ChainObject {
    /// Whether the certificate has a valid path to a root.
    #[attr(computed)]
    pub valid: bool,
    /// Reason why the path is not valid. Null if the path is valid.
    #[attr(computed)]
    pub reason: Option<String>,
    /// Message that explains the reason and identifies the certificate. Null if the path is valid.
    #[attr(computed)]
    pub message: Option<String>,
    /// SHA-256 fingerprint of the rejected certificate. Null if the path is valid.
    #[attr(computed)]
    pub rejected_sha256: Option<String>,
    /// Certificates of the path in PEM format, from the leaf to the root. Empty if the path is not valid.
    #[attr(computed)]
    pub chain_pem: Vec<String>,
}

impl From<Result<Vec<&DecodedCertificate>, Rejection>> for ChainObject {
    fn from(result: Result<Vec<&DecodedCertificate>, Rejection>) -> Self {
        match result {
            Ok(path) => Self {
                valid: true,
                reason: None,
                message: None,
                rejected_sha256: None,
                chain_pem: path.into_iter().map(DecodedCertificate::to_pem).collect(),
            },
            Err(rejection) => Self {
                valid: false,
                reason: Some(rejection.reason.name().to_owned()),
                message: Some(rejection.to_string()),
                rejected_sha256: Some(rejection.certificate.sha256().to_string()),
                chain_pem: Vec::new(),
            },
        }
    }
}
