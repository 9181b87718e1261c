//! The resource types of the provider, by family, and what they share.

pub mod commands;
pub mod deletion_protection;
pub mod ecs;
pub mod identities;
pub mod pki;
pub mod tagged;
