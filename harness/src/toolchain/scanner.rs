//! The virtual environment for the static module scanner. Must not run the scanner.

use camino::Utf8PathBuf;

use super::emulator::{EmulatorError, environment};
use super::{Progress, Quiet};

const REQUIREMENTS: &str = include_str!("../../../tools/requirements-scan.txt");

/// Returns the Python program that runs the scanner as `-m checkov.main`. Installs the scanner into the cache if it is
/// missing.
///
/// # Errors
/// Returns an error if Python is missing, the installation fails, or the cache cannot be written.
pub fn scanner_python() -> Result<Utf8PathBuf, EmulatorError> {
    scanner_python_with(&Quiet)
}

/// Installs the scanner like [`scanner_python`], and reports progress.
///
/// # Errors
/// Returns an error if Python is missing, the installation fails, or the cache cannot be written.
pub fn scanner_python_with(progress: &dyn Progress) -> Result<Utf8PathBuf, EmulatorError> {
    environment("scanner", REQUIREMENTS, progress)
}
