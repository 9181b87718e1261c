//! `x509_chain_verify`: validates a certification path.

use jiff::Timestamp;
use tfplugin::validate::elements;
use tfplugin::{Arguments, CallFunction, Function, FunctionError};

use super::input::{Input, all_certificates};
use crate::pki::path;
use crate::x509_objects::ChainObject;

/// Verifies that an X.509 certificate has a valid path to a trusted root at a point in time, and returns the result as an
/// object.
///
/// The function validates the path as specified in RFC 5280 section 6. It checks the signatures, the validity periods,
/// `basicConstraints`, the path length, the `keyUsage` of the certificate authorities, name constraints, and critical extensions.
/// Except for the signature, these checks also apply to the root certificate.
///
/// The function does not check revocation, purposes (`extKeyUsage`), certificate policies, or the host name. Because it does not
/// process policies, it rejects every path that contains a critical `policyConstraints`, `inhibitAnyPolicy`, or `policyMappings`
/// extension (reason `critical_extension`). RFC 5280 requires the first two extensions to be critical.
///
/// Name constraints apply to the subject, its email addresses, and the alternative names. As specified in RFC 5280, they do not
/// apply to a host name in the common name.
///
/// A path can contain at most 16 certificates, including the root certificate. A validation verifies at most 200 signatures.
///
/// The function does not fail if the certificate is not valid. Instead, the attributes of the result contain the reason. Use them
/// in `check` blocks, preconditions, and validation rules. The function fails if an argument does not contain a certificate.
#[derive(Arguments)]
#[function(name = "x509_chain_verify")]
pub struct X509ChainVerifyArguments {
    /// Certificate to verify, in PEM format. Must contain exactly one `CERTIFICATE` block. Text outside the block is ignored.
    #[parameter]
    pub leaf_pem: String,
    /// Certificates of intermediate authorities in PEM format, in any order. Each element must contain one or more `CERTIFICATE`
    /// blocks. Can be an empty list.
    #[parameter]
    pub intermediates_pem: Vec<String>,
    /// Certificates of trusted roots in PEM format. Each element must contain one or more `CERTIFICATE` blocks.
    #[parameter(validate = elements(1..))]
    pub roots_pem: Vec<String>,
    /// Time of the validation in RFC 3339 format, such as the result of `plantimestamp()`.
    #[parameter]
    pub at: String,
}

/// The function `x509_chain_verify`.
pub struct X509ChainVerify;

impl Function for X509ChainVerify {
    type Arguments = X509ChainVerifyArguments;
    type Output = ChainObject;

    fn call(
        &self,
        request: CallFunction<X509ChainVerifyArguments>,
    ) -> Result<ChainObject, FunctionError> {
        let arguments = request.arguments;
        let positions = X509ChainVerifyArguments::positions();
        let leaf = Input::new(&arguments.leaf_pem, positions.leaf_pem()).certificate()?;
        let intermediates =
            all_certificates(&arguments.intermediates_pem, positions.intermediates_pem())?;
        let roots = all_certificates(&arguments.roots_pem, positions.roots_pem())?;
        let at: Timestamp = arguments.at.parse().map_err(|_| {
            let text =
                "must be an RFC 3339 time, such as \"2026-01-01T00:00:00Z\" or plantimestamp()";
            FunctionError::at(positions.at(), text)
        })?;
        Ok(path::validate(&leaf, &intermediates, &roots, at).into())
    }
}
