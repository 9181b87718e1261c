//! The rules that the command lines hold a provider to, checked before they do.
//!
//! A violation is a bug of the provider. Here it gets a place and a sentence; found by a command line it would only
//! say that the provider is broken. Nothing is repaired, and values that may be sensitive are never shown.

mod opened;
mod plan;
mod result;
mod shown;
mod state;

use std::fmt;

use tfschema::AttributePath;

pub(crate) use opened::opened;
pub(crate) use plan::plan;
pub(crate) use result::result;
pub(crate) use state::state;

/// A rule that was broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Violation {
    /// Where; elements of sets have no path, so it ends at the set.
    pub(crate) path: AttributePath,
    /// What is wrong there, as the end of a sentence about the place.
    problem: String,
}

impl Violation {
    pub(crate) fn new(path: &AttributePath, problem: impl Into<String>) -> Self {
        Self {
            path: path.clone(),
            problem: problem.into(),
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_root() {
            write!(f, "The object as a whole {}.", self.problem)
        } else {
            write!(f, "`{}` {}.", self.path, self.problem)
        }
    }
}

#[cfg(test)]
mod tests;
