//! Decodes certificates, certificate signing requests, and revocation lists from any issuer.
//!
//! The rest of [`crate::pki`] accepts only objects that this provider issues. These types accept every object that the
//! standards allow, including objects with algorithms and names that the provider does not issue.
//!
//! Decoding does not verify a certificate or revocation list. To verify a signature, use [`Signature::verify`]. To verify a
//! chain, use [`super::path`]. `x509-parser` reads the structure. The strict reader in `der` reads names and extensions again.

mod certificate;
mod crl;
mod der;
mod error;
pub(in crate::pki) mod extensions;
mod general_name;
mod key;
mod name;
mod request;
mod serial;
mod signature;
mod time;

pub use certificate::DecodedCertificate;
pub use crl::{CrlScope, DecodedCrl, RevokedEntry};
pub(in crate::pki) use der::dotted;
pub use error::DecodeError;
pub use extensions::{Extensions, NameConstraints, RawExtension};
pub use general_name::GeneralName;
pub use key::{DecodedKey, DecodedKeyAlgorithm};
pub use name::{Attribute, Name};
pub use request::DecodedRequest;
pub use signature::{Signature, SignatureFailure};
pub use time::Time;
