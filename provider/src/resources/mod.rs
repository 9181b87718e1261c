//! Resource types of the provider by family, and their shared modules.

pub mod commands;
pub mod deletion_protection;
pub mod ecs;
pub mod identities;
pub mod pki;
pub mod tagged;
