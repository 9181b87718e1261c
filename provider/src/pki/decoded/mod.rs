//! Certificates, certification requests and revocation lists of any issuer, decoded.
//!
//! The rest of [`crate::pki`] accepts only what this provider issues. These types accept every object that the standards
//! allow, also algorithms and names that the provider does not issue. A decoded object is not verified: verify its
//! signature with [`Signature::verify`]. The structure is read by `x509-parser`, names
//! and extensions again by the strict reader in `der`.

mod certificate;
mod der;
mod error;
mod extensions;
mod general_name;
mod key;
mod name;
mod serial;
mod signature;
mod time;

pub use certificate::DecodedCertificate;
pub use error::DecodeError;
pub use extensions::{Extensions, NameConstraints, RawExtension};
pub use general_name::GeneralName;
pub use key::{DecodedKey, DecodedKeyAlgorithm};
pub use name::{Attribute, Name};
pub use signature::{Signature, SignatureFailure};
pub use time::Time;
