//! A package from the user's perspective: a folder of files, and a root module that calls it. Must not depend on its
//! content.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anyhow::{Context as _, Result, ensure};
use camino::{Utf8Path, Utf8PathBuf};
use serde_json::Value;
use tfharness::Workspace;
use tfharness::workspace::{Error, Stack};

/// Returns the folders that contain modules: packages and their submodules.
pub(crate) fn all() -> Result<Vec<Utf8PathBuf>> {
    let top = repository()?;
    let mut found = Vec::new();
    collect(&top, Utf8Path::new("modules"), &mut found)?;
    found.sort();
    ensure!(!found.is_empty(), "{top}/modules has no modules");
    Ok(found)
}

/// Returns the folder that contains `modules/`.
pub(crate) fn repository() -> Result<Utf8PathBuf> {
    let here = Utf8PathBuf::from_path_buf(std::env::current_dir()?).ok();
    let here = here.context("the current directory is not UTF-8")?;
    let top = here.ancestors().find(|folder| {
        let modules = folder.join("modules");
        modules.is_dir()
    });
    top.map(Utf8Path::to_owned)
        .with_context(|| format!("no parent folder of {here} has modules/"))
}

fn collect(top: &Utf8Path, folder: &Utf8Path, found: &mut Vec<Utf8PathBuf>) -> Result<()> {
    let mut module = false;
    for entry in top.join(folder).read_dir_utf8()? {
        let path = entry?.into_path();
        let name = path.file_name().unwrap_or_default();
        if path.is_dir() {
            collect(top, &folder.join(name), found)?;
        }
        module |= name.ends_with(".tf");
    }
    if module {
        found.push(folder.to_owned());
    }
    Ok(())
}

/// The files in a folder and its subfolders, by relative path.
#[derive(Clone)]
pub(crate) struct Package {
    files: BTreeMap<String, String>,
}

impl Package {
    /// Returns the package with the specified name in `modules/`.
    pub(crate) fn named(name: &str) -> Result<Self> {
        Self::read(&repository()?.join("modules").join(name))
    }

    /// Reads the files in a folder.
    pub(crate) fn read(folder: &Utf8Path) -> Result<Self> {
        let mut files = BTreeMap::new();
        read(folder, "", &mut files)?;
        ensure!(files.contains_key("main.tf"), "{folder} has no main.tf");
        Ok(Self { files })
    }

    /// Reads the files in a folder that is not a module.
    pub(crate) fn documents(folder: &Utf8Path) -> Result<BTreeMap<String, String>> {
        let mut files = BTreeMap::new();
        read(folder, "", &mut files)?;
        Ok(files)
    }

    /// Creates a workspace with a root module, and with the package in `package/`.
    pub(crate) fn under(&self, root: impl Into<String>) -> Workspace {
        let start = Workspace::inline(root);
        self.files.iter().fold(start, |workspace, (path, text)| {
            workspace.file(&format!("package/{path}"), text)
        })
    }

    /// Returns the path and content of every file.
    pub(crate) fn files(&self) -> &BTreeMap<String, String> {
        &self.files
    }
}

fn read(folder: &Utf8Path, below: &str, files: &mut BTreeMap<String, String>) -> Result<()> {
    let entries = folder
        .read_dir_utf8()
        .with_context(|| format!("reading {folder}"))?;
    for entry in entries {
        let path = entry?.into_path();
        let name = path.file_name().unwrap_or_default();
        if name.starts_with('.') {
            continue;
        }
        let inner = if below.is_empty() {
            name.to_owned()
        } else {
            format!("{below}/{name}")
        };
        if path.is_dir() {
            read(&path, &inner, files)?;
        } else {
            let text = std::fs::read_to_string(&path).with_context(|| format!("reading {path}"))?;
            files.insert(inner, text);
        }
    }
    Ok(())
}

/// Returns a root module that calls the package in `package/` with the inputs, and returns all of its outputs as
/// `package`.
pub(crate) fn caller(inputs: &[(&str, Value)]) -> String {
    let mut root = String::from("module \"package\" {\n  source = \"./package\"\n");
    for (name, value) in inputs {
        let _ = writeln!(root, "  {name} = {value}");
    }
    root.push_str("}\n\noutput \"package\" {\n  value = module.package\n}\n");
    root
}

/// Returns the error from a step on one line, because the CLIs wrap messages.
pub(crate) fn refusal<T>(
    stack: &Stack,
    step: impl FnOnce(&Stack) -> Result<T, Error>,
) -> Result<String> {
    let refused = stack.failing(step)?.to_string();
    Ok(refused.split_whitespace().collect::<Vec<_>>().join(" "))
}
