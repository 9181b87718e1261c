//! Rules that a certificate would violate below its issuer.

use jiff::Timestamp;

use crate::pki::algorithm::KeyAlgorithm;
use crate::pki::alternative_name::AlternativeNameViolation;
use crate::pki::signature_algorithm::SignatureAlgorithm;

/// Rule that a certificate would violate. The message names the field and the remedy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Violation {
    /// The issuer cannot sign certificates (RFC 5280 section 4.2.1.9).
    #[error(
        "issuer: {issuer} is not a certificate authority, so its key must not sign certificates; choose another issuer"
    )]
    NotAnAuthority {
        /// Subject of the issuer.
        issuer: String,
    },
    /// A certificate above the issuer did not issue the certificate below it.
    #[error(
        "issuer: its chain is not complete, because {issuer} did not issue {subject}; specify each certificate before its issuer"
    )]
    Chain {
        /// Subject of the certificate that should be the issuer.
        issuer: String,
        /// Subject of the certificate below it.
        subject: String,
    },
    /// The issuer name differs from the subject of the issuer (RFC 5280 section 6.1.3).
    #[error("issuer: the name {found} differs from the subject of the issuer, {expected}")]
    IssuerName {
        /// Described name.
        found: String,
        /// Subject of the issuer.
        expected: String,
    },
    /// The subject matches the name of the issuer. Verifiers do not count a self-issued certificate in the path length and do
    /// not apply name constraints to it (RFC 5280 section 6.1.4). Therefore, each generation of a root has its own name.
    #[error(
        "subject: {subject} matches the name of the issuer, so verifiers would treat the certificate as self-issued and skip \
         checks; choose another subject, such as a name with the number of the generation"
    )]
    IssuerSubject {
        /// Subject of the issuer.
        subject: String,
    },
    /// The certified key is the key of an authority above the certificate.
    #[error(
        "key: the certified key is the key of the authority {issuer}; each certificate below an authority needs its own key"
    )]
    IssuerKey {
        /// Subject of the authority.
        issuer: String,
    },
    /// The key is too weak for an authority.
    #[error(
        "key algorithm: {} is for end entities only; an authority needs RSA with at least 3072 bits, ECDSA, or Ed25519", algorithm.name()
    )]
    WeakKey {
        /// Algorithm of the certified key.
        algorithm: KeyAlgorithm,
    },
    /// The issuer's key does not support the signature algorithm.
    #[error(
        "signature algorithm: the key of the issuer has the algorithm {} and cannot sign with {}; use {}", key.name(), signature.name(),
        key.default_signature_algorithm().name()
    )]
    SignatureAlgorithm {
        /// Algorithm of the issuer's key.
        key: KeyAlgorithm,
        /// Described signature algorithm.
        signature: SignatureAlgorithm,
    },
    /// The certificate would be valid before an authority above it.
    #[error(
        "validity: the certificate would be valid from {not_before}, before {issuer}, which is valid from {limit}; reduce \
         not_before_margin_minutes"
    )]
    StartsBefore {
        /// Described start.
        not_before: Timestamp,
        /// Subject of the authority.
        issuer: String,
        /// Start of the authority.
        limit: Timestamp,
    },
    /// The certificate would be valid after an authority above it.
    #[error(
        "validity: the certificate would be valid until {not_after}, after {issuer}, which expires at {limit}; choose an earlier end, \
         allow the end to be truncated, or renew the issuer first"
    )]
    EndsAfter {
        /// Described end.
        not_after: Timestamp,
        /// Subject of the authority.
        issuer: String,
        /// End of the authority.
        limit: Timestamp,
    },
    /// Too many authorities are below an authority (RFC 5280 section 4.2.1.9).
    #[error(
        "path length: {issuer} allows {limit} authorities below it, but this certificate would need {needed}; choose an issuer \
         that allows more"
    )]
    PathLength {
        /// Subject of the authority.
        issuer: String,
        /// Path length of the authority.
        limit: u8,
        /// Number of authorities that the certificate needs below this one.
        needed: usize,
    },
    /// The path length is larger than the authorities above allow.
    #[error(
        "path length: {found} exceeds the path length that {issuer} allows for this certificate; specify at most {remaining}"
    )]
    ExcessivePathLength {
        /// Subject of the authority.
        issuer: String,
        /// Described path length.
        found: u8,
        /// Largest path length that has an effect.
        remaining: usize,
    },
    /// A name is outside of the name constraints of an authority (RFC 5280 section 4.2.1.10).
    #[error(
        "names: {name} is not allowed by the name constraints of {issuer}; remove the name, or choose an issuer that allows it"
    )]
    NameConstraints {
        /// Name in the certificate.
        name: String,
        /// Subject of the authority.
        issuer: String,
    },
    /// A purpose is not allowed for an authority above.
    #[error(
        "extended key usage: {issuer} cannot issue certificates for {purpose}; remove the purpose, or choose an issuer that allows it"
    )]
    Purpose {
        /// Name or object identifier of the purpose.
        purpose: String,
        /// Subject of the authority.
        issuer: String,
    },
    /// A name is malformed.
    #[error("names: {0}")]
    Name(#[from] AlternativeNameViolation),
    /// The certificate identifies nothing (RFC 5280 section 4.1.2.6).
    #[error(
        "subject: the subject and the alternative names are empty; specify a common name or an alternative name"
    )]
    Anonymous,
    /// An end entity has no purpose.
    #[error("extended key usage: no purpose is set; specify at least one, such as server_auth")]
    NoPurpose,
    /// Time stamping is combined with another purpose (RFC 3161 section 2.3).
    #[error(
        "extended key usage: time_stamping must be the only purpose; issue another certificate for the others"
    )]
    TimeStamping,
    /// The description cannot be encoded, or the encoded certificate violates a rule that is not listed above. The text is the
    /// cause.
    #[error("the certificate cannot be issued: {0}")]
    Encoding(String),
}
