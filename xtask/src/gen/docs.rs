//! Generates the provider documentation from the schema of the built provider, templates, examples, and the table of
//! permissions, with `tfdocs`.

use std::collections::BTreeMap;

use crate::repository::Repository;
use anyhow::{Context, Result};

/// The command that appears in the header of each page.
pub(super) const COMMAND: &str = "cargo xtask gen docs";

/// Generates every provider page, by path.
///
/// # Errors
/// Returns an error if the provider does not build or a page cannot be generated.
pub(super) fn docs(repository: &Repository) -> Result<BTreeMap<String, String>> {
    let templates = repository
        .texts("templates/")?
        .into_iter()
        .filter_map(|(path, text)| Some((path.strip_prefix("templates/")?.to_string(), text)))
        // Modules have separate pages. Other files contain data for the pages.
        .filter(|(path, _)| !path.starts_with("modules/") && path.ends_with(".tmpl"))
        .collect();
    let table = repository.texts(super::policies::TABLE)?;
    let table = table.get(super::policies::TABLE);
    let table = table.with_context(|| format!("{} does not exist", super::policies::TABLE))?;
    let mut files = repository.texts("examples/")?;
    files.extend(super::policies::policies(table)?);
    let source = tfdocs::Source {
        provider: "skreg",
        schema: &super::schemas::of_program(repository)?,
        templates: &templates,
        examples: &files,
        made_by: COMMAND,
    };
    tfdocs::pages(&source).context("the documentation cannot be generated")
}
