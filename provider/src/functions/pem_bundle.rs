//! `pem_bundle`: certificates as one text.

use tfplugin::validate::elements;
use tfplugin::{Arguments, CallFunction, Function, FunctionError};

use super::input::all_certificates;
use crate::pki::decoded::DecodedCertificate;

/// Joins certificates into one PEM text, such as a trust bundle or a certificate chain.
///
/// The order stays, and a certificate that occurs more than once is written at its first position only. Each certificate
/// is decoded, and written with lines of 64 characters and line feeds (RFC 7468). Text around the blocks is removed, so
/// equal certificates lead to equal bundles. A private key in the input is an error.
#[derive(Arguments)]
#[function(name = "pem_bundle")]
pub struct PemBundleArguments {
    /// PEM texts, each with one or more `CERTIFICATE` blocks.
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
