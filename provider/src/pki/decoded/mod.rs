//! Certificates, certification requests and revocation lists of any issuer, decoded.
//!
//! The rest of [`crate::pki`] accepts only what this provider issues. These types accept every object that the standards
//! allow, also algorithms and names that the provider does not issue. A decoded certificate or revocation list
//! is not verified: verify its signature with [`Signature::verify`], and a chain with [`super::path`]. The structure is read by `x509-parser`, names
//! and extensions again by the strict reader in `der`.

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
pub use error::DecodeError;
pub use extensions::{Extensions, NameConstraints, RawExtension};
pub use general_name::GeneralName;
pub use key::{DecodedKey, DecodedKeyAlgorithm};
pub use name::{Attribute, Name};
pub use request::DecodedRequest;
pub use signature::{Signature, SignatureFailure};
pub use time::Time;
