//! Decodes the request.

use tfplugin::Diagnostics;

use super::model::{CertificateRequest, CertificateRequestPlan};
use super::validate::decoded;

pub(super) fn content(config: CertificateRequestPlan) -> Result<CertificateRequest, Diagnostics> {
    let request_pem: String = config
        .request_pem
        .settle(CertificateRequest::paths().request_pem())?;
    let request = decoded(&request_pem)?;
    Ok(CertificateRequest {
        request: (&request).into(),
        request_pem,
    })
}
