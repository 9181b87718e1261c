//! The virtual environment that holds the static scanner of modules. Must not run it.

use camino::Utf8PathBuf;

use super::emulator::{EmulatorError, environment};
use super::{Progress, Quiet};

const REQUIREMENTS: &str = include_str!("../../../tools/requirements-scan.txt");

/// The Python that runs the scanner, as `-m checkov.main`; installs it into the cache unless it is there.
///
/// # Errors
/// When Python is missing, the installation fails or the cache cannot be written.
pub fn scanner_python() -> Result<Utf8PathBuf, EmulatorError> {
    scanner_python_with(&Quiet)
}

/// As [`scanner_python`], with a listener.
///
/// # Errors
/// When Python is missing, the installation fails or the cache cannot be written.
pub fn scanner_python_with(progress: &dyn Progress) -> Result<Utf8PathBuf, EmulatorError> {
    environment("scanner", REQUIREMENTS, progress)
}
