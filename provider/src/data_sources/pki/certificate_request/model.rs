//! The schema of `skreg_pki_certificate_request`.

use tfplugin::Schema;

use crate::x509_objects::RequestObject;

/// Decodes a certificate signing request (CSR) in PKCS #10 format.
///
/// The data source verifies the signature with the public key in the request, and fails if the signature is not valid. The
/// requester chooses the content of the request. Check the requested names and key usages before you issue a certificate.
/// The data source makes no API calls.
#[derive(Schema)]
#[data_source(name = "skreg_pki_certificate_request")]
pub struct CertificateRequest {
    /// Certificate signing request in PEM format. Must contain exactly one `CERTIFICATE REQUEST` block. Text outside the
    /// block is ignored.
    #[attr(required)]
    pub request_pem: String,
    /// Decoded request.
    #[attr(computed)]
    pub request: RequestObject,
}
