//! The crate against the protocol: examples run as provider processes, and the tests are their host.

mod client;
mod host;
mod identity;
mod kinds;
mod rpc;
mod transport;
