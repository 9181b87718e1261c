//! Supported key algorithms of certificate authorities, and their signature algorithms.
//!
//! The parser and the validator use the same table. The table must contain only algorithms that key generation,
//! signing, and the second parser support.

/// Key algorithm of a certificate authority.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyAlgorithm {
    /// RSA with a 4096-bit modulus.
    Rsa4096,
    /// RSA with a 3072-bit modulus, the minimum for a root.
    Rsa3072,
    /// ECDSA over NIST P-256.
    EcdsaP256,
    /// ECDSA over NIST P-384.
    EcdsaP384,
    /// Ed25519 (RFC 8410).
    Ed25519,
}

/// Properties of a [`KeyAlgorithm`].
#[derive(Debug, Clone, Copy)]
pub struct KeyAlgorithmRow {
    /// Algorithm that the row describes.
    pub algorithm: KeyAlgorithm,
    /// Name in the configuration, the state, and the key document.
    pub name: &'static str,
    /// Signature algorithm, named as in AWS Private CA.
    pub signature: &'static str,
}

/// All supported algorithms, starting with the default.
pub const KEY_ALGORITHMS: [KeyAlgorithmRow; 5] = [
    KeyAlgorithmRow {
        algorithm: KeyAlgorithm::Rsa4096,
        name: "RSA_4096",
        signature: "SHA256WITHRSA",
    },
    KeyAlgorithmRow {
        algorithm: KeyAlgorithm::Rsa3072,
        name: "RSA_3072",
        signature: "SHA256WITHRSA",
    },
    KeyAlgorithmRow {
        algorithm: KeyAlgorithm::EcdsaP256,
        name: "ECDSA_P256",
        signature: "SHA256WITHECDSA",
    },
    KeyAlgorithmRow {
        algorithm: KeyAlgorithm::EcdsaP384,
        name: "ECDSA_P384",
        signature: "SHA384WITHECDSA",
    },
    KeyAlgorithmRow {
        algorithm: KeyAlgorithm::Ed25519,
        name: "ED25519",
        signature: "ED25519",
    },
];

/// Names of the [`KEY_ALGORITHMS`] in the same order.
pub const KEY_ALGORITHM_NAMES: [&str; KEY_ALGORITHMS.len()] = {
    let mut names = [""; KEY_ALGORITHMS.len()];
    let mut row = 0;
    while row < names.len() {
        names[row] = KEY_ALGORITHMS[row].name;
        row += 1;
    }
    names
};

impl KeyAlgorithm {
    /// Returns the algorithm with the specified name.
    pub fn named(name: &str) -> Option<Self> {
        KEY_ALGORITHMS
            .iter()
            .find(|row| row.name == name)
            .map(|row| row.algorithm)
    }

    /// Returns the [`KEY_ALGORITHMS`] row of the algorithm.
    pub const fn row(self) -> &'static KeyAlgorithmRow {
        &KEY_ALGORITHMS[match self {
            Self::Rsa4096 => 0,
            Self::Rsa3072 => 1,
            Self::EcdsaP256 => 2,
            Self::EcdsaP384 => 3,
            Self::Ed25519 => 4,
        }]
    }

    /// Returns the name in the configuration, the state, and the key document.
    pub const fn name(self) -> &'static str {
        self.row().name
    }

    /// Returns the signature algorithm, named as in AWS Private CA.
    pub const fn signature(self) -> &'static str {
        self.row().signature
    }

    /// Returns the corresponding algorithm in the signing library.
    pub(super) fn rcgen(self) -> &'static rcgen::SignatureAlgorithm {
        match self {
            Self::Rsa4096 | Self::Rsa3072 => &rcgen::PKCS_RSA_SHA256,
            Self::EcdsaP256 => &rcgen::PKCS_ECDSA_P256_SHA256,
            Self::EcdsaP384 => &rcgen::PKCS_ECDSA_P384_SHA384,
            Self::Ed25519 => &rcgen::PKCS_ED25519,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_algorithm_is_found_by_its_name() {
        for row in &KEY_ALGORITHMS {
            assert_eq!(KeyAlgorithm::named(row.name), Some(row.algorithm));
            assert_eq!(row.algorithm.name(), row.name);
        }
        assert_eq!(KeyAlgorithm::named("RSA_2048"), None);
        assert_eq!(KEY_ALGORITHM_NAMES, KEY_ALGORITHMS.map(|row| row.name));
    }
}
