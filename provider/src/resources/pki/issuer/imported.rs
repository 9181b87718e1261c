//! The `issuer` object in an imported state. Certificates do not contain the location of the issuer's key or its uses, so the
//! ARN of the secret is empty, and the state contains the object until a plan changes the resource.
//!
//! These functions are pure.

use tfplugin::Planned;

use super::model::{Issuer, IssuerPlan};
use super::usage::Usage;
use crate::pki::{Certificate, SignatureAlgorithm};

/// Returns the object for the authority that issued a certificate, as an import reconstructs it. `above` are the
/// certificates above the authority, each before its issuer, and `usage` is the use that the certificate shows.
#[must_use]
pub fn imported_issuer(
    authority: &Certificate,
    above: &[Certificate],
    signature_algorithm: SignatureAlgorithm,
    usage: Usage,
) -> Planned<IssuerPlan> {
    let issuer = Issuer {
        certificate_pem: authority.to_pem(),
        chain_pem: above.iter().map(Certificate::to_pem).collect(),
        secret_arn: String::new(),
        kms_key_arn: None,
        signature_algorithm: signature_algorithm.name().to_owned(),
        usage: [usage.name().to_owned()].into(),
        spki_sha256: authority.public_key().sha256().to_string(),
    };
    Planned::Known(issuer.into())
}

/// Returns the object in an imported state if it represents the configured authority: the certificates are the same, and
/// only the location of the key and its uses are missing. A plan that changes nothing else keeps this object.
#[must_use]
pub fn imported_form(
    stored: &Planned<IssuerPlan>,
    configured: &Planned<IssuerPlan>,
) -> Option<Planned<IssuerPlan>> {
    let (found, configured) = (stored.known()?, configured.known()?);
    let is_imported = found.secret_arn.known().is_some_and(String::is_empty);
    let is_same = found.certificate_pem == configured.certificate_pem
        && found.chain_pem == configured.chain_pem
        && found.spki_sha256 == configured.spki_sha256;
    (is_imported && is_same).then(|| stored.clone())
}
