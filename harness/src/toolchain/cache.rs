//! The project's cache directory: complete entries or none. Must not know what an entry is.

use std::fs::{self, File};
use std::io;

use camino::{Utf8Path, Utf8PathBuf};
use etcetera::BaseStrategy as _;

/// Names another cache directory.
pub const VARIABLE: &str = "SKREG_CACHE";

/// Why the cache cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CacheError {
    /// No home directory is known and no override is given.
    #[error("no cache directory is known; set {VARIABLE} to a directory that may be written")]
    NoHome(#[source] etcetera::HomeDirError),
    /// The directory's name is not UTF-8.
    #[error("the cache directory {0:?} is not UTF-8; set {VARIABLE} to another one")]
    NotUtf8(std::path::PathBuf),
    /// Reading or writing failed.
    #[error("cannot use {path} in the cache; set {VARIABLE} to a directory that may be written")]
    Io {
        /// What was being used.
        path: Utf8PathBuf,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
}

/// The cache directory: `SKREG_CACHE`, else `skreg-infra` in the XDG cache directory.
///
/// # Errors
/// When no home directory is known, or its name is not UTF-8.
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

/// The entry of that name, made by `build` in a scratch directory where it does not exist yet.
///
/// Two processes never build at once: the second waits for the lock and finds the entry. A build that fails leaves
/// nothing behind.
///
/// # Errors
/// When the cache cannot be used, or with the error of `build`.
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
