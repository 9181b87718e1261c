//! X.509 objects as attribute values: the structs that functions return and that data sources have as attributes.
//!
//! Each struct is made from a decoded object of [`crate::pki`]. It must not decode or verify anything itself.

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
