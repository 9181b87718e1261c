//! Rules for certificates from RFC 5280 and the standards that extend it. Each rule specifies the certificate kinds that
//! it applies to.
//!
//! The lint checks only the parsed certificate; [`super::issue`] compares it with its description. Rules cannot be
//! skipped: a certificate that violates a rule with the severity [`Severity::Error`] is not usable. An extension that is
//! not allowed for a kind causes a finding.

mod extensions;
mod fields;
mod profile;
mod values;

use std::fmt;

use x509_parser::certificate::X509Certificate;

use super::description::CertificateKind::{self, Intermediate, Root};
use super::fingerprint::KeyIdentifier;

/// Consequence of a violated rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// The certificate is not usable.
    Error,
    /// Some verifiers reject the certificate or ignore a part of it.
    Warning,
}

/// A rule that a certificate violates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Finding {
    /// Document and section that define the rule.
    pub source: &'static str,
    /// Text of the rule.
    pub rule: &'static str,
    /// Consequence of the violation.
    pub severity: Severity,
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
    severity: Severity,
    kinds: &'static [CertificateKind],
    is_met: fn(&Linted<'_, '_>) -> bool,
}

impl Rule {
    fn finding(&self) -> Finding {
        Finding {
            source: self.source,
            rule: self.requirement,
            severity: self.severity,
        }
    }
}

const EVERY_KIND: &[CertificateKind] = &CertificateKind::ALL;
const AUTHORITIES: &[CertificateKind] = &[Root, Intermediate];

fn rules() -> impl Iterator<Item = &'static Rule> {
    fields::RULES.iter().chain(extensions::RULES)
}

/// Returns the rules for a kind of certificate as findings.
pub fn lint_rules(kind: CertificateKind) -> impl Iterator<Item = Finding> {
    rules()
        .filter(move |rule| rule.kinds.contains(&kind))
        .map(Rule::finding)
}

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
    rules()
        .filter(|rule| rule.kinds.contains(&kind) && !(rule.is_met)(&linted))
        .map(Rule::finding)
        .collect()
}

/// Returns the key identifier of the certified key.
pub(super) fn identifier_of(certificate: &X509Certificate<'_>) -> KeyIdentifier {
    KeyIdentifier::of_subject_public_key(&certificate.public_key().subject_public_key.data)
}
