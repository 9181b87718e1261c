//! The library behind the `terraform-provider-skreg` binary.

pub mod aws;
pub mod config;
pub mod ecs;
pub mod pki;
pub mod provider;
pub mod resources;
