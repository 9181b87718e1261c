//! Reasons why a certificate has no valid path.

use jiff::Timestamp;

use crate::pki::decoded::{DecodedCertificate, Time};

/// Rejected certificate and the reason for its rejection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// Rejected certificate.
    pub certificate: Box<DecodedCertificate>,
    /// Reason for the rejection.
    pub reason: Reason,
}

/// Reason why a path is not valid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// The time is after the validity period.
    #[error("expired at {not_after}, which is before the validation time {at}")]
    Expired {
        /// End of the validity period.
        not_after: Time,
        /// Time of the validation.
        at: Timestamp,
    },
    /// The time is before the validity period.
    #[error("is not valid before {not_before}, which is after the validation time {at}")]
    NotYetValid {
        /// Start of the validity period.
        not_before: Time,
        /// Time of the validation.
        at: Timestamp,
    },
    /// The issuer is not the subject of any root or other intermediate certificate.
    #[error(
        "was issued by {issuer}, which is not the subject of any root or other intermediate certificate"
    )]
    UnknownIssuer {
        /// Name of the issuer.
        issuer: String,
    },
    /// A root has the name of the issuer, but it is another certificate for a name and key that the path already contains.
    #[error(
        "was issued by {issuer}; a root has this name and the key of a certificate in the path but is a different certificate; if you \
         trust the certificate in the path, pass it as a root"
    )]
    RenewedRoot {
        /// Name of the issuer.
        issuer: String,
    },
    /// Certificates have the name of the issuer, but none of their keys verifies the signature.
    #[error(
        "has a signature that does not verify with the key of {issuer}; another key signed the certificate, or it was modified"
    )]
    BadSignature {
        /// Name of the issuer.
        issuer: String,
    },
    /// The signature algorithm is not supported.
    #[error(
        "has a signature with the algorithm {algorithm} and a key of type {key}, which is not supported; supported keys are RSA with \
         2048 to 8192 bits, ECDSA_P256, ECDSA_P384, ECDSA_P521, and ED25519, with SHA-256, SHA-384, or SHA-512; the salt of \
         an RSASSA-PSS signature must have the length of the hash value"
    )]
    SignatureAlgorithm {
        /// Signature algorithm.
        algorithm: String,
        /// Algorithm of the issuer's key.
        key: String,
    },
    /// An issuer is not a certificate authority.
    #[error(
        "issued another certificate but is not a certificate authority (basicConstraints, RFC 5280 section 4.2.1.9)"
    )]
    NotACa,
    /// An issuer is not allowed to sign certificates.
    #[error(
        "issued another certificate, but its keyUsage extension does not include keyCertSign (RFC 5280 section 4.2.1.3)"
    )]
    KeyUsage,
    /// The path has more intermediate certificates than allowed.
    #[error(
        "is below more certificate authorities than a pathLenConstraint of {limit} allows (RFC 5280 section 4.2.1.9)"
    )]
    PathLength {
        /// Value of `pathLenConstraint`.
        limit: u8,
    },
    /// A name is outside all permitted subtrees or inside an excluded subtree.
    #[error(
        "has the name {name}, which the name constraints of {issuer} do not permit (RFC 5280 section 4.2.1.10)"
    )]
    NameConstraints {
        /// Rejected name.
        name: String,
        /// Subject of the certificate that contains the constraints.
        issuer: String,
    },
    /// Too many names must be compared with name constraints.
    #[error(
        "has too many names to compare with the name constraints of its certificate authorities; a validation compares a name with a \
         constraint at most {limit} times"
    )]
    TooManyNames {
        /// Maximum number of comparisons.
        limit: usize,
    },
    /// The certificate has extensions, which its version does not allow.
    #[error(
        "has extensions but is a version {version} certificate; extensions require version 3 (RFC 5280 section 4.1.2.9)"
    )]
    Version {
        /// Version of the certificate.
        version: u32,
    },
    /// A critical extension is not supported.
    #[error(
        "has the critical extension {oid}, which this provider does not process (RFC 5280 section 4.2)"
    )]
    CriticalExtension {
        /// Object identifier and name of the extension.
        oid: String,
    },
    /// The path reaches the maximum length without a root.
    #[error(
        "is certificate {limit} of a path that does not reach a root; a path can contain at most {limit} certificates"
    )]
    TooLong {
        /// Maximum number of certificates in a path.
        limit: usize,
    },
    /// Too many paths are possible.
    #[error(
        "has too many possible paths; a validation verifies at most {limit} signatures; pass only the certificates of its chain"
    )]
    TooManyPaths {
        /// Maximum number of signatures.
        limit: usize,
    },
}

impl Reason {
    /// Returns the name of the reason in the configuration and the state.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Expired { .. } => "expired",
            Self::NotYetValid { .. } => "not_yet_valid",
            Self::UnknownIssuer { .. } | Self::RenewedRoot { .. } => "unknown_issuer",
            Self::BadSignature { .. } => "bad_signature",
            Self::SignatureAlgorithm { .. } => "signature_algorithm",
            Self::NotACa => "not_a_ca",
            Self::KeyUsage => "key_usage",
            Self::PathLength { .. } => "path_length",
            Self::NameConstraints { .. } => "name_constraints",
            Self::CriticalExtension { .. } => "critical_extension",
            Self::TooManyNames { .. } => "too_many_names",
            Self::Version { .. } => "version",
            Self::TooLong { .. } => "too_long",
            Self::TooManyPaths { .. } => "too_many_paths",
        }
    }

    /// Returns how specific a reason is. A reason for a complete path is the most specific. A limit precedes the other reasons
    /// because a search that ends at a limit cannot determine whether another path is complete.
    pub(super) const fn precedence(&self) -> u8 {
        match self {
            Self::UnknownIssuer { .. }
            | Self::RenewedRoot { .. }
            | Self::BadSignature { .. }
            | Self::SignatureAlgorithm { .. } => 0,
            Self::TooLong { .. } | Self::TooManyPaths { .. } => 1,
            _ => 2,
        }
    }
}

impl Rejection {
    pub(super) fn new(certificate: &DecodedCertificate, reason: Reason) -> Self {
        Self {
            certificate: Box::new(certificate.clone()),
            reason,
        }
    }
}

impl std::fmt::Display for Rejection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            certificate,
            reason,
        } = self;
        let (subject, serial) = (&certificate.subject, &certificate.serial_number);
        write!(
            f,
            "The certificate {subject} (serial number {serial}) {reason}."
        )
    }
}
