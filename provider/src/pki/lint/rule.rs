//! The form of a rule, and the result of its violation.

use std::fmt;

use x509_parser::certificate::X509Certificate;

use crate::pki::description::CertificateKind::{self, Intermediate, Root};
use crate::pki::fingerprint::KeyIdentifier;

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
pub(super) struct Linted<'a, 'c> {
    pub(super) certificate: &'a X509Certificate<'c>,
    pub(super) kind: CertificateKind,
    /// The issuer's key identifier.
    pub(super) issuer: KeyIdentifier,
}

pub(super) struct Rule {
    pub(super) source: &'static str,
    pub(super) requirement: &'static str,
    pub(super) severity: Severity,
    pub(super) kinds: &'static [CertificateKind],
    pub(super) is_met: fn(&Linted<'_, '_>) -> bool,
}

impl Rule {
    pub(super) fn finding(&self) -> Finding {
        Finding {
            source: self.source,
            rule: self.requirement,
            severity: self.severity,
        }
    }
}

pub(super) const EVERY_KIND: &[CertificateKind] = &CertificateKind::ALL;
pub(super) const AUTHORITIES: &[CertificateKind] = &[Root, Intermediate];
