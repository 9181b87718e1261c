//! Library of the `terraform-provider-skreg` binary.

pub mod aws;
pub mod config;
pub mod core_dumps;
pub mod data_sources;
pub mod ecs;
pub mod ephemerals;
pub mod functions;
pub mod pki;
pub mod provider;
pub mod resources;
pub mod secret_text;
pub mod x509_objects;

// The unit tests share the in-memory ECS fake with the integration tests, which refer to this crate by name.
#[cfg(test)]
extern crate self as skreg;
