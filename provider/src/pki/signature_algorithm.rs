//! Signature algorithms of certificates and revocation lists.

/// Algorithm that signs certificates and revocation lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SignatureAlgorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 4055 section 5).
    Sha256WithRsa,
    /// RSASSA-PKCS1-v1_5 with SHA-384 (RFC 4055 section 5).
    Sha384WithRsa,
    /// RSASSA-PKCS1-v1_5 with SHA-512 (RFC 4055 section 5).
    Sha512WithRsa,
    /// ECDSA over P-256 with SHA-256 (RFC 5758 section 3.2).
    Sha256WithEcdsa,
    /// ECDSA over P-384 with SHA-384 (RFC 5758 section 3.2).
    Sha384WithEcdsa,
    /// ECDSA over P-521 with SHA-512 (RFC 5758 section 3.2).
    Sha512WithEcdsa,
    /// Ed25519 (RFC 8410 section 3).
    Ed25519,
}

impl SignatureAlgorithm {
    /// All signature algorithms.
    pub const ALL: [Self; 7] = [
        Self::Sha256WithRsa,
        Self::Sha384WithRsa,
        Self::Sha512WithRsa,
        Self::Sha256WithEcdsa,
        Self::Sha384WithEcdsa,
        Self::Sha512WithEcdsa,
        Self::Ed25519,
    ];

    /// Returns the name in the configuration, the state, and the key document. AWS Private CA uses the same names.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sha256WithRsa => "SHA256WITHRSA",
            Self::Sha384WithRsa => "SHA384WITHRSA",
            Self::Sha512WithRsa => "SHA512WITHRSA",
            Self::Sha256WithEcdsa => "SHA256WITHECDSA",
            Self::Sha384WithEcdsa => "SHA384WITHECDSA",
            Self::Sha512WithEcdsa => "SHA512WITHECDSA",
            Self::Ed25519 => "ED25519",
        }
    }

    /// Returns the algorithm with the specified name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|algorithm| algorithm.name() == name)
    }

    /// Returns the object identifier in dotted notation (RFC 4055 section 5, RFC 5758 section 3.2, RFC 8410 section 3).
    pub(super) const fn oid(self) -> &'static str {
        match self {
            Self::Sha256WithRsa => "1.2.840.113549.1.1.11",
            Self::Sha384WithRsa => "1.2.840.113549.1.1.12",
            Self::Sha512WithRsa => "1.2.840.113549.1.1.13",
            Self::Sha256WithEcdsa => "1.2.840.10045.4.3.2",
            Self::Sha384WithEcdsa => "1.2.840.10045.4.3.3",
            Self::Sha512WithEcdsa => "1.2.840.10045.4.3.4",
            Self::Ed25519 => "1.3.101.112",
        }
    }

    /// Returns the corresponding algorithm in the signing library.
    pub(super) fn rcgen(self) -> &'static rcgen::SignatureAlgorithm {
        match self {
            Self::Sha256WithRsa => &rcgen::PKCS_RSA_SHA256,
            Self::Sha384WithRsa => &rcgen::PKCS_RSA_SHA384,
            Self::Sha512WithRsa => &rcgen::PKCS_RSA_SHA512,
            Self::Sha256WithEcdsa => &rcgen::PKCS_ECDSA_P256_SHA256,
            Self::Sha384WithEcdsa => &rcgen::PKCS_ECDSA_P384_SHA384,
            Self::Sha512WithEcdsa => &rcgen::PKCS_ECDSA_P521_SHA512,
            Self::Ed25519 => &rcgen::PKCS_ED25519,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_signature_algorithm_is_found_by_its_name() {
        for algorithm in SignatureAlgorithm::ALL {
            assert_eq!(SignatureAlgorithm::named(algorithm.name()), Some(algorithm));
        }
        assert_eq!(SignatureAlgorithm::named("SHA1WITHRSA"), None);
    }
}
