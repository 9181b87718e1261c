//! Input of the verifiers.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Result;
use serde_json::{Value, json};

use super::verifiers::Verdict;

/// Host name in the server certificates.
pub(super) const HOST: &str = "server.example.com";

/// A certification path with revocation lists, and the expected verdict.
#[derive(Clone)]
pub(super) struct Path {
    /// Name for messages.
    pub(super) name: String,
    /// Name of the hierarchy that contains the trust anchor.
    pub(super) hierarchy: String,
    pub(super) expected: Verdict,
    /// Trust anchor in PEM format.
    pub(super) anchor: String,
    /// Certificate of the intermediate authority in PEM format.
    pub(super) intermediate: String,
    /// Server certificate in PEM format.
    pub(super) certificate: String,
    /// Revocation lists of the trust anchor and the intermediate authority in PEM format.
    pub(super) lists: [String; 2],
    /// Time of the validation in seconds since the Unix epoch.
    pub(super) time: u64,
}

impl Path {
    /// Returns the current time for [`Path::time`].
    pub(super) fn now() -> Result<u64> {
        Ok(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs())
    }

    /// Returns the path for verifiers that read JSON.
    pub(super) fn to_json(&self) -> Value {
        json!({
            "anchor": self.anchor, "intermediate": self.intermediate, "certificate": self.certificate,
            "lists": self.lists, "time": self.time, "host": HOST,
        })
    }
}
