//! Generates the schemas for the Go peer in the benchmarks. They match the schemas of the Rust programs.

mod go;

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use tfschema::ProviderSchema;

use crate::repository::{Repository, output};

/// The command that appears in the header of each file.
pub(super) const COMMAND: &str = "cargo xtask gen peer";
/// Folder of the Go packages.
pub(super) const FOLDER: &str = "benches/peer/generated";
/// The program that keeps its resources in memory.
const SUBJECT: &str = "bench-subject";

/// Generates a Go package for each program, by path.
///
/// # Errors
/// Returns an error if a program does not build or print its schema, or if a schema cannot be expressed in Go.
pub(super) fn peer(repository: &Repository) -> Result<BTreeMap<String, String>> {
    let skreg = super::schemas::of_program(repository)?;
    let packages = [("skreg", skreg), ("bench", of_subject(repository)?)];
    let files = packages.into_iter().map(|(name, schema)| {
        let text = go::package(name, &schema, COMMAND)
            .with_context(|| format!("the schema of {name} cannot be expressed in Go"))?;
        Ok((format!("{FOLDER}/{name}/schema.go"), text))
    });
    files.collect()
}

/// Returns the schema of the subject, which is built together with the provider.
fn of_subject(repository: &Repository) -> Result<ProviderSchema> {
    let binary = repository.build_provider()?.with_file_name(SUBJECT);
    let text = output(
        repository
            .command(&binary.to_string_lossy())
            .arg("--schema"),
    )?;
    let document = serde_json::from_str(&text)
        .with_context(|| format!("`{SUBJECT} --schema` did not print JSON"))?;
    let schemas = tfschema::json::read_provider_schemas(&document)?;
    schemas
        .into_values()
        .next()
        .with_context(|| format!("`{SUBJECT} --schema` did not print a provider"))
}
