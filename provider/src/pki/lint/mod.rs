//! Rules for certificates from RFC 5280 and the standards that extend it. Each rule specifies the certificate kinds that
//! it applies to.
//!
//! The lint checks only the parsed certificate; [`super::issue`] compares it with its description. Rules cannot be
//! skipped: a certificate that violates a rule with the severity [`Severity::Error`] is not usable. An extension that is
//! not allowed for a kind causes a finding.

mod extensions;
mod fields;
mod profile;
mod rule;
mod values;

use x509_parser::certificate::X509Certificate;

pub use self::rule::{Finding, Severity};
use self::rule::{Linted, Rule};
pub(super) use self::values::identifier_of;
use super::description::CertificateKind;
use super::fingerprint::KeyIdentifier;

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
