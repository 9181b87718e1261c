//! Rules for the basic fields of a certificate (RFC 5280 section 4.1).

use x509_parser::certificate::X509Certificate;
use x509_parser::time::ASN1Time;
use x509_parser::x509::{X509Name, X509Version};

use super::rule::{AUTHORITIES, EVERY_KIND, Rule, Severity};
use crate::pki::description::CertificateKind::{Intermediate, Leaf, Root};
use crate::pki::name_encoding::read_name;
use crate::pki::public_key::PublicKey;

pub(super) const RULES: &[Rule] = &[
    Rule {
        source: "RFC 5280 section 4.1.2.1",
        requirement: "version must be v3",
        severity: Severity::Error,
        kinds: EVERY_KIND,
        is_met: |linted| linted.certificate.version() == X509Version::V3,
    },
    Rule {
        source: "RFC 5280 section 4.1.2.2",
        requirement: "serialNumber must be positive and have at most 20 octets",
        severity: Severity::Error,
        kinds: EVERY_KIND,
        is_met: |linted| {
            let octets = linted.certificate.raw_serial();
            octets.len() <= 20
                && octets.first().is_some_and(|first| first & 0x80 == 0)
                && octets.iter().any(|octet| *octet != 0)
        },
    },
    Rule {
        source: "RFC 5280 section 4.1.1.2",
        requirement: "signatureAlgorithm must be the same as signature in the TBSCertificate",
        severity: Severity::Error,
        kinds: EVERY_KIND,
        is_met: |linted| linted.certificate.signature_algorithm == linted.certificate.signature,
    },
    Rule {
        source: "RFC 5280 section 6.1",
        requirement: "issuer and subject names of a root must match",
        severity: Severity::Error,
        kinds: &[Root],
        is_met: |linted| has_own_issuer(linted.certificate),
    },
    Rule {
        source: "RFC 5280 section 6.1.4",
        requirement: "issuer and subject of a certificate that is not a root must be names that do not match, because verifiers do \
                      not count a self-issued certificate in the path length",
        severity: Severity::Error,
        kinds: &[Intermediate, Leaf],
        is_met: |linted| !is_self_issued(linted.certificate),
    },
    Rule {
        source: "RFC 5280 section 4.1.2.5",
        requirement: "validity must be written as UTCTime through 2049 and as GeneralizedTime from 2050",
        severity: Severity::Error,
        kinds: EVERY_KIND,
        is_met: |linted| {
            let is_valid = |time: ASN1Time| time.is_utctime() == (time.to_datetime().year() < 2050);
            let validity = linted.certificate.validity();
            is_valid(validity.not_before) && is_valid(validity.not_after)
        },
    },
    Rule {
        source: "RFC 5280 section 4.1.2.8",
        requirement: "unique identifiers must be absent",
        severity: Severity::Error,
        kinds: EVERY_KIND,
        is_met: |linted| {
            linted.certificate.issuer_uid.is_none() && linted.certificate.subject_uid.is_none()
        },
    },
    Rule {
        source: "RFC 5280 section 4.1.2.4",
        requirement: "issuer must not be empty",
        severity: Severity::Error,
        kinds: EVERY_KIND,
        is_met: |linted| linted.certificate.issuer().iter_rdn().next().is_some(),
    },
    Rule {
        source: "RFC 5280 section 4.1.2.6",
        requirement: "subject of an authority must not be empty",
        severity: Severity::Error,
        kinds: AUTHORITIES,
        is_met: |linted| has_subject(linted.certificate),
    },
    Rule {
        source: "RFC 5280 section 4.1.2.6",
        requirement: "subjectAltName must be present if the subject is empty",
        severity: Severity::Error,
        kinds: &[Leaf],
        is_met: |linted| {
            let names = linted.certificate.subject_alternative_name();
            has_subject(linted.certificate) || matches!(names, Ok(Some(_)))
        },
    },
    Rule {
        source: "NIST SP 800-57 part 1 section 5.6",
        requirement: "an RSA key of an authority must have at least 3072 bits",
        severity: Severity::Error,
        kinds: AUTHORITIES,
        is_met: |linted| {
            PublicKey::from_spki(linted.certificate.public_key().raw)
                .is_ok_and(|key| key.algorithm().can_certify())
        },
    },
];

/// Returns whether the subject is not empty.
pub(super) fn has_subject(certificate: &X509Certificate<'_>) -> bool {
    certificate.subject().iter_rdn().next().is_some()
}

/// Returns whether the issuer and the subject match (RFC 5280 section 7.1). A malformed name matches.
fn is_self_issued(certificate: &X509Certificate<'_>) -> bool {
    let name = |name: &X509Name<'_>| read_name(name).ok();
    let names = name(certificate.issuer()).zip(name(certificate.subject()));
    has_own_issuer(certificate) || names.is_some_and(|(issuer, subject)| issuer.matches(&subject))
}

fn has_own_issuer(certificate: &X509Certificate<'_>) -> bool {
    certificate.issuer().as_raw() == certificate.subject().as_raw()
}
