//! Messages and services of the Terraform plugin protocol 6.11 and of the go-plugin controller.
//!
//! Everything here is generated from `proto/*.proto` and says only what the wire says: no conversions, no rules, no
//! I/O. Two properties hold for every message. A field, enum number or oneof case that a newer client sends and this
//! version does not know is kept as a number or skipped, never an error. Byte fields are [`bytes::Bytes`] that
//! share the receive buffer.
//!
//! [`bytes::Bytes`]: prost::bytes::Bytes

/// `tfplugin6.Provider`, the service that a provider serves, and its messages.
#[expect(missing_docs, reason = "generated from facts, which carry no prose")]
#[rustfmt::skip]
#[path = "generated/tfplugin6.rs"]
pub mod tfplugin6;

/// `plugin.GRPCController`, through which the host asks a provider process to end.
#[expect(missing_docs, reason = "generated from facts, which carry no prose")]
#[rustfmt::skip]
#[path = "generated/plugin.rs"]
pub mod plugin;

pub use prost::bytes;
pub use prost_types::Timestamp;
