//! Source of a configuration, and its copy in a workspace. Must not change the source.

use std::fs;
use std::io;

use camino::{Utf8Path, Utf8PathBuf};

use super::Error;

/// Source of a configuration.
#[derive(Clone, Debug)]
pub(super) enum Source {
    /// A copy of this directory.
    Directory(Utf8PathBuf),
    /// Added files only.
    Empty,
}

impl Source {
    /// Copies the configuration into `tree` and returns the directory of the root module.
    pub(super) fn copy_into(&self, tree: &Utf8Path) -> Result<Utf8PathBuf, Error> {
        match self {
            Self::Empty => {
                let root = tree.join("root");
                fs::create_dir_all(&root).map_err(Error::io("create", &root))?;
                Ok(root)
            }
            Self::Directory(path) => {
                let (base, relative) = locate(path)?;
                let (from, root) = (base.join(&relative), tree.join(&relative));
                copy(&from, &root).map_err(Error::io("copy", &from))?;
                let modules = base.join("modules");
                let link = tree.join("modules");
                if modules.is_dir() && !link.exists() {
                    std::os::unix::fs::symlink(&modules, &link)
                        .map_err(Error::io("link", &modules))?;
                }
                Ok(root)
            }
        }
    }
}

/// Returns the directory that contains the path, and the path relative to this directory.
fn locate(path: &Utf8Path) -> Result<(Utf8PathBuf, Utf8PathBuf), Error> {
    if path.is_absolute() {
        let parent = path.parent().filter(|_| path.is_dir());
        let name = path.file_name();
        let found = parent
            .zip(name)
            .map(|(parent, name)| (parent.to_owned(), name.into()));
        return found.ok_or_else(|| Error::NoSource {
            path: path.to_owned(),
        });
    }
    let base = find_in_parents(path, Utf8Path::is_dir).ok_or_else(|| Error::NoSource {
        path: path.to_owned(),
    })?;
    Ok((base, path.to_owned()))
}

/// Searches the current directory and its parents. Returns the first directory for which `accept` accepts `path`.
pub(super) fn find_in_parents(
    path: &Utf8Path,
    accept: impl Fn(&Utf8Path) -> bool,
) -> Option<Utf8PathBuf> {
    let here = Utf8PathBuf::from_path_buf(std::env::current_dir().ok()?).ok()?;
    here.ancestors()
        .find(|directory| accept(&directory.join(path)))
        .map(Utf8Path::to_owned)
}

/// Copies a tree without the files that a CLI created.
fn copy(from: &Utf8Path, to: &Utf8Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in from.read_dir_utf8()? {
        let entry = entry?;
        let name = entry.file_name();
        if name == ".terraform" || name == ".terraform.lock.hcl" || name.contains(".tfstate") {
            continue;
        }
        if entry.path().is_dir() {
            copy(entry.path(), &to.join(name))?;
        } else {
            fs::copy(entry.path(), to.join(name))?;
        }
    }
    Ok(())
}

/// Returns whether a configuration file in the tree contains `text`.
pub(super) fn mentions(directory: &Utf8Path, text: &str) -> bool {
    let entries = directory.read_dir_utf8().into_iter().flatten().flatten();
    entries.into_iter().any(|entry| {
        let path = entry.path();
        if path.is_dir() {
            return mentions(path, text);
        }
        let configuration = path
            .extension()
            .is_some_and(|extension| ["tf", "tofu"].contains(&extension));
        configuration && fs::read_to_string(path).is_ok_and(|hcl| hcl.contains(text))
    })
}
