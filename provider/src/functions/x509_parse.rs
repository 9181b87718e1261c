//! `x509_parse`: decodes a certificate.

use tfplugin::{Arguments, CallFunction, Function, FunctionError};

use super::input::Input;
use crate::x509_objects::CertificateObject;

/// Parses an X.509 certificate and returns its content as an object.
///
/// The function accepts certificates from any issuer and with any algorithm. It does not verify the signature or check the
/// validity period.
#[derive(Arguments)]
#[function(name = "x509_parse")]
pub struct X509ParseArguments {
    /// Certificate in PEM format. Must contain exactly one `CERTIFICATE` block. Text outside the block is ignored.
    #[parameter]
    pub certificate_pem: String,
}

/// The function `x509_parse`.
pub struct X509Parse;

impl Function for X509Parse {
    type Arguments = X509ParseArguments;
    type Output = CertificateObject;

    fn call(
        &self,
        request: CallFunction<X509ParseArguments>,
    ) -> Result<CertificateObject, FunctionError> {
        let position = X509ParseArguments::positions().certificate_pem();
        let certificate = Input::new(&request.arguments.certificate_pem, position).certificate()?;
        Ok(CertificateObject::from(&certificate))
    }
}
