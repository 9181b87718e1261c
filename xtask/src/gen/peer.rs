//! Schemas of the Go peer that benches measure against: the same as those of our programs, so that they cannot be behind.

mod go;

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use tfschema::ProviderSchema;

use crate::repository::{Repository, output};

/// The command that makes the files, as they name it.
pub(super) const COMMAND: &str = "cargo xtask gen peer";
/// Folder of the Go packages.
pub(super) const FOLDER: &str = "benches/peer/generated";
/// The program whose resources live in memory.
const SUBJECT: &str = "bench-subject";

/// Makes a Go package for each program, by path.
///
/// # Errors
/// When a program does not build or does not print its schema, or a schema has no form in Go.
pub(super) fn peer(repository: &Repository) -> Result<BTreeMap<String, String>> {
    let skreg = super::schemas::of_program(repository)?;
    let packages = [("skreg", skreg), ("bench", of_subject(repository)?)];
    let files = packages.into_iter().map(|(name, schema)| {
        let text = go::package(name, &schema, COMMAND)
            .with_context(|| format!("the schema of {name} cannot be written in Go"))?;
        Ok((format!("{FOLDER}/{name}/schema.go"), text))
    });
    files.collect()
}

/// The schema of the program that was built together with the provider.
fn of_subject(repository: &Repository) -> Result<ProviderSchema> {
    let binary = repository.build_provider()?.with_file_name(SUBJECT);
    let text = output(
        repository
            .command(&binary.to_string_lossy())
            .arg("--schema"),
    )?;
    let document = serde_json::from_str(&text)
        .with_context(|| format!("`{SUBJECT} --schema` printed no JSON"))?;
    let schemas = tfschema::json::read_provider_schemas(&document)?;
    schemas
        .into_values()
        .next()
        .with_context(|| format!("`{SUBJECT} --schema` printed no provider"))
}
