//! The resource types of the provider, one file each.

pub mod identities;
pub mod root_ca;
pub mod service_bundle;
