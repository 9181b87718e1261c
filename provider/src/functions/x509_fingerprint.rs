//! `x509_fingerprint`: the hash of a certificate.

use tfplugin::validate::one_of;
use tfplugin::{Arguments, CallFunction, Function, FunctionError};

use super::input::Input;
use crate::pki::{FINGERPRINT_ALGORITHM_NAMES, fingerprint};

/// Returns the fingerprint of an X.509 certificate: the hash of its DER encoding in hexadecimal, lowercase and without
/// colons.
///
/// Use `SHA256` to pin a certificate. `SHA1` is for interfaces that require it, such as `thumbprint_list` of
/// `aws_iam_openid_connect_provider`. The fingerprint changes when a certificate is issued again for the same key; to pin
/// the key, use `spki_sha256` of [`x509_parse`](./x509_parse.md).
#[derive(Arguments)]
#[function(name = "x509_fingerprint")]
pub struct X509FingerprintArguments {
    /// Certificate in PEM format: exactly one `CERTIFICATE` block. Text around the block is ignored.
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
