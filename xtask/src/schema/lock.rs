//! `schemas/lock.json`: origin of each provider's schemas.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

/// Path of the file.
pub(super) const PATH: &str = "schemas/lock.json";

/// Contents of the lock file.
#[derive(Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Lock {
    /// Entries by folder in `schemas/`.
    pub(super) providers: BTreeMap<String, Entry>,
}

/// Origin of a provider version.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    /// Source address, as in `required_providers`.
    pub(super) source: String,
    /// Version of the provider.
    pub(super) version: String,
    /// The command that printed the document, or the name of its file.
    pub(super) from: String,
    /// SHA-256 of the whole decompressed document, in hexadecimal.
    pub(super) sha256: String,
    /// Whether the provider itself printed the document. Otherwise, it was extracted from bindings.
    pub(super) exact: bool,
}

impl Lock {
    /// Parses the file, or creates an empty lock.
    ///
    /// # Errors
    /// Returns an error if the file does not have the format that this program writes.
    pub(super) fn read(text: Option<&String>) -> Result<Self> {
        text.map_or_else(
            || Ok(Self::default()),
            |text| serde_json::from_str(text).with_context(|| format!("{PATH} is invalid")),
        )
    }

    /// Returns the contents of the file.
    ///
    /// # Errors
    /// Returns an error if serialization fails.
    pub(super) fn text(&self) -> Result<String> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }
}
