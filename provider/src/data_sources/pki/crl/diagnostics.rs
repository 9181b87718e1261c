//! Errors about revocation lists and their issuers.

use tfplugin::Diagnostic;

use super::model::Crl;
use crate::pki::decoded::{DecodedCertificate, DecodedCrl, SignatureFailure};

fn at_issuer(summary: &str, detail: String) -> Diagnostic {
    Diagnostic::error(summary, detail).at(Crl::paths().issuer_certificate_pem())
}

/// Reports a list with a critical extension that this provider does not process.
pub(super) fn unprocessed_extension(list: &DecodedCrl, extension: &str) -> Diagnostic {
    let detail = format!(
        "The revocation list of {} contains the extension {extension}, which the provider does not process. The extension can \
         change which certificates are revoked, so the list must not be used without processing it (RFC 5280 sections 5.2 \
         and 5.3).\n\nSet crl_pem to a list of the same issuer without this extension.",
        list.issuer
    );
    Diagnostic::error("Unsupported extension in revocation list", detail).at(Crl::paths().crl_pem())
}

/// Reports that another authority issued the list.
pub(super) fn another_issuer(list: &DecodedCrl, issuer: &DecodedCertificate) -> Diagnostic {
    let detail = format!(
        "{} issued the revocation list, but the subject of issuer_certificate_pem is {}. The list does not cover \
         certificates that this subject issued.\n\nSet issuer_certificate_pem to the certificate of the issuer, or \
         crl_pem to a list that this subject issued.",
        list.issuer, issuer.subject
    );
    at_issuer("Revocation list has a different issuer", detail)
}

/// Reports that the authority is not allowed to sign lists.
pub(super) fn not_a_signer(issuer: &DecodedCertificate) -> Diagnostic {
    let detail = format!(
        "The certificate of {} has a keyUsage extension without cRLSign, so clients reject revocation lists that are \
         signed with its key (RFC 5280 section 4.2.1.3).\n\nSet issuer_certificate_pem to the certificate whose key signs \
         the list.",
        issuer.subject
    );
    at_issuer("Issuer cannot sign revocation lists", detail)
}

/// Reports that the signature is not valid or cannot be verified.
pub(super) fn not_verified(
    list: &DecodedCrl,
    issuer: &DecodedCertificate,
    failure: SignatureFailure,
) -> Diagnostic {
    let cause = match failure {
        SignatureFailure::Mismatch => {
            "does not verify: the list was modified, or another key signed it".to_owned()
        }
        SignatureFailure::Algorithm => format!(
            "cannot be verified: the algorithm {} with a key of type {} is not supported",
            list.signature.algorithm(),
            issuer.public_key.algorithm.name()
        ),
    };
    let detail = format!(
        "With the public key of {}, the signature of the revocation list {cause}. Do not use the list.\n\nDownload the list again \
         from its distribution point. If the authority has several certificates, set issuer_certificate_pem to the one whose \
         subject_key_id matches the authority_key_id of the list.",
        issuer.subject
    );
    at_issuer("Revocation list signature does not verify", detail)
}
