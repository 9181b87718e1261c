//! Formats OpenTofu and Terraform commands for diagnostics.
//!
//! A provider cannot detect which of the two programs runs it: both send the same handshake, and their version numbers
//! overlap. Commands are therefore printed without the program name.

/// Returns the command that imports a resource instance, as an indented line.
#[must_use]
pub fn import(address: &str, id: &str) -> String {
    format!("    import {address} '{id}'")
}

/// Returns the command that removes a resource instance from the state, as an indented line.
#[must_use]
pub fn state_rm(address: &str) -> String {
    format!("    state rm {address}")
}

/// Returns the command that untaints a resource instance, as an indented line.
#[must_use]
pub fn untaint(address: &str) -> String {
    format!("    untaint {address}")
}
