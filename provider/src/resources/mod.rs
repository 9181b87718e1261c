//! The provider's resource types, grouped by family, and shared modules.

pub mod commands;
pub mod deletion_protection;
pub mod ecs;
pub mod identities;
pub mod pki;
pub mod settled;
pub mod tagged;
