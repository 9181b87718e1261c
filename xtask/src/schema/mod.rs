//! `cargo xtask schema`: imports provider schemas into `schemas/`, one minimal document per type, and lists them.
//!
//! The files are `schemas/<namespace>-<type>/<version>/<kind>/<type>.json`. `schemas/lock.json` records their origin.

mod approximate;
mod document;
mod lock;
mod types;

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail, ensure};
use serde::Serialize;
use tfschema::{ProviderSchema, slim};

use crate::cli::{Import, Schema};
use crate::console;
use crate::repository::Repository;
use document::Document;
use lock::{Entry, Lock};
use types::TypeName;

/// The command that appears in the header of each document.
const COMMAND: &str = "cargo xtask schema import";

/// Runs the command.
///
/// # Errors
/// Returns an error if a schema cannot be obtained, lacks a requested type, or cannot be written.
pub(crate) fn schema(repository: &Repository, options: &Schema) -> Result<()> {
    match options {
        Schema::Import(options) => import(repository, options),
        Schema::List => list(repository),
    }
}

/// Returns the types that the repository contains for a provider folder, such as `hashicorp-aws/5.100.0`.
///
/// # Errors
/// Returns an error if the folder contains no documents, or if a document cannot be read.
pub(crate) fn stored(repository: &Repository, folder: &str) -> Result<ProviderSchema> {
    let folder = format!("schemas/{folder}/");
    let texts = repository.texts(&folder)?;
    ensure!(!texts.is_empty(), "no schemas found in {folder}");
    read(&texts, &folder)
}

/// The documents of one provider release.
#[derive(Serialize)]
pub(crate) struct Release {
    /// Source address, as in `required_providers`.
    pub(crate) source: String,
    /// Version of the provider.
    pub(crate) version: String,
    /// Whether the provider itself printed the documents.
    pub(crate) exact: bool,
    /// Minimal documents by path, such as `resources/aws_vpc.json`.
    pub(crate) documents: BTreeMap<String, String>,
}

/// Returns every release in the repository.
///
/// # Errors
/// Returns an error if a document or the lock file cannot be read.
pub(crate) fn releases(repository: &Repository) -> Result<Vec<Release>> {
    let texts = repository.texts("schemas/")?;
    let lock = Lock::read(texts.get(lock::PATH))?;
    let release = |key: String| {
        let (provider, version) = key.split_once('/')?;
        let folder = format!("schemas/{key}/");
        let documents = texts.iter().filter_map(|(path, text)| {
            Some((path.strip_prefix(&folder)?.to_owned(), text.clone()))
        });
        Some(Release {
            source: provider.replacen('-', "/", 1),
            version: version.to_owned(),
            exact: lock.providers.get(&key).is_none_or(|entry| entry.exact),
            documents: documents.collect(),
        })
    };
    Ok(keys(&texts).into_iter().filter_map(release).collect())
}

fn read(texts: &BTreeMap<String, String>, folder: &str) -> Result<ProviderSchema> {
    let documents = texts
        .iter()
        .filter_map(|(path, text)| Some((path.strip_prefix(folder)?, text.as_str())));
    slim::read_folder(documents).with_context(|| format!("in {folder}"))
}

fn import(repository: &Repository, options: &Import) -> Result<()> {
    let (namespace, name) = address(&options.provider)?;
    let key = format!("{namespace}-{name}/{}", options.version);
    let folder = format!("schemas/{key}/");
    let mut texts = repository.texts("schemas/")?;
    let mut lock = Lock::read(texts.get(lock::PATH))?;

    let present = types::of(&read(&texts, &folder)?);
    let named = options.types.iter().map(|name| TypeName::parse(name));
    let wanted: Vec<TypeName> = named.chain(present).collect();
    ensure!(
        !wanted.is_empty(),
        "{folder} is empty: specify the types to import, such as `aws_vpc` or `data.aws_region`"
    );

    let document = match &options.from {
        Some(file) => Document::file(file, &options.provider, &options.version)?,
        None => Document::installed(&options.provider, &options.version)?,
    };
    let picked = types::pick(&document.schema, &wanted)?;
    let written = slim::write_folder(&picked, COMMAND);
    let count = written.len();
    texts.retain(|path, _| path.starts_with(&folder));
    let mut changed = 0;
    for (path, text) in written {
        let path = format!("{folder}{path}");
        changed += usize::from(write_if_changed(
            repository,
            &path,
            &text,
            texts.get(&path),
        )?);
    }
    let entry = Entry {
        source: options.provider.clone(),
        version: options.version.clone(),
        from: document.from,
        sha256: document.sha256,
        exact: document.exact,
    };
    lock.providers.insert(key, entry);
    let old = std::fs::read_to_string(repository.path(lock::PATH)).ok();
    write_if_changed(repository, lock::PATH, &lock.text()?, old.as_ref())?;
    console::good(&format!("{folder}: {count} types, {changed} files changed"));
    Ok(())
}

/// Splits a source address into the namespace and type.
fn address(provider: &str) -> Result<(&str, &str)> {
    match provider.split('/').collect::<Vec<_>>().as_slice() {
        [namespace, name] if !namespace.is_empty() && !name.is_empty() => Ok((namespace, name)),
        _ => {
            bail!("`{provider}` is not a source address: use NAMESPACE/TYPE, such as hashicorp/aws")
        }
    }
}

/// Writes a file if its contents changed, and returns whether they changed.
fn write_if_changed(
    repository: &Repository,
    path: &str,
    text: &str,
    old: Option<&String>,
) -> Result<bool> {
    if old.is_some_and(|old| old == text) {
        return Ok(false);
    }
    let file = repository.path(path);
    let folder = file.parent().context("the path has no parent folder")?;
    std::fs::create_dir_all(folder).with_context(|| format!("creating {}", folder.display()))?;
    std::fs::write(&file, text).with_context(|| format!("writing {path}"))?;
    Ok(true)
}

fn list(repository: &Repository) -> Result<()> {
    let texts = repository.texts("schemas/")?;
    let lock = Lock::read(texts.get(lock::PATH))?;
    let mut rows = Vec::new();
    for key in keys(&texts) {
        let schema = read(&texts, &format!("schemas/{key}/"))?;
        let counts = [
            schema.resources.len(),
            schema.data_sources.len(),
            schema.ephemeral_resources.len(),
        ];
        let (exact, from) = match lock.providers.get(&key) {
            Some(entry) if entry.exact => ("exact", entry.from.clone()),
            Some(entry) => ("approximate", entry.from.clone()),
            None => ("exact", "this repository".into()),
        };
        let mut row = vec![key];
        row.extend(counts.map(|count| count.to_string()));
        row.extend([exact.to_owned(), from]);
        rows.push(row);
    }
    console::table(
        &["schemas/", "resources", "data", "ephemeral", "", "from"],
        rows,
    );
    Ok(())
}

/// Returns the provider folders, including versions.
fn keys(texts: &BTreeMap<String, String>) -> std::collections::BTreeSet<String> {
    let keys = texts.keys().filter_map(|path| {
        let mut parts = path.strip_prefix("schemas/")?.split('/');
        let (provider, version) = (parts.next()?, parts.next()?);
        Some(format!("{provider}/{version}"))
    });
    keys.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn source_address_has_two_parts() {
        assert_eq!(
            address("hashicorp/aws").expect("the address is valid"),
            ("hashicorp", "aws")
        );
        for wrong in ["aws", "a/b/c", "/aws", "hashicorp/"] {
            let error = address(wrong).expect_err(wrong);
            assert!(error.to_string().contains("NAMESPACE/TYPE"), "{error}");
        }
    }

    #[test]
    fn provider_folders_are_derived_from_paths() {
        let texts = ["schemas/lock.json", "schemas/a-b/1.0.0/resources/b_c.json"]
            .map(|path| (path.to_owned(), String::new()))
            .into();
        assert_eq!(keys(&texts).into_iter().collect::<Vec<_>>(), ["a-b/1.0.0"]);
    }
}
