//! The library behind the `terraform-provider-skreg` binary.

pub mod aws;
pub mod ecs;
pub mod pki;
pub mod resources;
