//! Errors for wire values. Each error contains a cause and a path, but never the value, which can be secret.

use std::error::Error;
use std::fmt;
use std::str::Utf8Error;

use tfschema::json::ValueJsonError;
use tfschema::{AttributePath, Conformance, NumberError, Step, TypeError};

use super::MAX_DEPTH;

/// Error for a value that cannot be decoded from or encoded in the wire format.
#[derive(Debug)]
pub(crate) struct WireError {
    /// Path within the value. The path ends at a set, because elements in a set have no path.
    pub(crate) path: AttributePath,
    /// Cause of the error.
    pub(crate) problem: Problem,
}

/// Cause of a [`WireError`].
#[derive(Debug, thiserror::Error)]
pub(crate) enum Problem {
    #[error(transparent)]
    Conformance(#[from] Conformance),
    #[error("the message ends in the middle of a value")]
    Truncated,
    #[error("{bytes} bytes follow the value")]
    Trailing { bytes: usize },
    #[error("values are nested more than {MAX_DEPTH} levels deep")]
    Depth,
    #[error("more than {} elements or bytes cannot be encoded", u32::MAX)]
    Length,
    #[error("the string is not valid UTF-8")]
    Utf8(#[source] Utf8Error),
    #[error("a number is required")]
    Number(#[source] NumberError),
    #[error("a dynamic value must be a pair of a type and a value")]
    Dynamic,
    #[error("the type of the dynamic value is not valid")]
    Type(#[source] TypeError),
    #[error("the refinement of the unknown value is not valid")]
    Refinement,
    #[error("the value is not valid JSON")]
    JsonSyntax(#[source] serde_json::Error),
    #[error(transparent)]
    Json(ValueJsonError),
}

impl<P: Into<Problem>> From<P> for WireError {
    fn from(problem: P) -> Self {
        Self {
            path: AttributePath::root(),
            problem: problem.into(),
        }
    }
}

impl WireError {
    /// Prepends a step to the path.
    pub(super) fn within(mut self, step: Step) -> Self {
        let steps = std::iter::once(step).chain(self.path.steps().iter().cloned());
        self.path = steps.collect();
        self
    }

    /// Removes the path within an element of a set, because such elements have no path.
    pub(super) fn within_set(self) -> Self {
        Self {
            path: AttributePath::root(),
            ..self
        }
    }
}

impl fmt::Display for WireError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_root() {
            write!(f, "{}: ", self.path)?;
        }
        self.problem.fmt(f)
    }
}

impl Error for WireError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.problem.source()
    }
}
