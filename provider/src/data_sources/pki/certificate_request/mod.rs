//! `skreg_pki_certificate_request`: decodes a certificate signing request without API calls.

pub mod model;
mod read;
mod validate;

use tfplugin::{DataSource, Diagnostics, ReadData, Validate};

use self::model::CertificateRequest;

/// Data source type.
pub struct CertificateRequests;

impl DataSource for CertificateRequests {
    type Model = CertificateRequest;

    async fn read(
        &self,
        request: ReadData<CertificateRequest>,
    ) -> Result<CertificateRequest, Diagnostics> {
        read::content(request.config)
    }

    fn validate(&self, request: Validate<CertificateRequest>) -> Diagnostics {
        validate::invalid_configuration(&request.config)
    }
}
