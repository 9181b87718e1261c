//! Commands of the command line, as messages print them.
//!
//! Neither the protocol nor the environment tells a provider whether OpenTofu or Terraform runs it: both send the same
//! handshake, and the numbers of their versions overlap. So a command is printed without the name of the program.

/// Returns the command that imports an object, on a line of its own.
#[must_use]
pub fn import(address: &str, id: &str) -> String {
    format!("    import {address} '{id}'")
}

/// Returns the command that removes an object from the state, on a line of its own.
#[must_use]
pub fn state_rm(address: &str) -> String {
    format!("    state rm {address}")
}

/// Returns the command that removes the mark of a tainted object, on a line of its own.
#[must_use]
pub fn untaint(address: &str) -> String {
    format!("    untaint {address}")
}
