//! Why something in a workspace went wrong: what was run, what it said, where to look.

use std::fmt;
use std::io;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};

use crate::toolchain::FindError;

/// Why a workspace could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no command line.
    #[error("no command line to run")]
    Cli(#[from] FindError),
    /// The directory to copy is not there.
    #[error("there is no directory {path}, neither here nor in a parent directory")]
    NoSource {
        /// As it was given.
        path: Utf8PathBuf,
    },
    /// The configuration needs this project's provider, which is not built.
    #[error(
        "the configuration uses skreg/skreg, which is not built; build it with: {remedy} (or name it in SKREG_PROVIDER)"
    )]
    NoProvider {
        /// The command that builds it.
        remedy: &'static str,
    },
    /// A provider's program is not there.
    #[error("the program {program} of provider {address} cannot be used")]
    NoProgram {
        /// The provider's address.
        address: String,
        /// The path as it was given.
        program: Utf8PathBuf,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
    /// A file operation failed.
    #[error("cannot {doing} {path}")]
    Io {
        /// The operation.
        doing: &'static str,
        /// The file or directory.
        path: Utf8PathBuf,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
    /// A variable could lead out of the local AWS.
    #[error("the environment variable {name} is refused: {reason}")]
    Unsafe {
        /// The variable.
        name: String,
        /// Why.
        reason: &'static str,
    },
    /// The command could not be run.
    #[error("cannot run {what}")]
    Run {
        /// The command.
        what: String,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
    /// The command said no.
    #[error("{what} failed ({ended})\n{0}", what = .0.what, ended = .0.ended)]
    Failed(Box<Failure>),
    /// The command took too long and was killed.
    #[error("{} was killed after {:.0?}\n{failure}", .failure.what, .limit)]
    TimedOut {
        /// The limit that passed.
        limit: Duration,
        /// What it said until then.
        failure: Box<Failure>,
    },
    /// Applying once was not enough.
    #[error("{what}: the plan after apply should be empty and is not\n{0}", what = .0.what)]
    SecondPlan(Box<Failure>),
    /// The command's JSON is not what its documentation promises.
    #[error("cannot read what {what} printed; the directory is {directory}")]
    Unreadable {
        /// The command.
        what: String,
        /// The workspace.
        directory: Utf8PathBuf,
        /// What the parser said.
        #[source]
        source: serde_json::Error,
    },
    /// There is no such output.
    #[error("there is no output {name:?}; there are: {known}")]
    NoOutput {
        /// As it was asked for.
        name: String,
        /// Those that exist.
        known: String,
    },
    /// A step that should fail did not.
    #[error("this should have failed and did not; the directory is {directory}")]
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

    /// What the command printed, where a command failed.
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

/// A command that did not end well.
#[derive(Debug)]
pub struct Failure {
    /// The command, such as `tofu 1.12.6 apply`.
    pub what: String,
    /// How it ended, such as `exit status: 1`.
    pub ended: String,
    /// What it said about it: its diagnostics, or the changes it plans.
    pub text: String,
    /// The workspace; it is left standing.
    pub directory: Utf8PathBuf,
    /// The last calls that reached the local AWS.
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
            write!(f, "\nthe last AWS calls were:\n{}", self.calls)?;
        }
        Ok(())
    }
}
