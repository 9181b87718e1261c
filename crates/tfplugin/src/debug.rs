//! A provider that is started by hand with `--debug` and that hosts attach to, instead of starting their own.
//!
//! There is no cookie, no TLS and no handshake line here; many hosts may come and go, and only a signal ends it.

use std::fmt;

use serde_json::json;

use crate::handshake::PROTOCOL;
use crate::listen::Address;

/// The argument that asks for this mode; Go's spelling with one dash works too.
pub(crate) fn asked_for(mut arguments: impl Iterator<Item = std::ffi::OsString>) -> bool {
    arguments.any(|argument| argument == "--debug" || argument == "-debug")
}

/// What the person who started the provider has to do next.
pub(crate) struct Reattach<'a> {
    /// Source address of the provider.
    pub(crate) provider: &'a str,
    /// Where it listens.
    pub(crate) address: &'a Address,
}

impl Reattach<'_> {
    /// The value of `TF_REATTACH_PROVIDERS`.
    fn variable(&self) -> String {
        // Without a registry it is the default one of whichever host reads it.
        let provider = self
            .provider
            .strip_prefix("registry.terraform.io/")
            .unwrap_or(self.provider);
        json!({
            provider: {
                "Protocol": "grpc",
                "ProtocolVersion": PROTOCOL,
                "Pid": std::process::id(),
                // Hosts then neither end nor kill this process.
                "Test": true,
                "Addr": { "Network": self.address.network(), "String": self.address.to_string() },
            }
        })
        .to_string()
    }
}

impl fmt::Display for Reattach<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Inside single quotes a shell takes everything but a single quote as it is.
        let quoted = self.variable().replace('\'', r"'\''");
        write!(
            f,
            "Provider started. To attach Terraform or OpenTofu, set this where it runs:\n\n    \
             export TF_REATTACH_PROVIDERS='{quoted}'\n\nCtrl-C ends the provider."
        )
    }
}
