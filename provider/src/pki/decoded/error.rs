//! Errors for certificates, requests, and revocation lists that cannot be decoded.

/// Reason why an object cannot be decoded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The octets do not have the structure of the requested object.
    #[error("is not the DER encoding of a {object} ({section}); it may be truncated or edited")]
    Structure {
        /// Type of the object, such as `certificate`.
        object: &'static str,
        /// Section of the standard that defines the object.
        section: &'static str,
    },
    /// A part of the object is malformed.
    #[error("has a malformed {0}")]
    Part(&'static str),
    /// The content of an extension is malformed.
    #[error("has a malformed extension {0}")]
    Extension(String),
    /// An extension occurs more than once.
    #[error("contains the extension {0} more than once, which RFC 5280 section 4.2 does not allow")]
    DuplicateExtension(String),
    /// The signature on a request does not verify with the public key in the request.
    #[error(
        "has a signature that does not verify with the public key in the request, so the requester has not proved possession \
         of the private key (RFC 2986 section 3)"
    )]
    OwnSignature,
    /// The signature algorithm of a request is not supported.
    #[error(
        "has a signature with the algorithm {signature} and a key of type {key}, which cannot be verified; supported keys are \
         RSA with 2048 to 8192 bits, ECDSA_P256, ECDSA_P384, ECDSA_P521, and ED25519, with SHA-256, SHA-384, or SHA-512"
    )]
    OwnSignatureAlgorithm {
        /// Signature algorithm.
        signature: String,
        /// Key algorithm.
        key: String,
    },
    /// The inner and outer signature algorithms differ.
    #[error(
        "specifies different signature algorithms inside and outside its signed part (RFC 5280 section 4.1.1.2)"
    )]
    SignatureAlgorithms,
}
