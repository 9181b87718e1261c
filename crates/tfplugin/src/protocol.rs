//! Behavior that hosts require from a provider and that the protocol messages do not specify.
//!
#![doc = include_str!("../docs/protocol.md")]
