//! RFC 5280 rules for complete certificate revocation lists.
//!
//! The lint checks only the decoded list; [`super::issue`] compares it with its description. Rules cannot be skipped, and an
//! extension that the provider does not write causes a finding. Malformed fields, duplicate extensions, and different signature
//! algorithms never reach the lint because [`DecodedCrl`] rejects them.

use std::collections::BTreeSet;

use x509_parser::asn1_rs::Oid;
use x509_parser::extensions::{
    DistributionPointName, GeneralName, IssuingDistributionPoint, ParsedExtension, X509Extension,
};
use x509_parser::oid_registry::{
    OID_X509_EXT_AUTHORITY_KEY_IDENTIFIER, OID_X509_EXT_CRL_NUMBER, OID_X509_EXT_INVALIDITY_DATE,
    OID_X509_EXT_ISSUER_DISTRIBUTION_POINT, OID_X509_EXT_REASON_CODE,
};
use x509_parser::revocation_list::{CertificateRevocationList, RevokedCertificate};
use x509_parser::time::ASN1Time;

use super::reason::Reason;
use crate::pki::decoded::{DecodedCrl, RevokedEntry};
use crate::pki::fingerprint::KeyIdentifier;
use crate::pki::lint::{Finding, Severity};
use crate::pki::serial::SerialNumber;

/// A list to check, as read by both parsers.
pub(super) struct Linted<'a, 'c> {
    pub(super) decoded: &'a DecodedCrl,
    pub(super) parsed: &'a CertificateRevocationList<'c>,
    /// The issuer's key identifier.
    pub(super) issuer: KeyIdentifier,
}

struct Rule {
    source: &'static str,
    requirement: &'static str,
    is_met: fn(&Linted<'_, '_>) -> bool,
}

/// Tag of a GeneralizedTime (ITU-T X.690 section 8.1.2).
const GENERALIZED_TIME: u8 = 0x18;

const RULES: &[Rule] = &[
    Rule {
        source: "RFC 5280 section 5.1.2.1",
        requirement: "version must be v2",
        is_met: |list| list.decoded.version == 2,
    },
    Rule {
        source: "RFC 5280 section 5.1.2.4",
        requirement: "thisUpdate must be written as UTCTime through 2049 and as GeneralizedTime from 2050",
        is_met: |list| is_time_valid(list.parsed.last_update()),
    },
    Rule {
        source: "RFC 5280 section 5.1.2.5",
        requirement: "nextUpdate must be present",
        is_met: |list| list.decoded.next_update.is_some(),
    },
    Rule {
        source: "RFC 5280 section 5.1.2.5",
        requirement: "nextUpdate must be written as UTCTime through 2049 and as GeneralizedTime from 2050",
        is_met: |list| list.parsed.next_update().is_none_or(is_time_valid),
    },
    Rule {
        source: "RFC 5280 section 5.1.2.5",
        requirement: "nextUpdate must be later than thisUpdate",
        is_met: |list| {
            let next_update = list.decoded.next_update;
            next_update.is_none_or(|next_update| next_update > list.decoded.this_update)
        },
    },
    Rule {
        source: "RFC 5280 section 5.1.2.6",
        requirement: "revokedCertificates must be absent if no certificate is revoked",
        is_met: |list| list.decoded.has_entry_list != list.decoded.revoked.is_empty(),
    },
    Rule {
        source: "RFC 5280 section 4.1.2.2",
        requirement: "userCertificate must be positive and have at most 20 octets",
        is_met: |list| {
            let mut entries = list.decoded.revoked.iter();
            entries.all(|entry| entry.serial_number.parse::<SerialNumber>().is_ok())
        },
    },
    Rule {
        source: "RFC 5280 section 5.1.2.6",
        requirement: "revokedCertificates must contain each serial number once",
        is_met: |list| {
            let serials = list
                .decoded
                .revoked
                .iter()
                .map(|entry| &entry.serial_number);
            serials.collect::<BTreeSet<_>>().len() == list.decoded.revoked.len()
        },
    },
    Rule {
        source: "RFC 5280 section 5.1.2.6",
        requirement: "revocationDate must be written as UTCTime through 2049 and as GeneralizedTime from 2050",
        is_met: |list| {
            let mut entries = list.parsed.iter_revoked_certificates();
            entries.all(|entry| is_time_valid(entry.revocation_date))
        },
    },
    Rule {
        source: "RFC 5280 section 5.2",
        requirement: "extensions must include authorityKeyIdentifier and cRLNumber, and can include issuingDistributionPoint, \
                      each once",
        is_met: |list| {
            let allowed = [
                OID_X509_EXT_AUTHORITY_KEY_IDENTIFIER,
                OID_X509_EXT_CRL_NUMBER,
                OID_X509_EXT_ISSUER_DISTRIBUTION_POINT,
            ];
            let mut extensions = list.parsed.extensions().iter();
            extensions.all(|extension| allowed.contains(&extension.oid))
                && allowed[..2]
                    .iter()
                    .all(|required| extension(list, required).is_some())
        },
    },
    Rule {
        source: "RFC 5280 section 5.2.1",
        requirement: "authorityKeyIdentifier must not be critical and must contain only the issuer's key identifier",
        is_met: |list| {
            extension(list, &OID_X509_EXT_AUTHORITY_KEY_IDENTIFIER).is_none_or(|found| {
                matches!(found.parsed_extension(), ParsedExtension::AuthorityKeyIdentifier(authority)
                    if !found.critical
                        && authority.key_identifier.as_ref()
                            .is_some_and(|identifier| identifier.0 == list.issuer.octets())
                        && authority.authority_cert_issuer.is_none()
                        && authority.authority_cert_serial.is_none())
            })
        },
    },
    Rule {
        source: "RFC 5280 section 5.2.3",
        requirement: "cRLNumber must not be critical and must be positive",
        is_met: |list| {
            extension(list, &OID_X509_EXT_CRL_NUMBER).is_none_or(|number| {
                !number.critical && list.decoded.number.as_deref() != Some("0")
            })
        },
    },
    Rule {
        source: "RFC 5280 section 5.2.5",
        requirement: "issuingDistributionPoint must be critical and must contain only URLs and at most one of \
                      onlyContainsUserCerts and onlyContainsCACerts",
        is_met: |list| {
            extension(list, &OID_X509_EXT_ISSUER_DISTRIBUTION_POINT)
                .is_none_or(|found| found.critical && is_complete(found))
        },
    },
    Rule {
        source: "RFC 5280 section 5.3",
        requirement: "extensions of an entry can be reasonCode and invalidityDate only, and must not be critical",
        is_met: |list| {
            let allowed = [OID_X509_EXT_REASON_CODE, OID_X509_EXT_INVALIDITY_DATE];
            let mut entries = list.parsed.iter_revoked_certificates();
            let is_allowed = |extension: &X509Extension<'_>| {
                !extension.critical && allowed.contains(&extension.oid)
            };
            entries.all(|entry| entry.extensions().iter().all(is_allowed))
        },
    },
    Rule {
        source: "RFC 5280 section 5.3.1",
        requirement: "reasonCode must not be unspecified (0), and must not be removeFromCRL (8) in a complete list",
        is_met: |list| list.decoded.revoked.iter().all(has_valid_reason),
    },
    Rule {
        source: "RFC 5280 section 5.3.2",
        requirement: "invalidityDate must be written as GeneralizedTime",
        is_met: |list| {
            let mut entries = list.parsed.iter_revoked_certificates();
            entries.all(has_generalized_invalidity_date)
        },
    },
];

/// Returns the rules that a list violates.
pub(super) fn findings(list: &Linted<'_, '_>) -> Vec<Finding> {
    let violated = RULES.iter().filter(|rule| !(rule.is_met)(list));
    violated
        .map(|rule| Finding {
            source: rule.source,
            rule: rule.requirement,
            severity: Severity::Error,
        })
        .collect()
}

/// Returns the issuing distribution point of a list.
pub(super) fn distribution_point<'a>(
    list: &'a CertificateRevocationList<'_>,
) -> Option<&'a IssuingDistributionPoint<'a>> {
    let mut extensions = list.extensions().iter();
    extensions.find_map(|extension| match extension.parsed_extension() {
        ParsedExtension::IssuingDistributionPoint(point) => Some(point),
        _ => None,
    })
}

/// Returns the URLs in an issuing distribution point, or `None` if it contains another name.
pub(super) fn urls<'a>(point: &'a IssuingDistributionPoint<'a>) -> Option<Vec<&'a str>> {
    match &point.distribution_point {
        None => Some(Vec::new()),
        Some(DistributionPointName::FullName(names)) => {
            let urls = names.iter().map(|name| match name {
                GeneralName::URI(url) => Some(*url),
                _ => None,
            });
            urls.collect()
        }
        Some(DistributionPointName::NameRelativeToCRLIssuer(_)) => None,
    }
}

fn extension<'a>(list: &'a Linted<'_, '_>, oid: &Oid<'_>) -> Option<&'a X509Extension<'a>> {
    let mut extensions = list.parsed.extensions().iter();
    extensions.find(|extension| extension.oid == *oid)
}

fn is_time_valid(time: ASN1Time) -> bool {
    time.is_utctime() == (time.to_datetime().year() < 2050)
}

/// Returns whether an issuing distribution point limits the list by kind of certificate and distribution point only.
fn is_complete(extension: &X509Extension<'_>) -> bool {
    let ParsedExtension::IssuingDistributionPoint(point) = extension.parsed_extension() else {
        return false;
    };
    let covers_nothing = point.only_contains_user_certs && point.only_contains_ca_certs;
    let covers_others = point.indirect_crl || point.only_contains_attribute_certs;
    let covers_some = point.only_some_reasons.is_some();
    urls(point).is_some() && !(covers_nothing || covers_others || covers_some)
}

fn has_valid_reason(entry: &RevokedEntry) -> bool {
    entry
        .reason
        .is_none_or(|code| Reason::with_code(code).is_some())
}

fn has_generalized_invalidity_date(entry: &RevokedCertificate<'_>) -> bool {
    let date = entry.find_extension(&OID_X509_EXT_INVALIDITY_DATE);
    date.is_none_or(|date| date.value.first() == Some(&GENERALIZED_TIME))
}
