//! Why a stored text is not a usable key document. Never quotes the text, which may be a key.

use super::algorithm::KeyAlgorithm;
use super::certificate_error::CertificateError;
use super::software_key::KeyError;

/// A stored text that is not a usable key document.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// The value was not written by this provider.
    #[error("the value is not a key document: it is not a JSON object of type \"skreg.pki.key\"")]
    Foreign,
    /// The document has a version that this provider does not know.
    #[error(
        "the key document has version {found}, and this provider reads versions 1 to {newest}; use a newer version of the \
         provider"
    )]
    UnknownVersion {
        /// Version of the document.
        found: u64,
        /// The newest version that is read.
        newest: u64,
    },
    /// A member is missing, unknown or of another type.
    #[error("the key document is malformed at line {line}, column {column}")]
    Malformed {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
    },
    /// The kind is not known.
    #[error("the kind in the key document is not root, intermediate or leaf")]
    UnknownKind,
    /// The algorithm is not known.
    #[error("the key document names an algorithm that this provider does not support")]
    UnknownAlgorithm,
    /// The signature algorithm does not go with the key algorithm.
    #[error("the key document names a signature algorithm that does not go with {}", .0.name())]
    SignatureAlgorithm(KeyAlgorithm),
    /// The private key cannot be used.
    #[error("the private key in the key document is not usable")]
    Key(#[from] KeyError),
    /// The private key is another one than the document says.
    #[error(
        "the private key in the key document is not the one that its spki_sha256 names: it was changed"
    )]
    KeyChanged,
    /// A certificate cannot be used.
    #[error("certificate {position} in the key document is not usable")]
    Certificate {
        /// Position in `certificates`, from 1.
        position: usize,
        /// Why.
        #[source]
        source: CertificateError,
    },
    /// A certificate of the chain cannot be used.
    #[error("certificate {position} of the chain in the key document is not usable")]
    ChainCertificate {
        /// Position in `chain`, from 1.
        position: usize,
        /// Why.
        #[source]
        source: CertificateError,
    },
    /// A root has no issuers.
    #[error("the key document of a root has a chain")]
    ChainOfRoot,
    /// No certificate of the chain has issued a certificate.
    #[error(
        "certificate {position} in the key document was not issued by any certificate of its chain, or is not usable"
    )]
    IssuerNotInChain {
        /// Position in `certificates`, from 1.
        position: usize,
    },
    /// A certificate is of another kind than the document.
    #[error("certificate {position} in the key document is of another kind than the document")]
    CertificateOfOtherKind {
        /// Position in `certificates`, from 1.
        position: usize,
    },
    /// A certificate is for another key.
    #[error("certificate {position} in the key document is for another key")]
    CertificateOfOtherKey {
        /// Position in `certificates`, from 1.
        position: usize,
    },
    /// Two certificates have different subjects or the same serial number.
    #[error(
        "certificate {position} in the key document has another subject than the first, or a serial number twice"
    )]
    CertificatesDisagree {
        /// Position in `certificates`, from 1.
        position: usize,
    },
    /// A member that repeats what stands in the lists says something else.
    #[error("{member} in the key document is not what its lists of certificates say")]
    NotAsListed {
        /// The member.
        member: &'static str,
    },
    /// The document holds certificates and a pending issuance.
    #[error("the key document has certificates and also an issuance that is still to be done")]
    PendingBesideCertificates,
    /// The pending issuance cannot be used.
    #[error("the {0} of the issuance in the key document is not usable")]
    Issuance(&'static str),
    /// The document is too large to be stored.
    #[error("the key document has more than {limit} octets")]
    TooLarge {
        /// The largest size, in octets.
        limit: usize,
    },
}
