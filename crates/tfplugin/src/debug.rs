//! Debug mode: a provider that is started manually with `--debug`, and to which hosts attach.
//!
//! This mode uses no cookie, no TLS and no handshake line. Any number of hosts may attach, and only a signal ends the
//! process.

use std::fmt;

use serde_json::json;

use crate::handshake::PROTOCOL;
use crate::listen::Address;

/// Whether the arguments request debug mode. Go's spelling with a single dash is supported too.
pub(crate) fn is_requested(mut arguments: impl Iterator<Item = std::ffi::OsString>) -> bool {
    arguments.any(|argument| argument == "--debug" || argument == "-debug")
}

/// Instructions that attach a host to the provider.
pub(crate) struct Reattach<'a> {
    /// Source address of the provider.
    pub(crate) provider: &'a str,
    /// Address on which the provider listens.
    pub(crate) address: &'a Address,
}

impl Reattach<'_> {
    /// Returns the value of `TF_REATTACH_PROVIDERS`.
    fn variable(&self) -> String {
        // Each host completes a source address without a registry with its own default registry.
        let provider = self
            .provider
            .strip_prefix("registry.terraform.io/")
            .unwrap_or(self.provider);
        json!({
            provider: {
                "Protocol": "grpc",
                "ProtocolVersion": PROTOCOL,
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
        // Within single quotes, a shell interprets only the single quote.
        let quoted = self.variable().replace('\'', r"'\''");
        write!(
            f,
            "Provider started. To attach Terraform or OpenTofu, set this environment variable:\n\n    \
             export TF_REATTACH_PROVIDERS='{quoted}'\n\nPress Ctrl-C to stop the provider."
        )
    }
}
