//! RFC 5280 rules for certificates. Each rule specifies the certificate kinds that it applies to.
//!
//! The lint checks only the parsed certificate; [`super::issue`] compares it with its description. Rules cannot be
//! skipped, and an extension that is not allowed for a kind causes a finding.

use std::fmt;

use x509_parser::asn1_rs::Oid;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::ParsedExtension;
use x509_parser::oid_registry::{
    OID_PKIX_AUTHORITY_INFO_ACCESS, OID_X509_EXT_AUTHORITY_KEY_IDENTIFIER,
    OID_X509_EXT_BASIC_CONSTRAINTS, OID_X509_EXT_CERTIFICATE_POLICIES,
    OID_X509_EXT_CRL_DISTRIBUTION_POINTS, OID_X509_EXT_EXTENDED_KEY_USAGE, OID_X509_EXT_KEY_USAGE,
    OID_X509_EXT_NAME_CONSTRAINTS, OID_X509_EXT_SUBJECT_ALT_NAME,
    OID_X509_EXT_SUBJECT_KEY_IDENTIFIER,
};
use x509_parser::time::ASN1Time;
use x509_parser::x509::X509Version;

use super::description::CertificateKind::{self, Intermediate, Leaf, Root};
use super::description::KeyUsage;
use super::fingerprint::KeyIdentifier;

/// A rule that a certificate violates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Finding {
    /// Document and section that define the rule.
    pub source: &'static str,
    /// Text of the rule.
    pub rule: &'static str,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.source, self.rule)
    }
}

/// A certificate to check.
struct Linted<'a, 'c> {
    certificate: &'a X509Certificate<'c>,
    kind: CertificateKind,
    /// The issuer's key identifier.
    issuer: KeyIdentifier,
}

struct Rule {
    source: &'static str,
    requirement: &'static str,
    kinds: &'static [CertificateKind],
    is_met: fn(&Linted<'_, '_>) -> bool,
}

const EVERY_KIND: &[CertificateKind] = &CertificateKind::ALL;
const AUTHORITIES: &[CertificateKind] = &[Root, Intermediate];

const RULES: &[Rule] = &[
    Rule {
        source: "RFC 5280 section 4.1.2.1",
        requirement: "version must be v3",
        kinds: EVERY_KIND,
        is_met: |linted| linted.certificate.version() == X509Version::V3,
    },
    Rule {
        source: "RFC 5280 section 4.1.2.2",
        requirement: "serialNumber must be positive and have at most 20 octets",
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
        kinds: EVERY_KIND,
        is_met: |linted| linted.certificate.signature_algorithm == linted.certificate.signature,
    },
    Rule {
        source: "RFC 5280 section 6.1",
        requirement: "issuer and subject names of a root must match",
        kinds: &[Root],
        is_met: |linted| has_own_issuer(linted.certificate),
    },
    Rule {
        source: "RFC 5280 section 3.2",
        requirement: "issuer and subject of a certificate that is not a root must be different names",
        kinds: &[Intermediate, Leaf],
        is_met: |linted| !has_own_issuer(linted.certificate),
    },
    Rule {
        source: "RFC 5280 section 4.1.2.5",
        requirement: "validity must be written as UTCTime through 2049 and as GeneralizedTime from 2050",
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
        kinds: EVERY_KIND,
        is_met: |linted| {
            linted.certificate.issuer_uid.is_none() && linted.certificate.subject_uid.is_none()
        },
    },
    Rule {
        source: "RFC 5280 section 4.2",
        requirement: "extensions must be exactly authorityKeyIdentifier, subjectKeyIdentifier, keyUsage, and \
                      basicConstraints, each once",
        kinds: &[Root],
        is_met: has_extensions,
    },
    Rule {
        source: "RFC 5280 section 4.2",
        requirement: "extensions must include authorityKeyIdentifier, subjectKeyIdentifier, keyUsage, and \
                      basicConstraints, and can include extKeyUsage, nameConstraints, certificatePolicies, \
                      cRLDistributionPoints, and authorityInfoAccess, each once",
        kinds: &[Intermediate],
        is_met: has_extensions,
    },
    Rule {
        source: "RFC 5280 section 4.2",
        requirement: "extensions must include authorityKeyIdentifier, subjectKeyIdentifier, keyUsage, and extKeyUsage, \
                      and can include basicConstraints, subjectAltName, certificatePolicies, cRLDistributionPoints, \
                      and authorityInfoAccess, each once",
        kinds: &[Leaf],
        is_met: has_extensions,
    },
    Rule {
        source: "RFC 5280 section 4.2.1.9",
        requirement: "basicConstraints must be critical, with cA TRUE",
        kinds: AUTHORITIES,
        is_met: |linted| {
            matches!(linted.certificate.basic_constraints(), Ok(Some(extension))
                if extension.critical && extension.value.ca)
        },
    },
    Rule {
        source: "RFC 5280 section 4.2.1.9",
        requirement: "basicConstraints must be absent or have cA FALSE",
        kinds: &[Leaf],
        is_met: |linted| {
            matches!(linted.certificate.basic_constraints(), Ok(found)
                if found.as_ref().is_none_or(|extension| !extension.value.ca
                    && extension.value.path_len_constraint.is_none()))
        },
    },
    Rule {
        source: "RFC 5280 section 4.2.1.3",
        requirement: "keyUsage must be critical, with keyCertSign and cRLSign only",
        kinds: AUTHORITIES,
        is_met: |linted| key_usage(linted) == Some(SIGNS_OTHERS),
    },
    Rule {
        source: "RFC 5280 section 4.2.1.3",
        requirement: "keyUsage must be critical, with digitalSignature and without keyCertSign or cRLSign",
        kinds: &[Leaf],
        is_met: |linted| {
            key_usage(linted).is_some_and(|bits| {
                bits & SIGNS_OTHERS == 0 && bits & KeyUsage::DigitalSignature.flag() != 0
            })
        },
    },
    Rule {
        source: "RFC 5280 section 4.2.1.12",
        requirement: "extKeyUsage must not contain anyExtendedKeyUsage",
        kinds: &[Intermediate, Leaf],
        is_met: |linted| {
            matches!(linted.certificate.extended_key_usage(), Ok(found)
                if found.as_ref().is_none_or(|extension| !extension.value.any))
        },
    },
    Rule {
        source: "RFC 5280 section 4.2.1.10",
        requirement: "nameConstraints must be critical",
        kinds: &[Intermediate],
        is_met: |linted| {
            matches!(linted.certificate.name_constraints(), Ok(found)
                if found.as_ref().is_none_or(|extension| extension.critical))
        },
    },
    Rule {
        source: "RFC 5280 section 4.2.1.6",
        requirement: "subjectAltName must not be critical if the certificate has a subject",
        kinds: &[Leaf],
        is_met: |linted| {
            matches!(linted.certificate.subject_alternative_name(), Ok(found)
                if found.as_ref().is_none_or(|extension| !extension.critical))
        },
    },
    Rule {
        source: "RFC 5280 section 4.2.1.2",
        requirement: "subjectKeyIdentifier must not be critical and must be the truncated SHA-256 hash of the public key (RFC \
               7093 section 2)",
        kinds: EVERY_KIND,
        is_met: is_subject_key_identifier_valid,
    },
    Rule {
        source: "RFC 5280 section 4.2.1.1",
        requirement: "authorityKeyIdentifier must not be critical and must contain only the issuer's key identifier",
        kinds: EVERY_KIND,
        is_met: is_authority_key_identifier_valid,
    },
];

const SIGNS_OTHERS: u16 = KeyUsage::KeyCertSign.flag() | KeyUsage::CrlSign.flag();

/// Returns the rules that a certificate of the specified kind violates. `issuer` is the issuer's key identifier.
pub(super) fn findings(
    certificate: &X509Certificate<'_>,
    kind: CertificateKind,
    issuer: KeyIdentifier,
) -> Vec<Finding> {
    let linted = Linted {
        certificate,
        kind,
        issuer,
    };
    RULES
        .iter()
        .filter(|rule| rule.kinds.contains(&kind) && !(rule.is_met)(&linted))
        .map(|rule| Finding {
            source: rule.source,
            rule: rule.requirement,
        })
        .collect()
}

/// Returns the key identifier of the certified key.
pub(super) fn identifier_of(certificate: &X509Certificate<'_>) -> KeyIdentifier {
    KeyIdentifier::of_subject_public_key(&certificate.public_key().subject_public_key.data)
}

fn has_own_issuer(certificate: &X509Certificate<'_>) -> bool {
    certificate.issuer().as_raw() == certificate.subject().as_raw()
}

/// Returns whether the certificate has all required extensions, no extensions that are not allowed, and no duplicates.
fn has_extensions(linted: &Linted<'_, '_>) -> bool {
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
            Vec::new(),
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

/// Returns the bits of keyUsage if the extension is critical.
fn key_usage(linted: &Linted<'_, '_>) -> Option<u16> {
    let extension = linted.certificate.key_usage().ok().flatten()?;
    extension.critical.then_some(extension.value.flags)
}

fn is_subject_key_identifier_valid(linted: &Linted<'_, '_>) -> bool {
    let own = identifier_of(linted.certificate);
    linted.certificate.extensions().iter().any(|extension| {
        matches!(extension.parsed_extension(), ParsedExtension::SubjectKeyIdentifier(identifier)
            if !extension.critical && identifier.0 == own.octets())
    })
}

fn is_authority_key_identifier_valid(linted: &Linted<'_, '_>) -> bool {
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
