//! Generates the provider documentation from the schema of the built provider, templates, and examples, with `tfdocs`.

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
        // Modules have separate pages.
        .filter(|(path, _)| !path.starts_with("modules/"))
        .collect();
    let source = tfdocs::Source {
        provider: "skreg",
        schema: &super::schemas::of_program(repository)?,
        templates: &templates,
        examples: &repository.texts("examples/")?,
        made_by: COMMAND,
    };
    tfdocs::pages(&source).context("the documentation cannot be generated")
}
