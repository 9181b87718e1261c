//! Tests of the crate as a host: examples run as provider processes, and the tests call them over the protocol.

mod client;
mod host;
mod identity;
mod kinds;
mod rpc;
mod transport;
