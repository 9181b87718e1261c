//! Input for the checks: the repository files and the workspace packages, which are read once.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};

use super::commits::SINCE;
use crate::repository::Repository;

/// Contents of the repository.
#[derive(Clone, Default)]
pub(super) struct Tree {
    /// File contents by path, relative to the root.
    pub(super) files: BTreeMap<String, String>,
    /// Packages by folder, relative to the root.
    pub(super) packages: BTreeMap<String, Package>,
    /// Hashes and subjects of the commits since [`SINCE`].
    pub(super) commits: Vec<(String, String)>,
}

/// A package in the workspace.
#[derive(Clone)]
pub(super) struct Package {
    /// Name in Cargo.toml.
    pub(super) name: String,
    /// Names of all dependencies: normal, build, and dev.
    pub(super) dependencies: BTreeSet<String>,
}

impl Tree {
    /// Reads the repository.
    ///
    /// # Errors
    /// Returns an error if git or cargo fails, or if a file cannot be read.
    pub(super) fn load(repository: &Repository) -> Result<Self> {
        let metadata = repository.metadata()?;
        let mut packages = BTreeMap::new();
        for package in metadata.workspace_packages() {
            let folder = package
                .manifest_path
                .parent()
                .and_then(|folder| folder.strip_prefix(&metadata.workspace_root).ok())
                .with_context(|| format!("package {} is outside the workspace", package.name))?;
            let known = Package {
                name: package.name.to_string(),
                dependencies: package
                    .dependencies
                    .iter()
                    .map(|on| on.name.clone())
                    .collect(),
            };
            packages.insert(folder.to_string().replace('\\', "/"), known);
        }
        Ok(Self {
            files: repository.texts("")?,
            packages,
            commits: repository.commits_since(SINCE)?,
        })
    }

    /// Returns a tree with the same map, packages, and folders but with empty files, in which a violation can be
    /// planted.
    pub(super) fn bare(&self) -> Self {
        let empty = |path: &String| (path.clone(), String::new());
        Self {
            files: self
                .files
                .keys()
                .filter(|path| !path.ends_with(".rs"))
                .map(empty)
                .collect(),
            packages: self.packages.clone(),
            commits: Vec::new(),
        }
    }

    /// Adds a file.
    pub(super) fn plant(&mut self, path: &str, text: &str) {
        self.files.insert(path.into(), text.into());
    }

    /// Adds a commit.
    pub(super) fn commit(&mut self, hash: &str, subject: &str) {
        self.commits.push((hash.into(), subject.into()));
    }

    /// Adds a dependency to a package.
    pub(super) fn depend(&mut self, folder: &str, on: &str) {
        if let Some(package) = self.packages.get_mut(folder) {
            package.dependencies.insert(on.into());
        }
    }

    /// Returns the handwritten Rust files, by path.
    pub(super) fn rust(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files
            .iter()
            .filter(|(path, _)| path.ends_with(".rs") && !is_generated(path))
            .map(|(path, text)| (path.as_str(), text.as_str()))
    }
}

/// Returns whether a generator writes the path.
pub(super) fn is_generated(path: &str) -> bool {
    path.starts_with("docs/")
        || path.starts_with("modules/")
        || path.starts_with("schemas/skreg-skreg/")
        || path.contains("/generated/")
        || path.contains("-blocks/src/")
}

/// Returns whether a path contains tests or crate examples.
pub(super) fn is_test(path: &str) -> bool {
    path.starts_with("tests/")
        || path.contains("/tests/")
        || path.contains("/examples/")
        || path.ends_with("/tests.rs")
}
