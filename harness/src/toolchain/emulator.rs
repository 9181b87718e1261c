//! The virtual environment for the local AWS emulator. Must not start it.

use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::process::Command;

use camino::Utf8PathBuf;

use super::cache::{self, CacheError};
use super::progress::phase;
use super::{Progress, Quiet, Tool, ToolError, tool};

const REQUIREMENTS: &str = include_str!("../../../tools/requirements.txt");
/// Folder in the cache that contains the environments.
const FOLDER: &str = "emulator";

/// Reason why the emulator cannot be installed.
#[derive(Debug, thiserror::Error)]
pub enum EmulatorError {
    /// The cache cannot be used.
    #[error("the cache for the local AWS emulator is not available")]
    Cache(#[from] CacheError),
    /// Python is missing or failed.
    #[error("installing the local AWS emulator requires Python")]
    Tool(#[from] ToolError),
    /// The list of packages cannot be written.
    #[error("cannot write {path}")]
    Write {
        /// The file.
        path: Utf8PathBuf,
        /// Operating system error.
        #[source]
        source: std::io::Error,
    },
}

/// Returns the Python program that runs the local AWS emulator. Installs the emulator into the cache if it is missing.
///
/// # Errors
/// Returns an error if Python is missing, the installation fails, or the cache cannot be written.
pub fn emulator_python() -> Result<Utf8PathBuf, EmulatorError> {
    emulator_python_with(&Quiet)
}

/// Installs the local AWS emulator like [`emulator_python`], and reports progress.
///
/// # Errors
/// Returns an error if Python is missing, the installation fails, or the cache cannot be written.
pub fn emulator_python_with(progress: &dyn Progress) -> Result<Utf8PathBuf, EmulatorError> {
    environment(FOLDER, REQUIREMENTS, progress)
}

/// Returns the Python interpreter of a cached virtual environment that contains the listed packages. Creates the
/// environment if it does not exist.
pub(super) fn environment(
    folder: &str,
    requirements: &str,
    progress: &dyn Progress,
) -> Result<Utf8PathBuf, EmulatorError> {
    let python = tool::python()?;
    let step = format!("installing {}", pinned(requirements));
    let entry = cache::entry(&key(folder, requirements, &python), |scratch| {
        phase(progress, &step, || {
            let mut venv = Command::new(&python.path);
            venv.args(["-m", "venv"]).arg(scratch).current_dir("/");
            tool::run("python3 -m venv", &mut venv, progress)?;
            let list = scratch.join("requirements.txt");
            fs::write(&list, requirements).map_err(|source| EmulatorError::Write {
                path: list.clone(),
                source,
            })?;
            let mut pip = Command::new(scratch.join("bin/python"));
            pip.args([
                "-m",
                "pip",
                "install",
                "--disable-pip-version-check",
                "--no-input",
                // Python compiles the imported modules, a small subset, on first use.
                "--no-compile",
                "--requirement",
            ])
            .arg(list)
            .current_dir(scratch);
            tool::run("pip install", &mut pip, progress)?;
            Ok::<_, EmulatorError>(())
        })
    })?;
    // The cache renamed the entry, which breaks its scripts but not the interpreter.
    Ok(entry.join("bin/python"))
}

/// Returns the path to the environment for this Python. The environment might not exist yet.
pub(super) fn path(python: &Tool) -> Result<Utf8PathBuf, CacheError> {
    Ok(cache::directory()?.join(key(FOLDER, REQUIREMENTS, python)))
}

/// Returns the pinned packages on one line, without their dependencies.
pub(super) fn pins() -> String {
    pinned(REQUIREMENTS)
}

fn pinned(requirements: &str) -> String {
    let pins: Vec<_> = requirements
        .lines()
        .take_while(|line| !line.is_empty())
        .filter(|line| !line.starts_with('#'))
        .collect();
    pins.join(", ")
}

fn key(folder: &str, requirements: &str, python: &Tool) -> String {
    let mut hasher = DefaultHasher::new();
    (requirements, &python.path, python.version.to_string()).hash(&mut hasher);
    format!("{folder}/{:016x}", hasher.finish())
}
