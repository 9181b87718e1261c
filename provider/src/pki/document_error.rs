//! Reasons why a stored text is not a usable key document. The messages never quote the text, which may be a key.

use super::algorithm::KeyAlgorithm;
use super::certificate_error::CertificateError;
use super::software_key::KeyError;

/// Reason why a stored text is not a usable key document.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// The value is not a key document of this provider.
    #[error("the value is not a key document: it is not a JSON object of type \"skreg.pki.key\"")]
    Foreign,
    /// The version of the document is not supported.
    #[error(
        "the key document has version {found}, but this provider reads versions 1 to {newest}; use a newer version of \
         the provider"
    )]
    UnknownVersion {
        /// Version of the document.
        found: u64,
        /// Newest supported version.
        newest: u64,
    },
    /// A member is missing, unknown, or has another type.
    #[error("the key document is malformed at line {line}, column {column}")]
    Malformed {
        /// Line number, starting at 1.
        line: usize,
        /// Column number, starting at 1.
        column: usize,
    },
    /// The kind is unknown.
    #[error("the kind in the key document is not root, intermediate or leaf")]
    UnknownKind,
    /// The key algorithm is not supported.
    #[error("the key document has a key algorithm that this provider does not support")]
    UnknownAlgorithm,
    /// The signature algorithm does not match the key algorithm.
    #[error("the key document has a signature algorithm that does not match the key algorithm {}", .0.name())]
    SignatureAlgorithm(KeyAlgorithm),
    /// The private key is not usable.
    #[error("the private key in the key document is not usable")]
    Key(#[from] KeyError),
    /// The private key does not match the hash in the document.
    #[error(
        "the private key in the key document does not match spki_sha256, so one of them was changed"
    )]
    KeyChanged,
    /// A certificate is not usable.
    #[error("certificate {position} in the key document is not usable")]
    Certificate {
        /// Position in `certificates`, starting at 1.
        position: usize,
        /// Cause.
        #[source]
        source: CertificateError,
    },
    /// A certificate of the chain is not usable.
    #[error("certificate {position} of the chain in the key document is not usable")]
    ChainCertificate {
        /// Position in `chain`, starting at 1.
        position: usize,
        /// Cause.
        #[source]
        source: CertificateError,
    },
    /// The document of a root has a chain.
    #[error("the key document of a root has a chain")]
    RootWithChain,
    /// No certificate of the chain issued the certificate.
    #[error(
        "certificate {position} in the key document is not usable, or was not issued by a certificate of the chain"
    )]
    IssuerNotInChain {
        /// Position in `certificates`, starting at 1.
        position: usize,
    },
    /// The kind of a certificate differs from the kind of the document.
    #[error("certificate {position} in the key document has another kind than the document")]
    WrongCertificateKind {
        /// Position in `certificates`, starting at 1.
        position: usize,
    },
    /// A certificate is for another key.
    #[error("certificate {position} in the key document is for another key")]
    WrongCertificateKey {
        /// Position in `certificates`, starting at 1.
        position: usize,
    },
    /// Two certificates have different subjects or the same serial number.
    #[error(
        "certificate {position} in the key document has another subject or the same serial number as an earlier certificate"
    )]
    InconsistentCertificate {
        /// Position in `certificates`, starting at 1.
        position: usize,
    },
    /// A member that repeats list elements differs from them.
    #[error("{member} in the key document does not match its lists of certificates")]
    MemberMismatch {
        /// Name of the member.
        member: &'static str,
    },
    /// The document contains both certificates and a pending issuance.
    #[error("the key document contains both certificates and a pending issuance")]
    PendingWithCertificates,
    /// A member of the pending issuance is not usable.
    #[error("the {0} of the pending issuance in the key document is not usable")]
    Issuance(&'static str),
    /// The document is too large to be stored.
    #[error("the key document has more than {limit} octets")]
    TooLarge {
        /// Maximum size in octets.
        limit: usize,
    },
}
