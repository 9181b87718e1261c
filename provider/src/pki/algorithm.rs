//! Supported key algorithms, and the signature algorithms of each one.
//!
//! The parser and the validator use the same table. The table must contain only algorithms that key generation,
//! signing, and the second parser support.

use super::signature_algorithm::SignatureAlgorithm;

/// Algorithm of a certified key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyAlgorithm {
    /// RSA with a 4096-bit modulus.
    Rsa4096,
    /// RSA with a 3072-bit modulus, the minimum for a certificate authority.
    Rsa3072,
    /// RSA with a 2048-bit modulus, for end entities only.
    Rsa2048,
    /// ECDSA over NIST P-256.
    EcdsaP256,
    /// ECDSA over NIST P-384.
    EcdsaP384,
    /// ECDSA over NIST P-521.
    EcdsaP521,
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
    /// Signature algorithms of the key, starting with the default. AWS KMS supports the same combinations.
    pub signatures: &'static [SignatureAlgorithm],
    /// Whether a certificate authority can have the key.
    pub can_certify: bool,
}

const RSA_SIGNATURES: &[SignatureAlgorithm] = &[
    SignatureAlgorithm::Sha256WithRsa,
    SignatureAlgorithm::Sha384WithRsa,
    SignatureAlgorithm::Sha512WithRsa,
];

/// All supported algorithms, starting with the default of certificate authorities.
pub const KEY_ALGORITHMS: [KeyAlgorithmRow; 7] = [
    KeyAlgorithmRow {
        algorithm: KeyAlgorithm::Rsa4096,
        name: "RSA_4096",
        signatures: RSA_SIGNATURES,
        can_certify: true,
    },
    KeyAlgorithmRow {
        algorithm: KeyAlgorithm::Rsa3072,
        name: "RSA_3072",
        signatures: RSA_SIGNATURES,
        can_certify: true,
    },
    KeyAlgorithmRow {
        algorithm: KeyAlgorithm::EcdsaP256,
        name: "ECDSA_P256",
        signatures: &[SignatureAlgorithm::Sha256WithEcdsa],
        can_certify: true,
    },
    KeyAlgorithmRow {
        algorithm: KeyAlgorithm::EcdsaP384,
        name: "ECDSA_P384",
        signatures: &[SignatureAlgorithm::Sha384WithEcdsa],
        can_certify: true,
    },
    KeyAlgorithmRow {
        algorithm: KeyAlgorithm::EcdsaP521,
        name: "ECDSA_P521",
        signatures: &[SignatureAlgorithm::Sha512WithEcdsa],
        can_certify: true,
    },
    KeyAlgorithmRow {
        algorithm: KeyAlgorithm::Ed25519,
        name: "ED25519",
        signatures: &[SignatureAlgorithm::Ed25519],
        can_certify: true,
    },
    KeyAlgorithmRow {
        algorithm: KeyAlgorithm::Rsa2048,
        name: "RSA_2048",
        signatures: RSA_SIGNATURES,
        can_certify: false,
    },
];

/// Names of the [`KEY_ALGORITHMS`] in the same order.
pub const KEY_ALGORITHM_NAMES: [&str; KEY_ALGORITHMS.len()] = names();

/// Names of the [`KEY_ALGORITHMS`] that a certificate authority can have, in the same order.
pub const AUTHORITY_KEY_ALGORITHM_NAMES: [&str; KEY_ALGORITHMS.len() - 1] = names();

/// Returns the first `N` names. The algorithms that certificate authorities can have come first.
const fn names<const N: usize>() -> [&'static str; N] {
    let mut names = [""; N];
    let mut row = 0;
    while row < N {
        names[row] = KEY_ALGORITHMS[row].name;
        row += 1;
    }
    names
}

impl KeyAlgorithm {
    /// Returns the algorithm with the specified name.
    #[must_use]
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
            Self::EcdsaP521 => 4,
            Self::Ed25519 => 5,
            Self::Rsa2048 => 6,
        }]
    }

    /// Returns the name in the configuration, the state, and the key document.
    pub const fn name(self) -> &'static str {
        self.row().name
    }

    /// Returns whether the key is an RSA key.
    #[must_use]
    pub const fn is_rsa(self) -> bool {
        matches!(self, Self::Rsa4096 | Self::Rsa3072 | Self::Rsa2048)
    }

    /// Returns whether a certificate authority can have the key. RSA with 2048 bits has a security strength of 112 bits,
    /// which NIST SP 800-57 part 1 allows only through 2030.
    #[must_use]
    pub const fn can_certify(self) -> bool {
        self.row().can_certify
    }

    /// Returns the signature algorithms of the key, starting with the default.
    #[must_use]
    pub const fn signature_algorithms(self) -> &'static [SignatureAlgorithm] {
        self.row().signatures
    }

    /// Returns the signature algorithm that the key uses if no other one is chosen.
    #[must_use]
    pub const fn default_signature_algorithm(self) -> SignatureAlgorithm {
        self.row().signatures[0]
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
        assert_eq!(KeyAlgorithm::named("RSA_1024"), None);
        assert_eq!(KEY_ALGORITHM_NAMES, KEY_ALGORITHMS.map(|row| row.name));
    }

    #[test]
    fn authorities_can_have_every_algorithm_except_rsa_with_2048_bits() {
        let authorities = KEY_ALGORITHMS.iter().filter(|row| row.can_certify);
        let names: Vec<_> = authorities.map(|row| row.name).collect();
        assert_eq!(names, AUTHORITY_KEY_ALGORITHM_NAMES);
        assert!(!KeyAlgorithm::Rsa2048.can_certify());
        assert_eq!(
            AUTHORITY_KEY_ALGORITHM_NAMES.len() + 1,
            KEY_ALGORITHMS.len()
        );
    }
}
