//! Certification path validation (RFC 5280 section 6) for certificates from any issuer.
//!
//! This module builds a path from a certificate to a trust anchor and verifies every signature. It then checks the validity
//! periods, `basicConstraints`, the path length, `keyUsage`, name constraints, and critical extensions. Trust anchors are
//! certificates, and their validity periods and constraints apply as well (RFC 5937).
//!
//! This module does not check revocation, purposes, or certificate policies. It therefore rejects a critical extension that
//! restricts or maps policies (`policyConstraints`, `inhibitAnyPolicy`, `policyMappings`).
//!
//! `rustls-webpki` is not suitable: it validates TLS server and client certificates, requires a purpose, does not check the
//! key usage and validity of trust anchors, and does not report which certificate caused the failure. Tests compare the
//! results of this module with the results of OpenSSL.

mod build;
mod check;
mod name_constraints;
mod names;
mod rejection;

pub use build::validate;
pub(super) use name_constraints::forbidden_names;
pub use rejection::{Reason, Rejection};
