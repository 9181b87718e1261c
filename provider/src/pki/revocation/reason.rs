//! Revocation reasons that a complete list can contain (RFC 5280 section 5.3.1).

/// Reason of a revocation.
///
/// `unspecified` (0) has no variant because an entry without a reason code has the same meaning, and RFC 5280 section 5.3.1
/// recommends omitting the code. `removeFromCRL` (8) has no variant because it is allowed in delta CRLs only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// `keyCompromise` (1): the private key of the certificate is known or suspected to be compromised.
    KeyCompromise,
    /// `cACompromise` (2): the private key of the certificate authority is known or suspected to be compromised.
    CaCompromise,
    /// `affiliationChanged` (3): the subject's name or other information in the certificate has changed.
    AffiliationChanged,
    /// `superseded` (4): another certificate replaces the certificate.
    Superseded,
    /// `cessationOfOperation` (5): the certificate is no longer required.
    CessationOfOperation,
    /// `certificateHold` (6): the certificate is suspended. Only this revocation can be released.
    CertificateHold,
    /// `privilegeWithdrawn` (9): a privilege in the certificate was withdrawn.
    PrivilegeWithdrawn,
    /// `aACompromise` (10): the private key of the attribute authority is known or suspected to be compromised.
    AaCompromise,
}

/// Names of [`Reason::ALL`] in the same order, as in the configuration, the state, and the ledger.
pub const REASON_NAMES: [&str; Reason::ALL.len()] = {
    let mut names = [""; Reason::ALL.len()];
    let mut position = 0;
    while position < names.len() {
        names[position] = Reason::ALL[position].name();
        position += 1;
    }
    names
};

impl Reason {
    /// All reasons in the order of their codes.
    pub const ALL: [Self; 8] = [
        Self::KeyCompromise,
        Self::CaCompromise,
        Self::AffiliationChanged,
        Self::Superseded,
        Self::CessationOfOperation,
        Self::CertificateHold,
        Self::PrivilegeWithdrawn,
        Self::AaCompromise,
    ];

    /// Returns the name in the configuration, the state, and the ledger.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::KeyCompromise => "key_compromise",
            Self::CaCompromise => "ca_compromise",
            Self::AffiliationChanged => "affiliation_changed",
            Self::Superseded => "superseded",
            Self::CessationOfOperation => "cessation_of_operation",
            Self::CertificateHold => "certificate_hold",
            Self::PrivilegeWithdrawn => "privilege_withdrawn",
            Self::AaCompromise => "aa_compromise",
        }
    }

    /// Returns the reason with the specified name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.name() == name)
    }

    /// Returns whether a private key is known or suspected to be compromised.
    #[must_use]
    pub const fn is_compromise(self) -> bool {
        matches!(
            self,
            Self::KeyCompromise | Self::CaCompromise | Self::AaCompromise
        )
    }

    /// Returns the value of `CRLReason`.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::KeyCompromise => 1,
            Self::CaCompromise => 2,
            Self::AffiliationChanged => 3,
            Self::Superseded => 4,
            Self::CessationOfOperation => 5,
            Self::CertificateHold => 6,
            Self::PrivilegeWithdrawn => 9,
            Self::AaCompromise => 10,
        }
    }

    /// Returns the reason with the specified code. Returns `None` for a code that a complete list must not contain.
    #[must_use]
    pub fn with_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.code() == code)
    }
}
