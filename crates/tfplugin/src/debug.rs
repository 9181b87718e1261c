//! Debug mode, in which a user starts the provider manually with `--debug` and hosts attach to it.
//!
//! This mode uses no cookie, TLS, or handshake line. Any number of hosts can attach, and only a signal ends the process.

use std::fmt;

use serde_json::json;

use crate::listen::Address;

/// Returns whether the arguments request debug mode. The single-dash spelling of Go programs is also supported.
pub(crate) fn is_requested(mut arguments: impl Iterator<Item = std::ffi::OsString>) -> bool {
    arguments.any(|argument| argument == "--debug" || argument == "-debug")
}

/// Instructions for attaching a host to the provider.
pub(crate) struct Reattach<'a> {
    /// Source address of the provider.
    pub(crate) provider: &'a str,
    /// Major version of the plugin protocol.
    pub(crate) protocol: u16,
    /// Address on which the provider listens.
    pub(crate) address: &'a Address,
}

impl Reattach<'_> {
    /// Returns the value of `TF_REATTACH_PROVIDERS`.
    fn variable(&self) -> String {
        // If a source address has no registry, each host adds its own default registry.
        let provider = self
            .provider
            .strip_prefix("registry.terraform.io/")
            .unwrap_or(self.provider);
        json!({
            provider: {
                "Protocol": "grpc",
                "ProtocolVersion": self.protocol,
                "Pid": std::process::id(),
                // Prevents hosts from stopping or killing this process.
                "Test": true,
                "Addr": { "Network": self.address.network(), "String": self.address.to_string() },
            }
        })
        .to_string()
    }
}

impl fmt::Display for Reattach<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Within single quotes, a shell interprets only the single quote character.
        let quoted = self.variable().replace('\'', r"'\''");
        write!(
            f,
            "Provider started. To attach Terraform or OpenTofu, set this environment variable:\n\n    \
             export TF_REATTACH_PROVIDERS='{quoted}'\n\nPress Ctrl-C to stop the provider."
        )
    }
}
