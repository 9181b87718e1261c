//! The linters of workflows and shell commands, which `tools/` pins. Must not run them.

use camino::Utf8PathBuf;

use super::emulator::{EmulatorError, environment};
use super::go_program::{BuildError, GoProgram};
use super::{Progress, Quiet};

const ACTIONLINT: GoProgram = GoProgram {
    name: "actionlint",
    folder: "actionlint",
    program: "actionlint",
    module: "github.com/rhysd/actionlint",
    command: "cmd/actionlint",
    linker_flags: "",
    file: "tools/actionlint/go.mod",
    go_mod: include_str!("../../../tools/actionlint/go.mod"),
    go_sum: include_str!("../../../tools/actionlint/go.sum"),
};

const SHELL_REQUIREMENTS: &str = include_str!("../../../tools/requirements-shell.txt");

/// Returns the path to actionlint. Builds it into the cache if it is missing.
///
/// # Errors
/// Returns an error if Go is missing, the build fails, or the cache cannot be written.
pub fn actionlint() -> Result<Utf8PathBuf, BuildError> {
    actionlint_with(&Quiet)
}

/// Builds actionlint like [`actionlint`], and reports progress.
///
/// # Errors
/// Returns an error if Go is missing, the build fails, or the cache cannot be written.
pub fn actionlint_with(progress: &dyn Progress) -> Result<Utf8PathBuf, BuildError> {
    ACTIONLINT.build(progress)
}

/// Returns the path to ShellCheck. Installs it into the cache if it is missing.
///
/// # Errors
/// Returns an error if Python is missing, the installation fails, or the cache cannot be written.
pub fn shellcheck() -> Result<Utf8PathBuf, EmulatorError> {
    shellcheck_with(&Quiet)
}

/// Installs ShellCheck like [`shellcheck`], and reports progress.
///
/// # Errors
/// Returns an error if Python is missing, the installation fails, or the cache cannot be written.
pub fn shellcheck_with(progress: &dyn Progress) -> Result<Utf8PathBuf, EmulatorError> {
    let python = environment("shellcheck", SHELL_REQUIREMENTS, progress)?;
    Ok(python.with_file_name("shellcheck"))
}
