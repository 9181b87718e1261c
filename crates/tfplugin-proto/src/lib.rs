//! Messages and services for Terraform plugin protocol 6.11 and for the go-plugin controller.
//!
//! This crate is generated from `proto/*.proto`. It contains no conversions, validation rules, or I/O. All messages have two
//! properties. An unknown field, enumeration number, or oneof case from a newer client never causes an error: it is skipped,
//! or kept as a number. Byte fields are [`bytes::Bytes`] that share the receive buffer.
//!
//! [`bytes::Bytes`]: prost::bytes::Bytes

/// Service `tfplugin6.Provider`, which a provider implements, and its messages.
#[expect(missing_docs, reason = "the definitions contain no descriptions")]
#[rustfmt::skip]
#[path = "generated/tfplugin6.rs"]
pub mod tfplugin6;

/// Service `plugin.GRPCController`, which a host calls to shut down a provider process, and its messages.
#[expect(missing_docs, reason = "the definitions contain no descriptions")]
#[rustfmt::skip]
#[path = "generated/plugin.rs"]
pub mod plugin;

pub use prost::bytes;
pub use prost_types::Timestamp;
