//! Values of extensions, and the conditions of the rules that need more than one comparison.

use std::collections::BTreeSet;

use x509_parser::asn1_rs::{FromDer, Sequence};
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{ParsedExtension, X509Extension};

use super::rule::Linted;
use crate::pki::alternative_name::{Wildcard, check_alternative_name};
use crate::pki::decoded::{Extensions, GeneralName};
use crate::pki::description::{AlternativeName, KeyUsage};
use crate::pki::extensions::{CertificatePolicies, TypedExtension};
use crate::pki::fingerprint::KeyIdentifier;
use crate::pki::public_key::PublicKey;

pub(super) const EXTENDED_KEY_USAGE: &str = "2.5.29.37";
pub(super) const SUBJECT_ALTERNATIVE_NAME: &str = "2.5.29.17";
pub(super) const TIME_STAMPING: &str = "1.3.6.1.5.5.7.3.8";
const SERVER_AUTH: &str = "1.3.6.1.5.5.7.3.1";
const CLIENT_AUTH: &str = "1.3.6.1.5.5.7.3.2";

/// Bits of `keyUsage` that only authorities have.
pub(super) const SIGNS_OTHERS: u16 = KeyUsage::KeyCertSign.flag() | KeyUsage::CrlSign.flag();
/// Bits of `keyUsage` that only keys for encryption have.
pub(super) const ENCIPHERS: u16 =
    KeyUsage::KeyEncipherment.flag() | KeyUsage::DataEncipherment.flag();

/// Returns an extension by its object identifier in dotted notation.
pub(super) fn extension<'a, 'c>(
    linted: &Linted<'a, 'c>,
    oid: &str,
) -> Option<&'a X509Extension<'c>> {
    let mut extensions = linted.certificate.extensions().iter();
    extensions.find(|extension| extension.oid.to_id_string() == oid)
}

/// Returns the decoded value of an extension. A malformed value has no content. Returns `None` if the extension is absent.
fn decoded(linted: &Linted<'_, '_>, oid: &str) -> Option<Extensions> {
    let found = extension(linted, oid)?;
    Some(Extensions::only(oid, found.value).unwrap_or_default())
}

/// Returns the purposes in `extKeyUsage`, or `None` if it is absent.
pub(super) fn purposes(linted: &Linted<'_, '_>) -> Option<Vec<String>> {
    decoded(linted, EXTENDED_KEY_USAGE).map(|found| found.extended_key_usage)
}

/// Returns the policies in `certificatePolicies`, or `None` if it is absent.
pub(super) fn policies(linted: &Linted<'_, '_>) -> Option<Vec<String>> {
    decoded(linted, CertificatePolicies::OID).map(|found| found.policy_oids)
}

/// Returns whether a list has at least one element, and each element once.
pub(super) fn is_unique(list: &[String]) -> bool {
    let unique: BTreeSet<_> = list.iter().collect();
    !list.is_empty() && unique.len() == list.len()
}

/// Returns whether an extension is absent, or has content that this provider can issue.
pub(super) fn is_readable<E: TypedExtension>(linted: &Linted<'_, '_>) -> bool {
    decoded(linted, E::OID)
        .is_none_or(|found| E::decoded(&found).is_some_and(|found| !found.is_empty()))
}

/// Returns whether an extension is absent, or has exactly the encoding that this provider issues. The decoded content lacks parts
/// such as the reasons of a distribution point.
pub(super) fn is_exact<E: TypedExtension>(linted: &Linted<'_, '_>) -> bool {
    let Some(found) = extension(linted, E::OID) else {
        return true;
    };
    let read = decoded(linted, E::OID).and_then(|read| E::decoded(&read));
    read.is_some_and(|read| !read.is_empty() && read.to_der() == found.value)
}

/// Returns whether a certificate has one purpose, or is for servers that are also clients.
pub(super) fn has_one_purpose(linted: &Linted<'_, '_>) -> bool {
    purposes(linted).is_none_or(|found| {
        found.len() < 2
            || found
                .iter()
                .all(|purpose| [SERVER_AUTH, CLIENT_AUTH].contains(&&**purpose))
    })
}

/// Returns whether no policy has qualifiers. Each one is then a SEQUENCE with one element.
pub(super) fn has_only_policy_oids(linted: &Linted<'_, '_>) -> bool {
    let Some(found) = extension(linted, CertificatePolicies::OID) else {
        return true;
    };
    let ParsedExtension::CertificatePolicies(policies) = found.parsed_extension() else {
        return Sequence::from_der(found.value).is_err();
    };
    policies
        .iter()
        .all(|policy| policy.policy_qualifiers.is_none())
}

pub(super) fn has_rsa_key(linted: &Linted<'_, '_>) -> bool {
    PublicKey::from_spki(linted.certificate.public_key().raw)
        .is_ok_and(|key| key.algorithm().is_rsa())
}

/// Returns whether `subjectAltName` is absent, or has only names that this provider issues.
pub(super) fn has_valid_names(linted: &Linted<'_, '_>) -> bool {
    let is_valid = |name: &GeneralName| {
        let name = match name {
            GeneralName::Dns(name) => AlternativeName::Dns(name.clone()),
            GeneralName::Email(address) => AlternativeName::Email(address.clone()),
            GeneralName::Uri(uri) => AlternativeName::Uri(uri.clone()),
            GeneralName::Ip(octets) => match GeneralName::address(octets) {
                Some(address) => AlternativeName::Ip(address),
                None => return false,
            },
            GeneralName::Directory(_) | GeneralName::Other(_) => return false,
        };
        check_alternative_name(&name, Wildcard::Allowed).is_ok()
    };
    decoded(linted, SUBJECT_ALTERNATIVE_NAME).is_none_or(|found| {
        let names = &found.subject_alternative_names;
        !names.is_empty() && names.iter().all(is_valid)
    })
}

/// Returns whether clients of a TLS server can identify it.
pub(super) fn has_server_identity(linted: &Linted<'_, '_>) -> bool {
    let serves =
        purposes(linted).is_some_and(|found| found.iter().any(|purpose| purpose == SERVER_AUTH));
    let names = decoded(linted, SUBJECT_ALTERNATIVE_NAME).unwrap_or_default();
    let identifies = |name: &GeneralName| matches!(name, GeneralName::Dns(_) | GeneralName::Ip(_));
    !serves || names.subject_alternative_names.iter().any(identifies)
}

/// Returns the bits of keyUsage if the extension is critical.
pub(super) fn key_usage(linted: &Linted<'_, '_>) -> Option<u16> {
    let extension = linted.certificate.key_usage().ok().flatten()?;
    extension.critical.then_some(extension.value.flags)
}

pub(super) fn is_subject_key_identifier_valid(linted: &Linted<'_, '_>) -> bool {
    let own = identifier_of(linted.certificate);
    linted.certificate.extensions().iter().any(|extension| {
        matches!(extension.parsed_extension(), ParsedExtension::SubjectKeyIdentifier(identifier)
            if !extension.critical && identifier.0 == own.octets())
    })
}

pub(super) fn is_authority_key_identifier_valid(linted: &Linted<'_, '_>) -> bool {
    linted
        .certificate
        .extensions()
        .iter()
        .any(|extension| match extension.parsed_extension() {
            ParsedExtension::AuthorityKeyIdentifier(authority) => {
                !extension.critical
                    && authority
                        .key_identifier
                        .as_ref()
                        .is_some_and(|identifier| identifier.0 == linted.issuer.octets())
                    && authority.authority_cert_issuer.is_none()
                    && authority.authority_cert_serial.is_none()
            }
            _ => false,
        })
}

/// Returns the key identifier of the certified key.
pub(in crate::pki) fn identifier_of(certificate: &X509Certificate<'_>) -> KeyIdentifier {
    KeyIdentifier::of_subject_public_key(&certificate.public_key().subject_public_key.data)
}
