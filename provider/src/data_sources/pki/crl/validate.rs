//! Pure validation of the configuration. Unknown values pass.

use tfplugin::{Diagnostic, Diagnostics};

use super::diagnostics;
use super::model::{Crl, CrlPlan};
use crate::data_sources::pki::pem;
use crate::pki::decoded::{DecodedCertificate, DecodedCrl};
use crate::pki::{KeyUsage, PemLabel};

/// Checks a configuration that can contain unknown values.
pub(super) fn invalid_configuration(config: &CrlPlan) -> Diagnostics {
    let list = config.crl_pem.known().map(|text| decoded(text));
    let issuer = config.issuer_certificate_pem.known();
    let issuer = issuer.map(|text| issuer_certificate(text));
    let (Some(Ok(list)), Some(Ok(issuer))) = (&list, &issuer) else {
        let errors = list.and_then(Result::err).into_iter();
        return errors.chain(issuer.and_then(Result::err)).collect();
    };
    issued_by(list, issuer).err().into_iter().collect()
}

/// Decodes a list and checks that all of its critical extensions are processed.
pub(super) fn decoded(text: &str) -> Result<DecodedCrl, Diagnostic> {
    let path = Crl::paths().crl_pem();
    let list = pem::decoded(
        "certificate revocation list",
        PemLabel::Crl,
        text,
        path,
        DecodedCrl::from_der,
    )?;
    match list.unprocessed_extension() {
        Some(extension) => Err(diagnostics::unprocessed_extension(&list, &extension)),
        None => Ok(list),
    }
}

pub(super) fn issuer_certificate(text: &str) -> Result<DecodedCertificate, Diagnostic> {
    pem::certificate(text, Crl::paths().issuer_certificate_pem())
}

/// Checks that an authority issued a list and is allowed to sign it (RFC 5280 section 6.3.3).
pub(super) fn issued_by(list: &DecodedCrl, issuer: &DecodedCertificate) -> Result<(), Diagnostic> {
    if !list.issuer.matches(&issuer.subject) {
        return Err(diagnostics::another_issuer(list, issuer));
    }
    if !issuer.allows(KeyUsage::CrlSign) {
        return Err(diagnostics::not_a_signer(issuer));
    }
    let verified = list.signature.verify(&issuer.public_key);
    verified.map_err(|failure| diagnostics::not_verified(list, issuer, failure))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// List with the critical extension 1.2.3.4.
    const UNKNOWN: &str = "-----BEGIN X509 CRL-----
MIHKMHICAQEwCgYIKoZIzj0EAwIwDzENMAsGA1UEAwwEUm9vdBcNMjYwMTAxMDAw
MDAwWhcNMzAwMTAxMDAwMDAwWjAUMBICAQkXDTI2MDEwMTAwMDAwMFqgHDAaMAoG
A1UdFAQDAgEFMAwGAyoDBAEB/wQCBQAwCgYIKoZIzj0EAwIDSAAwRQIhAJlhdtXk
jiOg/9jebufHymJw1q+AlPs6W0Tp4Yd2Z+i8AiB7Gm5zkrAwswgokmJERd1tr1Hl
Vk56PTF6kUb0NZJFyQ==
-----END X509 CRL-----
";
    /// List with an entry that belongs to another issuer.
    const INDIRECT: &str = "-----BEGIN X509 CRL-----
MIHgMIGIAgEBMAoGCCqGSM49BAMCMA8xDTALBgNVBAMMBFJvb3QXDTI2MDEwMTAw
MDAwMFoXDTMwMDEwMTAwMDAwMFowODA2AgEJFw0yNjAxMDEwMDAwMDBaMCIwIAYD
VR0dAQH/BBYwFKQSMBAxDjAMBgNVBAMMBU90aGVyoA4wDDAKBgNVHRQEAwIBBTAK
BggqhkjOPQQDAgNHADBEAiAaSRKOIcvedVx0LU/Tq2o+uEiHjb5UGwE3PNHr1GFI
awIgLo3UYBQRczdtB7JuQ698m6E/yZyN8X6V3zLEssDE0EM=
-----END X509 CRL-----
";

    #[test]
    fn lists_with_unprocessed_extensions_are_rejected() {
        for (text, extension) in [(UNKNOWN, "1.2.3.4"), (INDIRECT, "2.5.29.29")] {
            let error = decoded(text).expect_err(extension);
            assert_eq!(error.summary, "Unsupported extension in revocation list");
            assert!(error.detail.contains(extension), "{}", error.detail);
            assert_eq!(error.path, Crl::paths().crl_pem());
        }
    }
}
