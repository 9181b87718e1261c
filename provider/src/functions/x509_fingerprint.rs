//! `x509_fingerprint`: returns the hash of a certificate.

use tfplugin::validate::one_of;
use tfplugin::{Arguments, CallFunction, Function, FunctionError};

use super::input::Input;
use crate::pki::{FINGERPRINT_ALGORITHM_NAMES, fingerprint};

/// Returns the fingerprint of an X.509 certificate: the hash of its DER encoding in lowercase hexadecimal, without colons.
///
/// Use `SHA256` to pin a certificate. Use `SHA1` only for interfaces that require it, such as the argument `thumbprint_list` of
/// the resource `aws_iam_openid_connect_provider`. If the certificate is reissued for the same key, the fingerprint changes. To
/// pin the key instead, use the attribute `spki_sha256` that [`x509_parse`](./x509_parse.md) returns.
#[derive(Arguments)]
#[function(name = "x509_fingerprint")]
pub struct X509FingerprintArguments {
    /// Certificate in PEM format. Must contain exactly one `CERTIFICATE` block. Text outside the block is ignored.
    #[parameter]
    pub certificate_pem: String,
    /// Hash function.
    #[parameter(validate = one_of(&FINGERPRINT_ALGORITHM_NAMES))]
    pub algorithm: String,
}

/// The function `x509_fingerprint`.
pub struct X509Fingerprint;

impl Function for X509Fingerprint {
    type Arguments = X509FingerprintArguments;
    type Output = String;

    fn call(
        &self,
        request: CallFunction<X509FingerprintArguments>,
    ) -> Result<String, FunctionError> {
        let X509FingerprintArguments {
            certificate_pem,
            algorithm,
        } = request.arguments;
        let positions = X509FingerprintArguments::positions();
        let certificate =
            Input::new(&certificate_pem, positions.certificate_pem()).certificate()?;
        fingerprint(&algorithm, certificate.der()).ok_or_else(|| {
            let names = FINGERPRINT_ALGORITHM_NAMES.join(", ");
            FunctionError::at(positions.algorithm(), format!("must be one of {names}"))
        })
    }
}
