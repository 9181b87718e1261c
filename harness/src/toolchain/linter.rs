//! The virtual environment for the linter of certificates and revocation lists. Must not run the linter.

use camino::Utf8PathBuf;

use super::emulator::{EmulatorError, environment};
use super::{Progress, Quiet};

const REQUIREMENTS: &str = include_str!("../../../tools/requirements-lint.txt");

/// Returns the Python program that can import `pkilint`. Installs the linter into the cache if it is missing.
///
/// # Errors
/// Returns an error if Python is missing, the installation fails, or the cache cannot be written.
pub fn linter_python() -> Result<Utf8PathBuf, EmulatorError> {
    linter_python_with(&Quiet)
}

/// Installs the linter like [`linter_python`], and reports progress.
///
/// # Errors
/// Returns an error if Python is missing, the installation fails, or the cache cannot be written.
pub fn linter_python_with(progress: &dyn Progress) -> Result<Utf8PathBuf, EmulatorError> {
    environment("linter", REQUIREMENTS, progress)
}
