//! `pem_bundle`: joins certificates into one PEM string.

use tfplugin::validate::elements;
use tfplugin::{Arguments, CallFunction, Function, FunctionError};

use super::input::all_certificates;
use crate::pki::decoded::DecodedCertificate;

/// Joins certificates into one PEM string, such as a trust bundle or a certificate chain.
///
/// The function keeps the order of the certificates and removes duplicates. It encodes each certificate again as specified in
/// RFC 7468, with 64 characters per line, and removes text outside the blocks. Therefore, the same certificates in the same order
/// always result in the same bundle. The function fails if the input contains a private key.
#[derive(Arguments)]
#[function(name = "pem_bundle")]
pub struct PemBundleArguments {
    /// Certificates in PEM format. Each element must contain one or more `CERTIFICATE` blocks.
    #[parameter(validate = elements(1..))]
    pub certificates_pem: Vec<String>,
}

/// The function `pem_bundle`.
pub struct PemBundle;

impl Function for PemBundle {
    type Arguments = PemBundleArguments;
    type Output = String;

    fn call(&self, request: CallFunction<PemBundleArguments>) -> Result<String, FunctionError> {
        let position = PemBundleArguments::positions().certificates_pem();
        let all = all_certificates(&request.arguments.certificates_pem, position)?;
        let mut bundle: Vec<DecodedCertificate> = Vec::with_capacity(all.len());
        for certificate in all {
            if !bundle.contains(&certificate) {
                bundle.push(certificate);
            }
        }
        Ok(bundle.iter().map(DecodedCertificate::to_pem).collect())
    }
}
