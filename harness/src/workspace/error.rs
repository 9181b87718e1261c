//! Errors in a workspace: the command, its output, and the directory of the workspace.

use std::fmt;
use std::io;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};

use crate::toolchain::{CacheError, FindError};

/// An error in a workspace.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No CLI is installed.
    #[error("no CLI is available")]
    Cli(#[from] FindError),
    /// The cache, which contains the schemas of installed providers, is not available.
    #[error("the cache is not available")]
    Cache(#[from] CacheError),
    /// The source directory does not exist.
    #[error("the directory {path} does not exist here or in a parent directory")]
    NoSource {
        /// The path as specified.
        path: Utf8PathBuf,
    },
    /// The configuration requires the provider in this repository, which is not built.
    #[error(
        "the configuration requires skreg/skreg, which is not built; build it with `{remedy}`, or set SKREG_PROVIDER to its path"
    )]
    NoProvider {
        /// The command that builds the provider.
        remedy: &'static str,
    },
    /// The workspace requires a double, whose program is not built.
    #[error(
        "the program of the doubles is not built; build it with `cargo build -p tfdouble`, or set SKREG_DOUBLE to its path"
    )]
    NoDouble,
    /// The program for a provider does not exist.
    #[error("the program {program} of provider {address} cannot be used")]
    NoProgram {
        /// Address of the provider.
        address: String,
        /// The path as specified.
        program: Utf8PathBuf,
        /// Operating system error.
        #[source]
        source: io::Error,
    },
    /// A file operation failed.
    #[error("cannot {doing} {path}")]
    Io {
        /// Name of the operation.
        doing: &'static str,
        /// The file or directory.
        path: Utf8PathBuf,
        /// Operating system error.
        #[source]
        source: io::Error,
    },
    /// A variable could make a real AWS account reachable.
    #[error("the environment variable {name} is not allowed: {reason}")]
    Unsafe {
        /// Name of the variable.
        name: String,
        /// Reason why it is not allowed.
        reason: &'static str,
    },
    /// The command cannot be started.
    #[error("cannot run {what}")]
    Run {
        /// The command.
        what: String,
        /// Operating system error.
        #[source]
        source: io::Error,
    },
    /// The command failed.
    #[error("{what} failed ({ended})\n{0}", what = .0.what, ended = .0.ended)]
    Failed(Box<Failure>),
    /// The command exceeded the timeout and was killed.
    #[error("{} was killed after {:.0?}\n{failure}", .failure.what, .limit)]
    TimedOut {
        /// The timeout.
        limit: Duration,
        /// Output up to the timeout.
        failure: Box<Failure>,
    },
    /// The plan after an apply is not empty.
    #[error("{what}: the plan after apply is not empty\n{0}", what = .0.what)]
    SecondPlan(Box<Failure>),
    /// The JSON output does not have the documented format.
    #[error("cannot parse the output of {what}; the directory is {directory}")]
    Unreadable {
        /// The command.
        what: String,
        /// Directory of the workspace.
        directory: Utf8PathBuf,
        /// Parser error.
        #[source]
        source: serde_json::Error,
    },
    /// The output does not exist.
    #[error("output {name:?} does not exist; outputs: {known}")]
    NoOutput {
        /// The requested name.
        name: String,
        /// Names of the existing outputs.
        known: String,
    },
    /// A step that must fail succeeded.
    #[error("expected a failure, but the step succeeded; the directory is {directory}")]
    DidNotFail {
        /// Directory of the workspace.
        directory: Utf8PathBuf,
    },
    /// An expectation was not met.
    #[error(transparent)]
    Unmet(#[from] Box<crate::check::Unmet>),
}

impl Error {
    pub(super) fn io(doing: &'static str, path: &Utf8Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io {
            doing,
            path,
            source,
        }
    }

    /// Returns the failure if a command failed.
    #[must_use]
    pub fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Failed(failure) | Self::SecondPlan(failure) | Self::TimedOut { failure, .. } => {
                Some(failure)
            }
            _ => None,
        }
    }
}

/// A failed command.
#[derive(Debug)]
pub struct Failure {
    /// The command, such as `tofu 1.12.6 apply`.
    pub what: String,
    /// Exit status, such as `exit status: 1`.
    pub ended: String,
    /// Diagnostics of the command, or the changes that it plans.
    pub text: String,
    /// Directory of the workspace, which is kept.
    pub directory: Utf8PathBuf,
    /// The last calls to the local AWS emulator.
    pub calls: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text: Vec<_> = self.text.trim().lines().collect();
        for line in &text[text.len().saturating_sub(200)..] {
            writeln!(f, "  {line}")?;
        }
        write!(f, "the directory is {}", self.directory)?;
        if !self.calls.is_empty() {
            write!(f, "\nthe last AWS calls are:\n{}", self.calls)?;
        }
        Ok(())
    }
}
