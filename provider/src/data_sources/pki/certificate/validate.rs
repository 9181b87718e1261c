//! Pure validation of the configuration. Unknown values pass.

use tfplugin::{Diagnostic, Diagnostics};

use super::model::{Certificate, CertificatePlan};
use crate::data_sources::pki::pem;
use crate::pki::decoded::DecodedCertificate;

/// Checks a configuration that can contain unknown values.
pub(super) fn invalid_configuration(config: &CertificatePlan) -> Diagnostics {
    let certificate = config.certificate_pem.known().map(|text| decoded(text));
    certificate.and_then(Result::err).into_iter().collect()
}

pub(super) fn decoded(text: &str) -> Result<DecodedCertificate, Diagnostic> {
    pem::certificate(text, Certificate::paths().certificate_pem())
}
