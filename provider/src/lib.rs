//! The library behind the `terraform-provider-skreg` binary.

pub mod aws;
pub mod config;
pub mod ecs;
pub mod pki;
pub mod provider;
pub mod resources;
pub mod secret_text;

// The ECS in memory is shared with the integration tests, where this crate has its name.
#[cfg(test)]
extern crate self as skreg;
