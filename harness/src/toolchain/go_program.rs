//! Builds Go programs in the versions that the module files in `tools/` pin. Must not search for installed programs.

use std::fs;
use std::process::Command;

use camino::{Utf8Path, Utf8PathBuf};
use semver::Version;

use super::cache::{self, CacheError};
use super::progress::phase;
use super::{Progress, ToolError, tool};

/// Reason why a Go program cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The cache cannot be used.
    #[error("the cache for {name} is not available")]
    Cache {
        /// Name of the program.
        name: &'static str,
        /// Cause.
        #[source]
        source: CacheError,
    },
    /// Go is missing or failed.
    #[error("building a Go program requires Go")]
    Tool(#[from] ToolError),
    /// The module file does not pin a version.
    #[error("{file} does not require {module}; run `go get -tool {module}@VERSION` there")]
    NotPinned {
        /// The module file.
        file: &'static str,
        /// The required module.
        module: &'static str,
    },
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

/// A Go program and the module files that pin it.
pub(super) struct GoProgram {
    /// Name for messages.
    pub(super) name: &'static str,
    /// Folder in the cache.
    pub(super) folder: &'static str,
    /// File name of the program.
    pub(super) program: &'static str,
    /// Path of the module.
    pub(super) module: &'static str,
    /// Path of the command, relative to the module. Empty if the module is the command.
    pub(super) command: &'static str,
    /// Additional linker flags. `{version}` is replaced with the pinned version.
    pub(super) linker_flags: &'static str,
    /// Path of the module file in the repository.
    pub(super) file: &'static str,
    pub(super) go_mod: &'static str,
    pub(super) go_sum: &'static str,
}

impl GoProgram {
    /// Returns the pinned version.
    ///
    /// # Errors
    /// Returns an error if the module file does not pin a version.
    pub(super) fn pinned(&self) -> Result<Version, BuildError> {
        let version = |line: &str| {
            let line = line.trim().trim_start_matches("require ");
            let rest = line.strip_prefix(self.module)?;
            Version::parse(rest.split_whitespace().next()?.trim_start_matches('v')).ok()
        };
        self.go_mod
            .lines()
            .find_map(version)
            .ok_or(BuildError::NotPinned {
                file: self.file,
                module: self.module,
            })
    }

    /// Returns the path to the pinned build. The build might not exist yet.
    ///
    /// # Errors
    /// Returns an error if no version is pinned or if the cache directory is unknown.
    pub(super) fn path(&self) -> Result<Utf8PathBuf, BuildError> {
        let name = self.name;
        let directory = cache::directory().map_err(|source| BuildError::Cache { name, source })?;
        Ok(directory.join(self.entry()?).join(self.program))
    }

    /// Builds the pinned version into the cache if it is missing, and returns its path.
    ///
    /// # Errors
    /// Returns an error if Go is missing, the build fails, or the cache cannot be written.
    pub(super) fn build(&self, progress: &dyn Progress) -> Result<Utf8PathBuf, BuildError> {
        let entry = cache::entry(&self.entry()?, |scratch| {
            self.compile(scratch, progress).map_err(Failure::Build)
        });
        match entry {
            Ok(entry) => Ok(entry.join(self.program)),
            Err(failure) => Err(failure.of(self.name)),
        }
    }

    fn compile(&self, scratch: &Utf8Path, progress: &dyn Progress) -> Result<(), BuildError> {
        let go = tool::go()?;
        let version = self.pinned()?.to_string();
        let step = format!("building {} {version}", self.name);
        phase(progress, &step, || {
            let source = scratch.join("source");
            write(&source, "go.mod", self.go_mod)?;
            write(&source, "go.sum", self.go_sum)?;
            let flags = format!("-s -w {}", self.linker_flags.replace("{version}", &version));
            let mut command = Command::new(&go.path);
            command
                .args(["build", "-trimpath", "-ldflags", flags.trim(), "-o"])
                .arg(scratch.join(self.program))
                .arg(self.package())
                .env("GOWORK", "off")
                .env("GOTOOLCHAIN", "auto")
                // The compiler spends a quarter of its time on garbage collections with the default value.
                .env("GOGC", "400")
                .env("GOFLAGS", "")
                .current_dir(&source);
            tool::run(
                &format!("go build for {}", self.name),
                &mut command,
                progress,
            )?;
            Ok(())
        })
    }

    fn package(&self) -> String {
        match self.command {
            "" => self.module.to_owned(),
            command => format!("{}/{command}", self.module),
        }
    }

    fn entry(&self) -> Result<String, BuildError> {
        Ok(format!("{}/{}", self.folder, self.pinned()?))
    }
}

/// Reason why a cache entry cannot be created.
pub(super) enum Failure {
    Build(BuildError),
    Cache(CacheError),
}

impl Failure {
    /// Returns the error for a program or file with this name.
    pub(super) fn of(self, name: &'static str) -> BuildError {
        match self {
            Self::Build(error) => error,
            Self::Cache(source) => BuildError::Cache { name, source },
        }
    }
}

impl From<CacheError> for Failure {
    fn from(source: CacheError) -> Self {
        Self::Cache(source)
    }
}

pub(super) fn write(directory: &Utf8Path, name: &str, text: &str) -> Result<(), BuildError> {
    let path = directory.join(name);
    fs::create_dir_all(directory)
        .and_then(|()| fs::write(&path, text))
        .map_err(|source| BuildError::Write { path, source })
}
