//! The crate against the protocol: examples run as provider processes, and the tests are their host.

mod host;
mod rpc;
mod transport;
