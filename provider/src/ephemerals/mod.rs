//! The provider's ephemeral resource types, grouped by family.

pub mod pki;
