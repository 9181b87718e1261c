//! The data sources of the provider, by family.

pub mod pki;
