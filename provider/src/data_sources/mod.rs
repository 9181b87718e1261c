//! Data sources, grouped by family.

pub mod pki;
