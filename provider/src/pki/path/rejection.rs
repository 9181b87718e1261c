//! The reasons for which a certificate has no valid path.

use jiff::Timestamp;

use crate::pki::decoded::{DecodedCertificate, Time};

/// A certificate, and the reason for which it ends every path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// The certificate.
    pub certificate: Box<DecodedCertificate>,
    /// The reason.
    pub reason: Reason,
}

/// The reason for which a path is not valid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// The time is after the validity.
    #[error("expired at {not_after}, before {at}")]
    Expired {
        /// End of the validity.
        not_after: Time,
        /// Time of the validation.
        at: Timestamp,
    },
    /// The time is before the validity.
    #[error("is not valid before {not_before}, after {at}")]
    NotYetValid {
        /// Beginning of the validity.
        not_before: Time,
        /// Time of the validation.
        at: Timestamp,
    },
    /// No certificate has the name of the issuer.
    #[error(
        "was issued by {issuer}, which is the subject of no root and of no other intermediate certificate"
    )]
    UnknownIssuer {
        /// Name of the issuer.
        issuer: String,
    },
    /// Certificates have the name of the issuer, and none of their keys verifies the signature.
    #[error(
        "has a signature that does not verify with the key of {issuer}; another key or a changed certificate is the cause"
    )]
    BadSignature {
        /// Name of the issuer.
        issuer: String,
    },
    /// The signature algorithm is not accepted.
    #[error(
        "is signed with {algorithm} and a key of {key}; accepted are RSA keys from 2048 bits, ECDSA_P256, ECDSA_P384, \
         ECDSA_P521 and ED25519, with SHA-256 or longer"
    )]
    SignatureAlgorithm {
        /// Algorithm of the signature.
        algorithm: String,
        /// Algorithm of the issuer's key.
        key: String,
    },
    /// An issuer is not a certificate authority.
    #[error(
        "issued another certificate and is not a certificate authority (basicConstraints, RFC 5280 section 4.2.1.9)"
    )]
    NotACa,
    /// An issuer must not sign certificates.
    #[error(
        "issued another certificate, and its keyUsage has no keyCertSign (RFC 5280 section 4.2.1.3)"
    )]
    KeyUsage,
    /// Too many intermediate certificates follow.
    #[error(
        "has more certificate authorities above it than a pathLenConstraint of {limit} allows (RFC 5280 section 4.2.1.9)"
    )]
    PathLength {
        /// The limit.
        limit: u8,
    },
    /// A name is outside of the permitted subtrees, or in an excluded one.
    #[error(
        "has the name {name}, which the name constraints of {issuer} do not permit (RFC 5280 section 4.2.1.10)"
    )]
    NameConstraints {
        /// The name.
        name: String,
        /// Subject of the certificate with the constraints.
        issuer: String,
    },
    /// A critical extension is not processed.
    #[error(
        "has the critical extension {oid}, which this validation does not process (RFC 5280 section 4.2)"
    )]
    CriticalExtension {
        /// The extension.
        oid: String,
    },
    /// There are too many possible paths.
    #[error("has too many possible issuers; pass only the certificates of its chain")]
    TooManyPaths,
}

impl Reason {
    /// Returns the name of the reason in configuration and state.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Expired { .. } => "expired",
            Self::NotYetValid { .. } => "not_yet_valid",
            Self::UnknownIssuer { .. } => "unknown_issuer",
            Self::BadSignature { .. } => "bad_signature",
            Self::SignatureAlgorithm { .. } => "signature_algorithm",
            Self::NotACa => "not_a_ca",
            Self::KeyUsage => "key_usage",
            Self::PathLength { .. } => "path_length",
            Self::NameConstraints { .. } => "name_constraints",
            Self::CriticalExtension { .. } => "critical_extension",
            Self::TooManyPaths => "too_many_paths",
        }
    }

    /// Returns whether the reason was found in a complete path, which makes it more specific.
    pub(super) const fn ends_complete_path(&self) -> bool {
        !matches!(
            self,
            Self::UnknownIssuer { .. }
                | Self::BadSignature { .. }
                | Self::SignatureAlgorithm { .. }
        )
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
