//! Messages and services of the Terraform plugin protocol 6.11 and of the go-plugin controller.
//!
//! This crate is generated from `proto/*.proto`. It contains no conversions, no rules and no I/O. Every message has two
//! properties. An unknown field, enumeration number or oneof case from a newer client is skipped or kept as a number, and is
//! never an error. Byte fields are [`bytes::Bytes`] that share the receive buffer.
//!
//! [`bytes::Bytes`]: prost::bytes::Bytes

/// `tfplugin6.Provider`, the service that a provider serves, and its messages.
#[expect(missing_docs, reason = "the definitions contain no descriptions")]
#[rustfmt::skip]
#[path = "generated/tfplugin6.rs"]
pub mod tfplugin6;

/// `plugin.GRPCController`, which a host calls to shut down a provider process.
#[expect(missing_docs, reason = "the definitions contain no descriptions")]
#[rustfmt::skip]
#[path = "generated/plugin.rs"]
pub mod plugin;

pub use prost::bytes;
pub use prost_types::Timestamp;
