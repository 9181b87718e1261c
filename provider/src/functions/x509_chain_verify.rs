//! `x509_chain_verify`: the validation of a certification path.

use jiff::Timestamp;
use tfplugin::validate::elements;
use tfplugin::{Arguments, CallFunction, Function, FunctionError};

use super::input::{Input, all_certificates};
use crate::pki::path;
use crate::x509_objects::ChainObject;

/// Verifies that an X.509 certificate has a valid path to a trusted root at a point in time, and returns the result as an
/// object.
///
/// The function validates the path as RFC 5280 section 6 specifies: signatures, validity, `basicConstraints`, path length,
/// `keyUsage` of the authorities, name constraints, and critical extensions, also those of the root. It does not check
/// revocation, purposes (`extKeyUsage`), certificate policies or the host name.
///
/// A certificate that is not valid is not an error: the attributes of the result state the reason. Use them in `check` blocks,
/// preconditions and validations. Text that is not a certificate is an error.
#[derive(Arguments)]
#[function(name = "x509_chain_verify")]
pub struct X509ChainVerifyArguments {
    /// Certificate to verify, in PEM format: exactly one `CERTIFICATE` block.
    #[parameter]
    pub leaf_pem: String,
    /// Certificates of intermediate authorities in PEM format, each element with one or more `CERTIFICATE` blocks. The order
    /// is not relevant. Can be empty.
    #[parameter]
    pub intermediates_pem: Vec<String>,
    /// Certificates of trusted roots in PEM format, each element with one or more `CERTIFICATE` blocks.
    #[parameter(validate = elements(1..))]
    pub roots_pem: Vec<String>,
    /// Point in time as an RFC 3339 time, such as `plantimestamp()`.
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
