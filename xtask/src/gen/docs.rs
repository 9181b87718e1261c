//! Provider documentation: asks the built provider for its schema, reads templates and examples, and calls `tfdocs`.

use std::collections::BTreeMap;

use crate::repository::Repository;
use anyhow::{Context, Result};

/// The command that makes the pages, as they name it.
pub(super) const COMMAND: &str = "cargo xtask gen docs";

/// Makes every page of the provider, by path.
///
/// # Errors
/// When the provider does not build, or the pages cannot be made.
pub(super) fn docs(repository: &Repository) -> Result<BTreeMap<String, String>> {
    let templates = repository
        .texts("templates/")?
        .into_iter()
        .filter_map(|(path, text)| Some((path.strip_prefix("templates/")?.to_string(), text)))
        // Those have pages of their own.
        .filter(|(path, _)| !path.starts_with("modules/"))
        .collect();
    let source = tfdocs::Source {
        provider: "skreg",
        schema: &super::schemas::of_program(repository)?,
        templates: &templates,
        examples: &repository.texts("examples/")?,
        made_by: COMMAND,
    };
    tfdocs::pages(&source).context("the documentation cannot be made")
}
