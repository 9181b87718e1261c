//! `schemas/lock.json`: where the schemas of each provider came from.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

/// Path of the file.
pub(super) const PATH: &str = "schemas/lock.json";

/// The file.
#[derive(Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Lock {
    /// By folder below `schemas/`.
    pub(super) providers: BTreeMap<String, Entry>,
}

/// One version of a provider.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    /// Source address, as in `required_providers`.
    pub(super) source: String,
    /// The version.
    pub(super) version: String,
    /// The command that printed the document, or the name of its file.
    pub(super) from: String,
    /// Of the whole document, unpacked, in hexadecimal.
    pub(super) sha256: String,
    /// Whether the document is the provider's own word. Otherwise it was read out of bindings.
    pub(super) exact: bool,
}

impl Lock {
    /// Reads the file, or begins a new one.
    ///
    /// # Errors
    /// When it is not as this program writes it.
    pub(super) fn read(text: Option<&String>) -> Result<Self> {
        text.map_or_else(
            || Ok(Self::default()),
            |text| serde_json::from_str(text).with_context(|| format!("{PATH} cannot be read")),
        )
    }

    /// The file as text.
    ///
    /// # Errors
    /// When it cannot be JSON.
    pub(super) fn text(&self) -> Result<String> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }
}
