//! X.509 objects as attribute values. Functions return these structs, and data sources use them as attributes.
//!
//! Each struct is converted from a decoded object of [`crate::pki`]. This module must not decode or verify anything.

mod certificate;
mod chain;
mod extensions;
mod name;
mod request;

pub use certificate::CertificateObject;
pub use chain::ChainObject;
pub use extensions::{ExtensionObject, NameConstraintsObject, SubtreesObject};
pub use name::{AttributeObject, NameObject};
pub use request::RequestObject;
