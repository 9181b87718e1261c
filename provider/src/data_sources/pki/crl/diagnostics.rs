//! Errors about revocation lists and their issuers.

use tfplugin::Diagnostic;

use super::model::Crl;
use crate::pki::decoded::{DecodedCertificate, DecodedCrl, SignatureFailure};

fn at_issuer(summary: &str, detail: String) -> Diagnostic {
    Diagnostic::error(summary, detail).at(Crl::paths().issuer_certificate_pem())
}

/// The list names another issuer.
pub(super) fn another_issuer(list: &DecodedCrl, issuer: &DecodedCertificate) -> Diagnostic {
    let detail = format!(
        "{} issued the revocation list, and the certificate in issuer_certificate_pem is the one of {}. The list states \
         nothing about certificates of that authority.\n\nSet issuer_certificate_pem to the certificate of the issuer, or \
         crl_pem to the list of the authority.",
        list.issuer, issuer.subject
    );
    at_issuer("Revocation list has another issuer", detail)
}

/// The authority must not sign lists.
pub(super) fn not_a_signer(issuer: &DecodedCertificate) -> Diagnostic {
    let detail = format!(
        "The certificate of {} has a keyUsage extension without cRLSign, so clients do not accept revocation lists that are \
         signed with its key (RFC 5280 section 4.2.1.3).\n\nSet issuer_certificate_pem to the certificate whose key signs \
         the list.",
        issuer.subject
    );
    at_issuer("Issuer cannot sign revocation lists", detail)
}

/// The signature does not verify.
pub(super) fn not_verified(
    list: &DecodedCrl,
    issuer: &DecodedCertificate,
    failure: SignatureFailure,
) -> Diagnostic {
    let cause = match failure {
        SignatureFailure::Mismatch => {
            "does not verify: the list was changed, or another key signed it".to_owned()
        }
        SignatureFailure::Algorithm => format!(
            "cannot be verified: it is signed with {} and a key of {}",
            list.signature.algorithm(),
            issuer.public_key.algorithm.name()
        ),
    };
    let detail = format!(
        "The signature of the revocation list with the key of {} {cause}. Do not use the list.\n\nDownload it again from its \
         distribution point. If the authority has several certificates, set issuer_certificate_pem to the one whose \
         subject_key_id is the authority_key_id of the list.",
        issuer.subject
    );
    at_issuer("Signature of the list does not verify", detail)
}
