//! The rules of RFC 5280 that a root certificate of ours must keep, one row per rule.
//!
//! It looks at the parsed certificate only; whether the certificate is the one that was asked for is decided in
//! [`super::issuance`]. A rule may not be skipped, and an unknown extension is a finding.

use std::fmt;

use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::ParsedExtension;
use x509_parser::oid_registry::{
    OID_X509_EXT_AUTHORITY_KEY_IDENTIFIER, OID_X509_EXT_BASIC_CONSTRAINTS, OID_X509_EXT_KEY_USAGE,
    OID_X509_EXT_SUBJECT_KEY_IDENTIFIER,
};
use x509_parser::time::ASN1Time;
use x509_parser::x509::X509Version;

use super::fingerprint::KeyIdentifier;

/// A rule that a certificate breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Finding {
    /// Where the rule is written.
    pub source: &'static str,
    /// The rule, as a sentence about a certificate that keeps it.
    pub rule: &'static str,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.rule, self.source)
    }
}

struct Rule {
    source: &'static str,
    says: &'static str,
    holds: fn(&X509Certificate<'_>) -> bool,
}

/// keyCertSign is bit 5 and cRLSign bit 6 of KeyUsage (RFC 5280 section 4.2.1.3).
const CERT_SIGN_AND_CRL_SIGN: u16 = 0b0110_0000;

const RULES: &[Rule] = &[
    Rule {
        source: "RFC 5280 section 4.1.2.1",
        says: "the version is 3",
        holds: |certificate| certificate.version() == X509Version::V3,
    },
    Rule {
        source: "RFC 5280 section 4.1.2.2",
        says: "the serial number is positive and has at most 20 octets",
        holds: |certificate| {
            let octets = certificate.raw_serial();
            octets.len() <= 20
                && octets.first().is_some_and(|first| first & 0x80 == 0)
                && octets.iter().any(|octet| *octet != 0)
        },
    },
    Rule {
        source: "RFC 5280 section 4.1.1.2",
        says: "the signature algorithm is the same inside and outside the signed part",
        holds: |certificate| certificate.signature_algorithm == certificate.signature,
    },
    Rule {
        source: "RFC 5280 section 6.1",
        says: "issuer and subject are the same name",
        holds: |certificate| certificate.issuer().as_raw() == certificate.subject().as_raw(),
    },
    Rule {
        source: "RFC 5280 section 4.1.2.5",
        says: "validity is written as UTCTime through 2049 and as GeneralizedTime from 2050",
        holds: |certificate| {
            let right = |time: ASN1Time| time.is_utctime() == (time.to_datetime().year() < 2050);
            right(certificate.validity().not_before) && right(certificate.validity().not_after)
        },
    },
    Rule {
        source: "RFC 5280 section 4.1.2.8",
        says: "there are no unique identifiers",
        holds: |certificate| certificate.issuer_uid.is_none() && certificate.subject_uid.is_none(),
    },
    Rule {
        source: "RFC 5280 section 4.2",
        says: "the extensions are authorityKeyIdentifier, subjectKeyIdentifier, keyUsage and basicConstraints, each once",
        holds: has_exactly_our_extensions,
    },
    Rule {
        source: "RFC 5280 section 4.2.1.9",
        says: "basicConstraints is critical and says CA",
        holds: |certificate| {
            matches!(certificate.basic_constraints(), Ok(Some(extension))
                if extension.critical && extension.value.ca)
        },
    },
    Rule {
        source: "RFC 5280 section 4.2.1.3",
        says: "keyUsage is critical and is exactly keyCertSign and cRLSign",
        holds: |certificate| {
            matches!(certificate.key_usage(), Ok(Some(extension))
                if extension.critical && extension.value.flags == CERT_SIGN_AND_CRL_SIGN)
        },
    },
    Rule {
        source: "RFC 5280 section 4.2.1.2",
        says: "subjectKeyIdentifier is not critical and is the truncated SHA-256 of the public key (RFC 7093 section 2)",
        holds: subject_key_identifier_is_right,
    },
    Rule {
        source: "RFC 5280 section 4.2.1.1",
        says: "authorityKeyIdentifier is not critical and holds the subject key identifier and nothing else",
        holds: authority_key_identifier_is_right,
    },
];

/// The rules that `certificate` breaks; none for a certificate that keeps them all.
pub(super) fn findings(certificate: &X509Certificate<'_>) -> Vec<Finding> {
    RULES
        .iter()
        .filter(|rule| !(rule.holds)(certificate))
        .map(|rule| Finding {
            source: rule.source,
            rule: rule.says,
        })
        .collect()
}

fn has_exactly_our_extensions(certificate: &X509Certificate<'_>) -> bool {
    let expected = [
        OID_X509_EXT_AUTHORITY_KEY_IDENTIFIER,
        OID_X509_EXT_SUBJECT_KEY_IDENTIFIER,
        OID_X509_EXT_KEY_USAGE,
        OID_X509_EXT_BASIC_CONSTRAINTS,
    ];
    certificate.extensions_map().is_ok_and(|found| {
        found.len() == expected.len() && expected.iter().all(|oid| found.contains_key(oid))
    })
}

fn own_key_identifier(certificate: &X509Certificate<'_>) -> KeyIdentifier {
    KeyIdentifier::of_subject_public_key(&certificate.public_key().subject_public_key.data)
}

fn subject_key_identifier_is_right(certificate: &X509Certificate<'_>) -> bool {
    certificate.extensions().iter().any(|extension| {
        matches!(extension.parsed_extension(), ParsedExtension::SubjectKeyIdentifier(identifier)
            if !extension.critical && identifier.0 == own_key_identifier(certificate).octets())
    })
}

fn authority_key_identifier_is_right(certificate: &X509Certificate<'_>) -> bool {
    let own = own_key_identifier(certificate);
    certificate
        .extensions()
        .iter()
        .any(|extension| match extension.parsed_extension() {
            ParsedExtension::AuthorityKeyIdentifier(authority) => {
                !extension.critical
                    && authority
                        .key_identifier
                        .as_ref()
                        .is_some_and(|identifier| identifier.0 == own.octets())
                    && authority.authority_cert_issuer.is_none()
                    && authority.authority_cert_serial.is_none()
            }
            _ => false,
        })
}
