//! Pure validation of the configuration. Unknown values pass.

use tfplugin::{Diagnostic, Diagnostics};

use super::diagnostics;
use super::model::{Crl, CrlPlan};
use crate::data_sources::pki::pem;
use crate::pki::decoded::{DecodedCertificate, DecodedCrl};
use crate::pki::{KeyUsage, PemLabel};

/// Checks a configuration that can contain unknown values.
pub(super) fn illegal_configuration(config: &CrlPlan) -> Diagnostics {
    let list = config.crl_pem.known().map(|text| decoded(text));
    let issuer = config.issuer_certificate_pem.known();
    let issuer = issuer.map(|text| issuer_certificate(text));
    let (Some(Ok(list)), Some(Ok(issuer))) = (&list, &issuer) else {
        let errors = list.and_then(Result::err).into_iter();
        return errors.chain(issuer.and_then(Result::err)).collect();
    };
    issued_by(list, issuer).err().into_iter().collect()
}

pub(super) fn decoded(text: &str) -> Result<DecodedCrl, Diagnostic> {
    let path = Crl::paths().crl_pem();
    pem::decoded(
        "certificate revocation list",
        PemLabel::Crl,
        text,
        path,
        DecodedCrl::from_der,
    )
}

pub(super) fn issuer_certificate(text: &str) -> Result<DecodedCertificate, Diagnostic> {
    let path = Crl::paths().issuer_certificate_pem();
    let label = PemLabel::Certificate;
    pem::decoded(
        "certificate",
        label,
        text,
        path,
        DecodedCertificate::from_der,
    )
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
