//! `schemas/lock.json`: origin of the schemas of each provider.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

/// Path of the file.
pub(super) const PATH: &str = "schemas/lock.json";

/// Content of the lock file.
#[derive(Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Lock {
    /// Entries by folder below `schemas/`.
    pub(super) providers: BTreeMap<String, Entry>,
}

/// Origin of one version of a provider.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    /// Source address, as in `required_providers`.
    pub(super) source: String,
    /// Version of the provider.
    pub(super) version: String,
    /// The command that printed the document, or the name of its file.
    pub(super) from: String,
    /// SHA-256 of the whole document, decompressed, in hexadecimal.
    pub(super) sha256: String,
    /// Whether the provider itself printed the document. Otherwise it was extracted from bindings.
    pub(super) exact: bool,
}

impl Lock {
    /// Parses the file, or creates an empty lock.
    ///
    /// # Errors
    /// Returns an error if the text is not in the format of this program.
    pub(super) fn read(text: Option<&String>) -> Result<Self> {
        text.map_or_else(
            || Ok(Self::default()),
            |text| serde_json::from_str(text).with_context(|| format!("{PATH} is not valid")),
        )
    }

    /// Returns the content of the file.
    ///
    /// # Errors
    /// Returns an error if serialization fails.
    pub(super) fn text(&self) -> Result<String> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }
}
