//! Behaviour that hosts require of a provider and that the messages of the protocol do not state.
//!
#![doc = include_str!("../docs/protocol.md")]
