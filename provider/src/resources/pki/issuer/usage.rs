//! Permitted uses of the key of a certificate authority.

use std::collections::BTreeSet;

/// A permitted use of the key of a certificate authority. A narrower set retires an authority step by step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Usage {
    /// Certificates of certificate authorities.
    SignCa,
    /// End-entity certificates.
    SignLeaf,
    /// Certificate revocation lists.
    SignCrl,
}

impl Usage {
    /// All uses.
    pub const ALL: [Self; 3] = [Self::SignCa, Self::SignLeaf, Self::SignCrl];

    /// Returns the attribute value.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::SignCa => "sign_ca",
            Self::SignLeaf => "sign_leaf",
            Self::SignCrl => "sign_crl",
        }
    }

    /// Returns the use with the specified name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|usage| usage.name() == name)
    }

    /// Returns the objects that the use signs, for a message.
    #[must_use]
    pub const fn signed(self) -> &'static str {
        match self {
            Self::SignCa => "certificates of certificate authorities",
            Self::SignLeaf => "end-entity certificates",
            Self::SignCrl => "certificate revocation lists",
        }
    }
}

/// Names of [`Usage::ALL`] in the same order.
pub const USAGE_NAMES: [&str; 3] = [
    Usage::SignCa.name(),
    Usage::SignLeaf.name(),
    Usage::SignCrl.name(),
];

/// Returns the default of `usage` for an authority that signs other authorities and its revocation list.
#[must_use]
pub fn default_usage() -> BTreeSet<String> {
    let default = [Usage::SignCa, Usage::SignCrl];
    default.map(|usage| usage.name().to_owned()).into()
}

/// Returns the default of `usage` for an authority that signs end-entity certificates and its revocation list.
#[must_use]
pub fn default_issuing_usage() -> BTreeSet<String> {
    let default = [Usage::SignLeaf, Usage::SignCrl];
    default.map(|usage| usage.name().to_owned()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_use_is_found_by_its_name() {
        for (usage, name) in Usage::ALL.into_iter().zip(USAGE_NAMES) {
            assert_eq!(Usage::named(name), Some(usage));
        }
        assert_eq!(Usage::named("sign"), None);
    }
}
