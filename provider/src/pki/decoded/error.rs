//! Defects of the encoding of a certificate, request or revocation list.

/// An object that cannot be decoded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The octets do not have the structure of the object.
    #[error("is not the DER encoding of a {object} ({section}); it may be truncated or edited")]
    Structure {
        /// The object, such as `certificate`.
        object: &'static str,
        /// Section of the standard that defines it.
        section: &'static str,
    },
    /// A part of the object is malformed.
    #[error("has a malformed {0}")]
    Part(&'static str),
    /// The content of an extension is malformed.
    #[error("has a malformed extension {0}")]
    Extension(String),
    /// An extension occurs twice.
    #[error("has the extension {0} more than once, which RFC 5280 section 4.2 forbids")]
    DuplicateExtension(String),
    /// The signature of a request does not verify with its own key.
    #[error(
        "has a signature that does not verify with its own public key, so its requester has not proved possession of the \
         private key (RFC 2986 section 3)"
    )]
    OwnSignature,
    /// The signature of a request has an algorithm that is not accepted.
    #[error(
        "has a signature of the algorithm {signature} with a key of the algorithm {key}, which cannot be verified; accepted \
         are RSA keys from 2048 bits, ECDSA_P256, ECDSA_P384, ECDSA_P521 and ED25519, with SHA-256 or longer"
    )]
    OwnSignatureAlgorithm {
        /// Algorithm of the signature.
        signature: String,
        /// Algorithm of the key.
        key: String,
    },
    /// The inner and the outer signature algorithm differ.
    #[error(
        "states different signature algorithms in its signed part and outside of it (RFC 5280 section 4.1.1.2)"
    )]
    SignatureAlgorithms,
}
