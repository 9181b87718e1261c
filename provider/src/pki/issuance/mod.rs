//! Checks of a certificate before it is issued: against the issuer and all authorities above it, and of certificate
//! signing requests.
//!
//! A certificate that violates one of these rules would be rejected by verifiers, but its signature would still be valid
//! and visible. Therefore, the checks precede the signature.

mod chain;
mod nesting;
mod request;
mod violation;

pub use self::chain::{violations, violations_without_key};
pub use self::nesting::NotAfterBehavior;
pub use self::request::{RequestError, certified_key};
pub use self::violation::Violation;
