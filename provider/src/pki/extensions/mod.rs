//! Extensions that a description stores as DER (RFC 5280 section 4.2): name constraints, certificate policies, and the
//! URLs of revocation lists, issuer certificates, and OCSP responders.
//!
//! Each type writes one extension and reads it back. A type contains only values that this provider issues.

mod access;
mod certificate_policies;
mod distribution_points;
mod name_constraints;
mod typed;

pub use self::access::AuthorityInformationAccess;
pub use self::certificate_policies::CertificatePolicies;
pub use self::distribution_points::CrlDistributionPoints;
pub use self::name_constraints::{
    InvalidIpRange, IpRange, NameConstraints, NameConstraintsError, Subtrees,
};
pub use self::typed::TypedExtension;
