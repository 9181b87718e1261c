//! Description of a certificate revocation list as plain data: all fields except the issuer's key.
//!
//! The authority key identifier is not a field because it is derived from the issuer's key. This module does not sign or
//! check lists.

use jiff::Timestamp;

use super::number::CrlNumber;
use super::reason::Reason;
use crate::pki::name::DistinguishedName;
use crate::pki::serial::SerialNumber;
use crate::pki::signature_algorithm::SignatureAlgorithm;

/// All fields of a complete list (TBSCertList, RFC 5280 section 5.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevocationList {
    /// Name of the issuer.
    pub issuer: DistinguishedName,
    /// Algorithm of the signature. It must fit the issuer's key.
    pub signature_algorithm: SignatureAlgorithm,
    /// Number that rises with every list of the issuer.
    pub number: CrlNumber,
    /// Time of issuance, in whole seconds.
    pub this_update: Timestamp,
    /// Time by which the next list is issued, in whole seconds.
    pub next_update: Timestamp,
    /// Certificates that the list covers.
    pub scope: Scope,
    /// URLs in the issuing distribution point (RFC 5280 section 5.2.5). If the list is not empty, the revocation list applies only
    /// to certificates whose `cRLDistributionPoints` contain one of the URLs.
    pub distribution_points: Vec<String>,
    /// Revoked certificates in ascending order of their serial numbers.
    pub entries: Vec<Revocation>,
}

/// Entry of a list (RFC 5280 sections 5.1.2.6 and 5.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revocation {
    /// Serial number of the revoked certificate.
    pub serial_number: SerialNumber,
    /// Time of the revocation, in whole seconds.
    pub revoked_at: Timestamp,
    /// Reason. `None` means `unspecified`.
    pub reason: Option<Reason>,
    /// Time when the key was compromised or the certificate became invalid, in whole seconds.
    pub invalidity_date: Option<Timestamp>,
}

/// Certificates that a list covers (RFC 5280 section 5.2.5). For a scope other than [`Scope::All`], the list has a critical
/// `issuingDistributionPoint` extension.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// All certificates of the issuer.
    All,
    /// Certificates of certificate authorities only.
    CaOnly,
    /// Certificates of end entities only.
    UserOnly,
}

/// Names of [`Scope::EVERY`] in the same order, as in the configuration and the state.
pub const SCOPE_NAMES: [&str; 3] = ["all", "ca_only", "user_only"];

impl Scope {
    /// All scopes.
    pub const EVERY: [Self; 3] = [Self::All, Self::CaOnly, Self::UserOnly];

    /// Returns the name in the configuration and the state.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::All => SCOPE_NAMES[0],
            Self::CaOnly => SCOPE_NAMES[1],
            Self::UserOnly => SCOPE_NAMES[2],
        }
    }

    /// Returns the scope with the specified name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::EVERY.into_iter().find(|scope| scope.name() == name)
    }
}
