//! The OpenTofu version that `tools/go.mod` pins. Must not search for an installed version.

use camino::Utf8PathBuf;
use semver::Version;

use super::Progress;
use super::go_program::{BuildError, GoProgram};

const OPENTOFU: GoProgram = GoProgram {
    name: "OpenTofu",
    folder: "opentofu",
    program: "tofu",
    module: "github.com/opentofu/opentofu",
    command: "cmd/tofu",
    // Without -X, the version has a development suffix. Modules with a version constraint reject such a version.
    linker_flags: "-X 'github.com/opentofu/opentofu/version.dev=no'",
    file: "tools/go.mod",
    go_mod: include_str!("../../../tools/go.mod"),
    go_sum: include_str!("../../../tools/go.sum"),
};

/// Returns the pinned version.
///
/// # Errors
/// Returns an error if the module file does not pin a version.
pub(super) fn pinned() -> Result<Version, BuildError> {
    OPENTOFU.pinned()
}

/// Returns the path to the pinned build. The build might not exist yet.
///
/// # Errors
/// Returns an error if no version is pinned or if the cache directory is unknown.
pub(super) fn path() -> Result<Utf8PathBuf, BuildError> {
    OPENTOFU.path()
}

/// Builds the pinned version into the cache if it is missing, and returns its path.
///
/// # Errors
/// Returns an error if Go is missing, the build fails, or the cache cannot be written.
pub(super) fn build(progress: &dyn Progress) -> Result<Utf8PathBuf, BuildError> {
    OPENTOFU.build(progress)
}
