//! Generates the modules from the declarations in `catalog/`, and READMEs with prose from `templates/` and usage from
//! `examples/`.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail};
use tfdocs::module::{Source, pages, template};

use crate::catalog::catalog;
use crate::repository::Repository;

/// The command that appears in the header of each file.
pub(super) const COMMAND: &str = "cargo xtask gen modules";
/// Folder of the packages.
pub(super) const FOLDER: &str = "modules";
/// Namespace of the packages in a registry.
const NAMESPACE: &str = "skreg";
/// Folder of handwritten page bodies. The page bodies for modules are in a subfolder named [`FOLDER`].
const TEMPLATES: &str = "templates/";

/// Generates every file of every package, by path.
///
/// # Errors
/// Returns an error if a declaration, a template, or an example is invalid.
pub(super) fn modules(repository: &Repository) -> Result<BTreeMap<String, String>> {
    let templates: BTreeMap<String, String> = repository
        .texts(&format!("{TEMPLATES}{FOLDER}/"))?
        .into_iter()
        .filter_map(|(path, text)| Some((path.strip_prefix(TEMPLATES)?.to_owned(), text)))
        .collect();
    let examples = repository.texts("examples/")?;
    let catalog = catalog(repository)?;
    let mut files = BTreeMap::new();
    let mut used = BTreeSet::new();
    for (name, package) in &catalog.packages {
        let address = format!("{NAMESPACE}/{name}/{}", package.target);
        let source = Source {
            modules: &package.modules,
            templates: &templates,
            examples: &examples,
            address: &address,
            made_by: COMMAND,
        };
        let pages = pages(&source).with_context(|| format!("generating the pages of {name}"))?;
        let texts = package.files.iter().chain(&pages);
        files.extend(texts.map(|(path, text)| (format!("{FOLDER}/{name}/{path}"), text.clone())));
        let modules = package.modules.iter();
        used.extend(modules.map(|(folder, facts)| template(name, folder, facts)));
    }
    match templates.keys().find(|template| !used.contains(*template)) {
        Some(orphan) => bail!("{TEMPLATES}{orphan} does not belong to a module"),
        None => Ok(files),
    }
}
