//! Generates the schemas of this provider: runs the built program and writes one minimal document per type.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use tfschema::{ProviderSchema, slim};

use crate::repository::{PROVIDER, Repository, output};

/// The command that appears in the header of each document.
pub(super) const COMMAND: &str = "cargo xtask gen schemas";
/// Folder of the documents for every version.
pub(super) const FOLDER: &str = "schemas/skreg-skreg";

/// Generates all documents and returns their contents by path.
///
/// # Errors
/// Returns an error if the provider does not build or does not print its schema.
pub(super) fn schemas(repository: &Repository) -> Result<BTreeMap<String, String>> {
    let version = env!("CARGO_PKG_VERSION");
    let documents = slim::write_folder(&of_program(repository)?, COMMAND);
    Ok(documents
        .into_iter()
        .map(|(path, text)| (format!("{FOLDER}/{version}/{path}"), text))
        .collect())
}

/// Returns the schema that the built provider prints.
///
/// # Errors
/// Returns an error if the provider does not build or does not print its schema.
pub(super) fn of_program(repository: &Repository) -> Result<ProviderSchema> {
    let binary = repository.build_provider()?;
    let text = output(
        repository
            .command(&binary.to_string_lossy())
            .arg("--schema"),
    )?;
    let document = serde_json::from_str(&text)
        .with_context(|| format!("`{PROVIDER} --schema` did not print JSON"))?;
    let schemas = tfschema::json::read_provider_schemas(&document)?;
    schemas
        .into_values()
        .next()
        .with_context(|| format!("`{PROVIDER} --schema` did not print a provider"))
}
