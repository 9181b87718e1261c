//! Key specifications and signing algorithms of AWS KMS, and their names in a key document and in AWS Private CA.
//!
//! Follows the AWS KMS API reference: `KeySpec` on the page `KeyMetadata`, and `SigningAlgorithm` on the page `Sign`.
//! The tables contain only combinations that certificates in this provider can have.

use aws_lc_rs::digest;
use aws_sdk_kms::types::SigningAlgorithmSpec;

/// Key specification of an asymmetric signing key (`KeyMetadata`, `KeySpec`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeySpec {
    /// `RSA_2048`.
    Rsa2048,
    /// `RSA_3072`.
    Rsa3072,
    /// `RSA_4096`.
    Rsa4096,
    /// `ECC_NIST_P256`.
    EccNistP256,
    /// `ECC_NIST_P384`.
    EccNistP384,
    /// `ECC_NIST_P521`.
    EccNistP521,
    /// `ECC_NIST_EDWARDS25519`.
    EccNistEdwards25519,
}

impl KeySpec {
    /// All supported specifications.
    pub const ALL: [Self; 7] = [
        Self::Rsa2048,
        Self::Rsa3072,
        Self::Rsa4096,
        Self::EccNistP256,
        Self::EccNistP384,
        Self::EccNistP521,
        Self::EccNistEdwards25519,
    ];

    /// Returns the specification with this name in the KMS API.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|spec| spec.name() == name)
    }

    /// Returns the name in the KMS API.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rsa2048 => "RSA_2048",
            Self::Rsa3072 => "RSA_3072",
            Self::Rsa4096 => "RSA_4096",
            Self::EccNistP256 => "ECC_NIST_P256",
            Self::EccNistP384 => "ECC_NIST_P384",
            Self::EccNistP521 => "ECC_NIST_P521",
            Self::EccNistEdwards25519 => "ECC_NIST_EDWARDS25519",
        }
    }

    /// Returns the specification of keys with this key algorithm, named as in a configuration and in a key document.
    #[must_use]
    pub fn of_key_algorithm(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|spec| spec.key_algorithm() == name)
    }

    /// Returns the key algorithm, named as in a configuration and in a key document.
    #[must_use]
    pub const fn key_algorithm(self) -> &'static str {
        match self {
            Self::Rsa2048 => "RSA_2048",
            Self::Rsa3072 => "RSA_3072",
            Self::Rsa4096 => "RSA_4096",
            Self::EccNistP256 => "ECDSA_P256",
            Self::EccNistP384 => "ECDSA_P384",
            Self::EccNistP521 => "ECDSA_P521",
            Self::EccNistEdwards25519 => "ED25519",
        }
    }

    /// Returns the signing algorithms that the key supports, starting with the default. RSA keys support each hash
    /// function, and the curve of an elliptic curve key determines its hash function (`Sign`, `SigningAlgorithm`, and
    /// AWS KMS Developer Guide, "Key spec reference").
    #[must_use]
    pub const fn signing_algorithms(self) -> &'static [SigningAlgorithm] {
        match self {
            Self::Rsa2048 | Self::Rsa3072 | Self::Rsa4096 => &[
                SigningAlgorithm::RsassaPkcs1V15Sha256,
                SigningAlgorithm::RsassaPkcs1V15Sha384,
                SigningAlgorithm::RsassaPkcs1V15Sha512,
            ],
            Self::EccNistP256 => &[SigningAlgorithm::EcdsaSha256],
            Self::EccNistP384 => &[SigningAlgorithm::EcdsaSha384],
            Self::EccNistP521 => &[SigningAlgorithm::EcdsaSha512],
            Self::EccNistEdwards25519 => &[SigningAlgorithm::Ed25519Sha512],
        }
    }
}

/// Signing algorithm (`Sign`, `SigningAlgorithm`). `RSASSA_PSS_*` and `ED25519_PH_SHA_512` are absent because the
/// certificates in this provider do not use them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SigningAlgorithm {
    /// `RSASSA_PKCS1_V1_5_SHA_256`.
    RsassaPkcs1V15Sha256,
    /// `RSASSA_PKCS1_V1_5_SHA_384`.
    RsassaPkcs1V15Sha384,
    /// `RSASSA_PKCS1_V1_5_SHA_512`.
    RsassaPkcs1V15Sha512,
    /// `ECDSA_SHA_256`.
    EcdsaSha256,
    /// `ECDSA_SHA_384`.
    EcdsaSha384,
    /// `ECDSA_SHA_512`.
    EcdsaSha512,
    /// `ED25519_SHA_512`, which is Ed25519 as in RFC 8032.
    Ed25519Sha512,
}

impl SigningAlgorithm {
    /// All supported algorithms.
    pub const ALL: [Self; 7] = [
        Self::RsassaPkcs1V15Sha256,
        Self::RsassaPkcs1V15Sha384,
        Self::RsassaPkcs1V15Sha512,
        Self::EcdsaSha256,
        Self::EcdsaSha384,
        Self::EcdsaSha512,
        Self::Ed25519Sha512,
    ];

    /// Returns the name in the KMS API.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::RsassaPkcs1V15Sha256 => "RSASSA_PKCS1_V1_5_SHA_256",
            Self::RsassaPkcs1V15Sha384 => "RSASSA_PKCS1_V1_5_SHA_384",
            Self::RsassaPkcs1V15Sha512 => "RSASSA_PKCS1_V1_5_SHA_512",
            Self::EcdsaSha256 => "ECDSA_SHA_256",
            Self::EcdsaSha384 => "ECDSA_SHA_384",
            Self::EcdsaSha512 => "ECDSA_SHA_512",
            Self::Ed25519Sha512 => "ED25519_SHA_512",
        }
    }

    /// Returns the algorithm that creates signatures of this signature algorithm, named as in AWS Private CA, such as
    /// `SHA256WITHRSA`.
    #[must_use]
    pub fn of_signature_algorithm(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|algorithm| algorithm.signature_algorithm() == name)
    }

    /// Returns the signature algorithm of a certificate, named as in AWS Private CA.
    #[must_use]
    pub const fn signature_algorithm(self) -> &'static str {
        match self {
            Self::RsassaPkcs1V15Sha256 => "SHA256WITHRSA",
            Self::RsassaPkcs1V15Sha384 => "SHA384WITHRSA",
            Self::RsassaPkcs1V15Sha512 => "SHA512WITHRSA",
            Self::EcdsaSha256 => "SHA256WITHECDSA",
            Self::EcdsaSha384 => "SHA384WITHECDSA",
            Self::EcdsaSha512 => "SHA512WITHECDSA",
            Self::Ed25519Sha512 => "ED25519",
        }
    }

    /// Returns the hash function for `MessageType` `DIGEST`, or `None` if the algorithm accepts only `RAW` messages
    /// (`Sign`, `MessageType`).
    pub(super) fn hash(self) -> Option<&'static digest::Algorithm> {
        match self {
            Self::RsassaPkcs1V15Sha256 | Self::EcdsaSha256 => Some(&digest::SHA256),
            Self::RsassaPkcs1V15Sha384 | Self::EcdsaSha384 => Some(&digest::SHA384),
            Self::RsassaPkcs1V15Sha512 | Self::EcdsaSha512 => Some(&digest::SHA512),
            Self::Ed25519Sha512 => None,
        }
    }

    pub(super) fn sdk(self) -> SigningAlgorithmSpec {
        SigningAlgorithmSpec::from(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_ones_of_the_sdk() {
        use aws_sdk_kms::types::KeySpec as SdkKeySpec;
        for spec in KeySpec::ALL {
            let name = spec.name();
            assert!(SdkKeySpec::values().contains(&name), "{name}");
            assert_eq!(KeySpec::named(name), Some(spec));
            assert_eq!(KeySpec::of_key_algorithm(spec.key_algorithm()), Some(spec));
        }
        for algorithm in SigningAlgorithm::ALL {
            let name = algorithm.name();
            assert!(SigningAlgorithmSpec::values().contains(&name), "{name}");
            let certificate = algorithm.signature_algorithm();
            let found = SigningAlgorithm::of_signature_algorithm(certificate);
            assert_eq!(found, Some(algorithm), "{certificate}");
        }
        for other in [
            "SYMMETRIC_DEFAULT",
            "ECC_SECG_P256K1",
            "SM2",
            "rsa_4096",
            "",
        ] {
            assert_eq!(KeySpec::named(other), None, "{other}");
        }
        assert_eq!(
            SigningAlgorithm::of_signature_algorithm("SHA1WITHRSA"),
            None
        );
    }

    #[test]
    fn every_algorithm_belongs_to_a_specification() {
        for algorithm in SigningAlgorithm::ALL {
            let supported = |spec: &KeySpec| spec.signing_algorithms().contains(&algorithm);
            assert!(KeySpec::ALL.iter().any(supported), "{}", algorithm.name());
        }
    }
}
