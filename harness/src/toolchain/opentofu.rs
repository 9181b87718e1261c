//! Builds the OpenTofu version that `tools/go.mod` pins. Must not search for an installed version.

use std::fs;
use std::process::Command;

use camino::Utf8PathBuf;
use semver::Version;

use super::cache::{self, CacheError};
use super::progress::phase;
use super::{Progress, ToolError, tool};

const GO_MOD: &str = include_str!("../../../tools/go.mod");
const GO_SUM: &str = include_str!("../../../tools/go.sum");
const MODULE: &str = "github.com/opentofu/opentofu";

/// Reason why OpenTofu cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The cache cannot be used.
    #[error("the cache for OpenTofu is not available")]
    Cache(#[from] CacheError),
    /// Go is missing or failed.
    #[error("building OpenTofu requires Go")]
    Tool(#[from] ToolError),
    /// The module file does not pin a version.
    #[error(
        "tools/go.mod does not require {MODULE}; run `go get -tool {MODULE}/cmd/tofu@VERSION` there"
    )]
    NotPinned,
    /// The module files cannot be written.
    #[error("cannot write {path}")]
    Write {
        /// The file.
        path: Utf8PathBuf,
        /// Operating system error.
        #[source]
        source: std::io::Error,
    },
}

/// Returns the version that `tools/go.mod` pins.
///
/// # Errors
/// Returns an error if the file does not pin a version.
pub(super) fn pinned() -> Result<Version, BuildError> {
    GO_MOD
        .lines()
        .filter_map(|line| {
            line.trim()
                .trim_start_matches("require ")
                .strip_prefix(MODULE)
        })
        .find_map(|rest| {
            Version::parse(rest.split_whitespace().next()?.trim_start_matches('v')).ok()
        })
        .ok_or(BuildError::NotPinned)
}

/// Returns the path to the pinned build. The build might not exist yet.
///
/// # Errors
/// Returns an error if no version is pinned or if the cache directory is unknown.
pub(super) fn path() -> Result<Utf8PathBuf, BuildError> {
    Ok(cache::directory()?.join(format!("opentofu/{}/tofu", pinned()?)))
}

/// Builds the pinned version into the cache if it is missing, and returns its path.
///
/// # Errors
/// Returns an error if Go is missing, the build fails, or the cache cannot be written.
pub(super) fn build(progress: &dyn Progress) -> Result<Utf8PathBuf, BuildError> {
    let version = pinned()?;
    let entry = cache::entry(&format!("opentofu/{version}"), |scratch| {
        let go = tool::go()?;
        phase(progress, &format!("building OpenTofu {version}"), || {
            let source = scratch.join("source");
            write(&source, "go.mod", GO_MOD)?;
            write(&source, "go.sum", GO_SUM)?;
            // Without -X, the version has a development suffix. Modules with a version constraint reject such a
            // version.
            let flags = format!("-s -w -X '{MODULE}/version.dev=no'");
            let mut command = Command::new(&go.path);
            command
                .args(["build", "-trimpath", "-ldflags", &flags, "-o"])
                .arg(scratch.join("tofu"))
                .arg(format!("{MODULE}/cmd/tofu"))
                .env("GOWORK", "off")
                .env("GOTOOLCHAIN", "auto")
                .env("GOFLAGS", "")
                .current_dir(&source);
            tool::run("go build for OpenTofu", &mut command, progress)?;
            Ok::<_, BuildError>(())
        })
    })?;
    Ok(entry.join("tofu"))
}

fn write(directory: &camino::Utf8Path, name: &str, text: &str) -> Result<(), BuildError> {
    let path = directory.join(name);
    fs::create_dir_all(directory)
        .and_then(|()| fs::write(&path, text))
        .map_err(|source| BuildError::Write { path, source })
}
