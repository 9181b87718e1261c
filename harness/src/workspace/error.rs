//! Errors of a workspace: the command, its output, and the location of the workspace.

use std::fmt;
use std::io;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};

use crate::toolchain::FindError;

/// Error of a workspace.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No command line is installed.
    #[error("no command line to run")]
    Cli(#[from] FindError),
    /// The source directory does not exist.
    #[error("the directory {path} does not exist here or in a parent directory")]
    NoSource {
        /// The path as given.
        path: Utf8PathBuf,
    },
    /// The configuration requires this project's provider, which is not built.
    #[error(
        "the configuration requires skreg/skreg, which is not built; build it with `{remedy}`, or set SKREG_PROVIDER to its path"
    )]
    NoProvider {
        /// The command that builds it.
        remedy: &'static str,
    },
    /// The program of a provider does not exist.
    #[error("the program {program} of provider {address} cannot be used")]
    NoProgram {
        /// Address of the provider.
        address: String,
        /// The path as given.
        program: Utf8PathBuf,
        /// Error of the operating system.
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
        /// Error of the operating system.
        #[source]
        source: io::Error,
    },
    /// A variable could make another AWS reachable.
    #[error("the environment variable {name} is not allowed: {reason}")]
    Unsafe {
        /// The variable.
        name: String,
        /// The reason.
        reason: &'static str,
    },
    /// The command could not be started.
    #[error("cannot run {what}")]
    Run {
        /// The command.
        what: String,
        /// Error of the operating system.
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
        /// Output until then.
        failure: Box<Failure>,
    },
    /// The plan after an apply is not empty.
    #[error("{what}: the plan after apply is not empty\n{0}", what = .0.what)]
    SecondPlan(Box<Failure>),
    /// The JSON output of the command does not have the documented format.
    #[error("cannot parse the output of {what}; the directory is {directory}")]
    Unreadable {
        /// The command.
        what: String,
        /// The workspace.
        directory: Utf8PathBuf,
        /// Error of the parser.
        #[source]
        source: serde_json::Error,
    },
    /// The output does not exist.
    #[error("output {name:?} does not exist; outputs: {known}")]
    NoOutput {
        /// The requested name.
        name: String,
        /// Names of existing outputs.
        known: String,
    },
    /// A step succeeded that was expected to fail.
    #[error("expected a failure, but the step succeeded; the directory is {directory}")]
    DidNotFail {
        /// The workspace.
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

    /// Returns the failure of a command.
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
    /// Its diagnostics, or the changes that it plans.
    pub text: String,
    /// The workspace, which is kept.
    pub directory: Utf8PathBuf,
    /// The last calls to the local AWS.
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
