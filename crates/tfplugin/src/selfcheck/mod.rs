//! Checks that plans and states follow the rules that hosts enforce, before a host checks them.
//!
//! A violation is a bug in the provider. These checks report the path and cause of the violation, whereas a host reports
//! only that the provider contains a bug. The checks do not correct values, and never show values that could be sensitive.

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

/// Violation of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Violation {
    /// Path of the violation. Elements in sets have no path, so the path ends at the set.
    pub(crate) path: AttributePath,
    /// Problem, as the end of a sentence that starts with the path.
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
