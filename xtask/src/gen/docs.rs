//! Provider documentation: asks the built provider for its schema, reads templates and examples, and calls `tfdocs`.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use tfschema::ProviderSchema;

use crate::repository::{Repository, output};

/// The command that makes the pages, as they name it.
pub(super) const COMMAND: &str = "cargo xtask gen docs";

const PROVIDER: &str = "terraform-provider-skreg";

/// Makes every page of the provider, by path.
///
/// # Errors
/// When the provider does not build, or the pages cannot be made.
pub(super) fn docs(repository: &Repository) -> Result<BTreeMap<String, String>> {
    let templates = repository
        .texts("templates/")?
        .into_iter()
        .filter_map(|(path, text)| Some((path.strip_prefix("templates/")?.to_string(), text)))
        .collect();
    let source = tfdocs::Source {
        provider: "skreg",
        schema: &schema(repository)?,
        templates: &templates,
        examples: &repository.texts("examples/")?,
        made_by: COMMAND,
    };
    tfdocs::pages(&source).context("the documentation cannot be made")
}

fn schema(repository: &Repository) -> Result<ProviderSchema> {
    let binary = repository.build()?;
    let text = output(
        repository
            .command(&binary.to_string_lossy())
            .arg("--schema"),
    )?;
    let document = serde_json::from_str(&text)
        .with_context(|| format!("`{PROVIDER} --schema` printed no JSON"))?;
    let schemas = tfschema::json::read_provider_schemas(&document)?;
    schemas
        .into_values()
        .next()
        .with_context(|| format!("`{PROVIDER} --schema` printed no provider"))
}
