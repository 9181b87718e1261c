//! `csr_parse`: the content of a certification request.

use tfplugin::{Arguments, CallFunction, Function, FunctionError};

use super::input::Input;
use crate::pki::PemLabel;
use crate::pki::decoded::DecodedRequest;
use crate::x509_objects::RequestObject;

/// Parses a certification request (CSR, PKCS #10) and returns its content as an object.
///
/// The function verifies the signature of the request with the public key in it, which proves that the requester has the
/// private key. A request whose signature does not verify is an error. The content is only a request: decide
/// yourself which names and uses a certificate gets.
#[derive(Arguments)]
#[function(name = "csr_parse")]
pub struct CsrParseArguments {
    /// Certification request in PEM format: exactly one `CERTIFICATE REQUEST` block. Text around the block is ignored.
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
