//! The `issuer` object: how a certificate authority is passed to the resources whose certificates or revocation lists it
//! signs.
//!
//! The object contains no secret. A resource reads the issuer's key only during apply ([`IssuingAuthority::open`]), and
//! compares it with the issuer's certificate before it signs.

mod authority;
mod diagnostics;
mod imported;
mod key;
mod model;
#[cfg(test)]
mod tests;
mod usage;

pub use self::authority::IssuingAuthority;
pub use self::imported::{imported_form, imported_issuer};
pub use self::key::IssuerKey;
pub(super) use self::key::read_document;
pub use self::model::{Issuer, IssuerOutput, IssuerOutputPlan, IssuerPlan};
pub use self::usage::{USAGE_NAMES, Usage, default_issuing_usage, default_usage};
