//! Reasons why a stored value is not a usable key document. The messages never quote the value because it can be a key.

use super::algorithm::KeyAlgorithm;
use super::certificate_error::CertificateError;
use super::public_key::PublicKeyError;
use super::software_key::KeyError;

/// Reason why a stored value is not a usable key document.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// The value is not a key document in this provider's format.
    #[error("the value is not a key document: it is not a JSON object of type \"skreg.pki.key\"")]
    Foreign,
    /// The document version is not supported.
    #[error(
        "the key document has version {found}, but this provider supports versions 1 to {newest}; upgrade the provider"
    )]
    UnknownVersion {
        /// Document version.
        found: u64,
        /// Newest supported version.
        newest: u64,
    },
    /// A member is missing, is unknown, or has the wrong type.
    #[error("the key document is malformed at line {line}, column {column}")]
    Malformed {
        /// Line number, starting at 1.
        line: usize,
        /// Column number, starting at 1.
        column: usize,
    },
    /// The kind is unknown.
    #[error("the kind in the key document is not root, intermediate, or leaf")]
    UnknownKind,
    /// The key algorithm is not supported.
    #[error("the key document has a key algorithm that this provider does not support")]
    UnknownAlgorithm,
    /// The signature algorithm does not match the key algorithm.
    #[error("the key document has a signature algorithm that does not match the key algorithm {}", .0.name())]
    SignatureAlgorithm(KeyAlgorithm),
    /// The algorithm of the key is not strong enough for a certificate authority.
    #[error("the key document of a certificate authority has the key algorithm {}, which is for end entities only", .0.name())]
    EndEntityKey(KeyAlgorithm),
    /// The document contains no private key and no reference to a key, or both.
    #[error("the key document must contain exactly one of private_key_pem and kms_key_arn")]
    KeyLocation,
    /// A member belongs to a later version.
    #[error("the key document has version {version}, which does not have the member {member}")]
    LaterMember {
        /// Document version.
        version: u64,
        /// Name of the member.
        member: &'static str,
    },
    /// The public key is unusable.
    #[error("public_key_pem in the key document is unusable")]
    PublicKey(#[from] PublicKeyError),
    /// The public key does not match the hash or the algorithm in the document.
    #[error(
        "public_key_pem in the key document does not match its other members; one of them was modified"
    )]
    PublicKeyChanged,
    /// The private key is unusable.
    #[error("the private key in the key document is unusable")]
    Key(#[from] KeyError),
    /// The private key does not match the hash in the document.
    #[error(
        "the private key in the key document does not match spki_sha256; one of the two was modified"
    )]
    KeyChanged,
    /// A certificate is unusable.
    #[error("certificate {position} in the key document is unusable")]
    Certificate {
        /// Position in `certificates`, starting at 1.
        position: usize,
        /// Cause.
        #[source]
        source: CertificateError,
    },
    /// A certificate in the chain is unusable.
    #[error("certificate {position} of the chain in the key document is unusable")]
    ChainCertificate {
        /// Position in `chain`, starting at 1.
        position: usize,
        /// Cause.
        #[source]
        source: CertificateError,
    },
    /// A root document has a chain.
    #[error("the key document for a root has a chain")]
    RootWithChain,
    /// No authority in the chain issued the certificate.
    #[error(
        "certificate {position} in the key document is unusable, or no authority in the chain issued it"
    )]
    IssuerNotInChain {
        /// Position in `certificates`, starting at 1.
        position: usize,
    },
    /// The kind of a certificate differs from the document kind.
    #[error(
        "the kind of certificate {position} in the key document differs from the document kind"
    )]
    WrongCertificateKind {
        /// Position in `certificates`, starting at 1.
        position: usize,
    },
    /// A certificate certifies a different key.
    #[error("certificate {position} in the key document certifies a different key")]
    WrongCertificateKey {
        /// Position in `certificates`, starting at 1.
        position: usize,
    },
    /// Two certificates have different subjects or the same serial number.
    #[error(
        "certificate {position} in the key document has a different subject from an earlier certificate, or the same \
         serial number"
    )]
    InconsistentCertificate {
        /// Position in `certificates`, starting at 1.
        position: usize,
    },
    /// A member that repeats list elements differs from those elements.
    #[error("{member} in the key document does not match its lists of certificates")]
    MemberMismatch {
        /// Name of the member.
        member: &'static str,
    },
    /// A certificate cannot be issued again because none is current or one is already pending.
    #[error(
        "the key document has no certificate that can be issued again, or one is already pending"
    )]
    NotIssued,
    /// A certificate differs from the pending issuance.
    #[error("the certificate differs from the pending issuance in the key document")]
    DiffersFromPending,
    /// A document before version 3 contains both certificates and a pending issuance.
    #[error("the key document contains both certificates and a pending issuance")]
    PendingWithCertificates,
    /// A member of the pending issuance is unusable.
    #[error("the {0} of the pending issuance in the key document is unusable")]
    Issuance(&'static str),
    /// The document has no room for another certificate.
    #[error(
        "the key document has {octets} octets with {certificates} certificates, and another certificate needs up to {needed} octets, but \
         a secret has at most {limit}; create a new key with a new secret, and replace the certificates below it"
    )]
    NoRoom {
        /// Size of the document without the next certificate in octets.
        octets: usize,
        /// Number of issued certificates.
        certificates: usize,
        /// Size that the next certificate needs in octets.
        needed: usize,
        /// Maximum size in octets.
        limit: usize,
    },
    /// The document would not be readable after it is stored.
    #[error("the key document is inconsistent, so it is not stored")]
    NotReadable(#[source] Box<DocumentError>),
    /// The document is too large to store.
    #[error("the key document has more than {limit} octets")]
    TooLarge {
        /// Maximum size in octets.
        limit: usize,
    },
}
