//! Room for the next certificate of an authority in its secret.
//!
//! These functions are pure.

use tfplugin::schema::AttributePath;
use tfplugin::{Diagnostic, Planned};

use super::calls::sentence;
use super::certificate_revision::CertificateRevisionPlan;
use crate::pki::{PemLabel, check_room, pem_blocks};

/// Returns the error if the secret has no room for the certificate of the next revision. `history` is `certificate_history`,
/// and `chain_pem` contains the issuers of the next certificate. Unknown values are accepted because the apply checks the
/// size again.
pub fn no_room(
    history: &Planned<Vec<Planned<CertificateRevisionPlan>>>,
    chain_pem: &str,
) -> Option<Diagnostic> {
    let revisions = history.known().into_iter().flatten();
    let issued = revisions.filter_map(|revision| revision.known()?.certificate_pem.known());
    let issued: Vec<usize> = issued.flat_map(|pem| sizes(pem)).collect();
    let error = check_room(&issued, &sizes(chain_pem)).err()?;
    let detail = format!(
        "The secret contains all certificates for the key, and cannot contain another one: {}.\n\nNothing was changed. The \
         current certificate remains valid.",
        sentence(&error)
    );
    let path = AttributePath::root().attribute("certificate_revision");
    Some(Diagnostic::error("Secret has no room for a certificate", detail).at(path))
}

/// Returns the sizes of DER certificates.
fn sizes(pem: &str) -> Vec<usize> {
    let blocks = pem_blocks(PemLabel::Certificate, pem).unwrap_or_default();
    blocks.iter().map(|block| block.der.len()).collect()
}
