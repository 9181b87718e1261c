//! `csr_parse`: decodes a certificate signing request.

use tfplugin::{Arguments, CallFunction, Function, FunctionError};

use super::input::Input;
use crate::pki::PemLabel;
use crate::pki::decoded::DecodedRequest;
use crate::x509_objects::RequestObject;

/// Parses a certificate signing request (CSR) in PKCS #10 format and returns its content as an object.
///
/// The function verifies the signature with the public key in the request, and fails if the signature is not valid. A valid
/// signature proves that the requester has the private key. The requester chooses the content of the request. Check the
/// requested names and key usages before you issue a certificate.
#[derive(Arguments)]
#[function(name = "csr_parse")]
pub struct CsrParseArguments {
    /// Certificate signing request in PEM format. Must contain exactly one `CERTIFICATE REQUEST` block. Text outside the
    /// block is ignored.
    #[parameter]
    pub request_pem: String,
}

/// The function `csr_parse`.
pub struct CsrParse;

impl Function for CsrParse {
    type Arguments = CsrParseArguments;
    type Output = RequestObject;

    fn call(
        &self,
        request: CallFunction<CsrParseArguments>,
    ) -> Result<RequestObject, FunctionError> {
        let position = CsrParseArguments::positions().request_pem();
        let input = Input::new(&request.arguments.request_pem, position);
        let request = input.one(PemLabel::CertificateRequest, DecodedRequest::from_der)?;
        Ok(RequestObject::from(&request))
    }
}
