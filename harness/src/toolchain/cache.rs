//! The cache directory for the project. An entry is either complete or does not exist. Must not depend on the content
//! of entries.

use std::fs::{self, File};
use std::io;

use camino::{Utf8Path, Utf8PathBuf};
use etcetera::BaseStrategy as _;

/// Environment variable that overrides the cache directory.
pub const VARIABLE: &str = "SKREG_CACHE";

/// Reason why the cache cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CacheError {
    /// The home directory is unknown, and no override is set.
    #[error("the cache directory is unknown; set {VARIABLE} to a writable directory")]
    NoHome(#[source] etcetera::HomeDirError),
    /// The path to the directory is not UTF-8.
    #[error("the cache directory {0:?} is not UTF-8; set {VARIABLE} to another directory")]
    NotUtf8(std::path::PathBuf),
    /// Reading or writing failed.
    #[error("cannot use {path} in the cache; set {VARIABLE} to a writable directory")]
    Io {
        /// Path to the cache entry or directory.
        path: Utf8PathBuf,
        /// Operating system error.
        #[source]
        source: io::Error,
    },
}

/// Returns the cache directory: `SKREG_CACHE` if it is set, otherwise `skreg-infra` in the XDG cache directory.
///
/// # Errors
/// Returns an error if the home directory is unknown, or if its path is not UTF-8.
pub fn directory() -> Result<Utf8PathBuf, CacheError> {
    let path = match std::env::var_os(VARIABLE).filter(|value| !value.is_empty()) {
        Some(path) => path.into(),
        None => etcetera::choose_base_strategy()
            .map_err(CacheError::NoHome)?
            .cache_dir()
            .join("skreg-infra"),
    };
    Utf8PathBuf::from_path_buf(path).map_err(CacheError::NotUtf8)
}

/// Returns the entry with the specified name. If the entry does not exist, `build` creates it in a scratch directory.
///
/// A lock prevents concurrent builds: the second process waits and then finds the entry. A failed build leaves no files
/// behind.
///
/// # Errors
/// Returns an error if the cache cannot be used, or if `build` returns an error.
pub(super) fn entry<E: From<CacheError>>(
    name: &str,
    build: impl FnOnce(&Utf8Path) -> Result<(), E>,
) -> Result<Utf8PathBuf, E> {
    let path = directory()?.join(name);
    if path.is_dir() {
        return Ok(path);
    }
    let at = |path: &Utf8Path| {
        let path = path.to_owned();
        move |source| CacheError::Io { path, source }
    };
    let parent = path.parent().unwrap_or(&path).to_owned();
    fs::create_dir_all(&parent).map_err(at(&parent))?;
    let lock_path = Utf8PathBuf::from(format!("{path}.lock"));
    let lock = File::create(&lock_path).map_err(at(&lock_path))?;
    lock.lock().map_err(at(&lock_path))?;
    if path.is_dir() {
        return Ok(path);
    }
    let scratch = tempfile::Builder::new()
        .prefix("partial-")
        .tempdir_in(&parent)
        .map_err(at(&parent))?;
    let inside = Utf8Path::from_path(scratch.path())
        .unwrap_or(&parent)
        .join("entry");
    fs::create_dir(&inside).map_err(at(&inside))?;
    build(&inside)?;
    fs::rename(&inside, &path).map_err(at(&path))?;
    Ok(path)
}
