//! Extensions that each kind of certificate must or can have.

use x509_parser::asn1_rs::Oid;
use x509_parser::oid_registry::{
    OID_PKIX_AUTHORITY_INFO_ACCESS, OID_X509_EXT_AUTHORITY_KEY_IDENTIFIER,
    OID_X509_EXT_BASIC_CONSTRAINTS, OID_X509_EXT_CERTIFICATE_POLICIES,
    OID_X509_EXT_CRL_DISTRIBUTION_POINTS, OID_X509_EXT_EXTENDED_KEY_USAGE, OID_X509_EXT_KEY_USAGE,
    OID_X509_EXT_NAME_CONSTRAINTS, OID_X509_EXT_SUBJECT_ALT_NAME,
    OID_X509_EXT_SUBJECT_KEY_IDENTIFIER,
};

use super::rule::Linted;
use crate::pki::description::CertificateKind::{self, Intermediate, Leaf, Root};

/// Returns whether the certificate has all required extensions, no extensions that are not allowed, and no duplicates.
pub(super) fn has_extensions(linted: &Linted<'_, '_>) -> bool {
    let (required, allowed) = extensions_of(linted.kind);
    linted.certificate.extensions_map().is_ok_and(|found| {
        let known = |oid: &Oid<'_>| required.contains(oid) || allowed.contains(oid);
        found.keys().all(known) && required.iter().all(|oid| found.contains_key(oid))
    })
}

/// Returns the required and the optional extensions for a kind.
fn extensions_of(kind: CertificateKind) -> (Vec<Oid<'static>>, Vec<Oid<'static>>) {
    let identifiers = [
        OID_X509_EXT_AUTHORITY_KEY_IDENTIFIER,
        OID_X509_EXT_SUBJECT_KEY_IDENTIFIER,
        OID_X509_EXT_KEY_USAGE,
    ];
    let published = [
        OID_X509_EXT_CERTIFICATE_POLICIES,
        OID_X509_EXT_CRL_DISTRIBUTION_POINTS,
        OID_PKIX_AUTHORITY_INFO_ACCESS,
    ];
    let with = |first: &[Oid<'static>], others: &[Oid<'static>]| [first, others].concat();
    match kind {
        Root => (
            with(&identifiers, &[OID_X509_EXT_BASIC_CONSTRAINTS]),
            vec![
                OID_X509_EXT_NAME_CONSTRAINTS,
                OID_X509_EXT_CERTIFICATE_POLICIES,
            ],
        ),
        Intermediate => (
            with(&identifiers, &[OID_X509_EXT_BASIC_CONSTRAINTS]),
            with(
                &published,
                &[
                    OID_X509_EXT_EXTENDED_KEY_USAGE,
                    OID_X509_EXT_NAME_CONSTRAINTS,
                ],
            ),
        ),
        Leaf => (
            with(&identifiers, &[OID_X509_EXT_EXTENDED_KEY_USAGE]),
            with(
                &published,
                &[
                    OID_X509_EXT_BASIC_CONSTRAINTS,
                    OID_X509_EXT_SUBJECT_ALT_NAME,
                ],
            ),
        ),
    }
}
