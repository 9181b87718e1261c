//! The schema of `skreg_pki_certificate_request`.

use tfplugin::Schema;

use crate::x509_objects::RequestObject;

/// Content of a certification request (CSR, PKCS #10).
///
/// The data source verifies the signature of the request with the public key in it. A request whose signature does not
/// verify is an error. The content is only a request: decide yourself which names and uses a certificate gets.
/// The data source calls no API.
#[derive(Schema)]
#[data_source(name = "skreg_pki_certificate_request")]
pub struct CertificateRequest {
    /// Certification request in PEM format: exactly one `CERTIFICATE REQUEST` block. Text around the block is ignored.
    #[attr(required)]
    pub request_pem: String,
    /// Content of the request.
    #[attr(computed)]
    pub request: RequestObject,
}
