//! Certification path validation (RFC 5280 section 6) of certificates of any issuer.
//!
//! It builds a path from a certificate to a trust anchor, verifies every signature, and validates the path: validity,
//! `basicConstraints`, path length, `keyUsage`, name constraints and critical extensions. Trust anchors are certificates,
//! whose validity and constraints count as well (RFC 5937). It does not check revocation, purposes, or certificate policies:
//! an extension that restricts policies (`policyConstraints`, `inhibitAnyPolicy`) is rejected where it is critical, as RFC
//! 5280 requires it to be.
//!
//! `rustls-webpki` validates server and client certificates of TLS, requires a purpose, and does not report which
//! certificate is the cause, nor the key usage and validity of trust anchors. So this is an implementation of its own; tests
//! compare it with OpenSSL.

mod build;
mod check;
mod name_constraints;
mod rejection;

pub use build::validate;
pub use rejection::{Reason, Rejection};
