//! Pure validation of the configuration. Unknown values pass.

use tfplugin::{Diagnostic, Diagnostics};

use super::model::{CertificateRequest, CertificateRequestPlan};
use crate::data_sources::pki::pem;
use crate::pki::PemLabel;
use crate::pki::decoded::DecodedRequest;

/// Checks a configuration that can contain unknown values.
pub(super) fn invalid_configuration(config: &CertificateRequestPlan) -> Diagnostics {
    let request = config.request_pem.known().map(|text| decoded(text));
    request.and_then(Result::err).into_iter().collect()
}

pub(super) fn decoded(text: &str) -> Result<DecodedRequest, Diagnostic> {
    let path = CertificateRequest::paths().request_pem();
    let label = PemLabel::CertificateRequest;
    pem::decoded(
        "certificate signing request",
        label,
        text,
        path,
        DecodedRequest::from_der,
    )
}
