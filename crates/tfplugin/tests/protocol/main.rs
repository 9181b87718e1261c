//! Tests of the crate over the protocol. The tests act as a host: they run examples as provider processes and call them.

mod client;
mod host;
mod identity;
mod kinds;
mod rpc;
mod transport;
