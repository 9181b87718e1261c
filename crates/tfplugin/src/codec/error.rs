//! Why a wire value cannot be read or written, and where. Never the value itself, which may be secret.

use std::error::Error;
use std::fmt;
use std::str::Utf8Error;

use tfschema::json::ValueJsonError;
use tfschema::{AttributePath, Conformance, NumberError, Step, TypeError};

use super::MAX_DEPTH;

/// Says where and why a value cannot be read from the wire or written to it.
#[derive(Debug)]
pub(crate) struct WireError {
    /// Where in the value; elements of sets have no path, so it ends at the set.
    pub(crate) path: AttributePath,
    /// What is wrong there.
    pub(crate) problem: Problem,
}

/// The ways in which a wire value may be wrong.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Problem {
    #[error(transparent)]
    Conformance(#[from] Conformance),
    #[error("the message ends in the middle of a value")]
    Truncated,
    #[error("{bytes} bytes follow the value")]
    Trailing { bytes: usize },
    #[error("values are nested more than {MAX_DEPTH} deep")]
    Depth,
    #[error("more than {} elements or bytes cannot be sent", u32::MAX)]
    Length,
    #[error("the text is not UTF-8")]
    Utf8(#[source] Utf8Error),
    #[error("a number is required")]
    Number(#[source] NumberError),
    #[error("a value of open type must be a pair of its type and itself")]
    Dynamic,
    #[error("the type that the value brings cannot be read")]
    Type(#[source] TypeError),
    #[error("the refinement of an unknown value cannot be read")]
    Refinement,
    #[error("the value is not JSON")]
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
    /// The same error, seen from one step further out.
    pub(super) fn within(mut self, step: Step) -> Self {
        let steps = std::iter::once(step).chain(self.path.steps().iter().cloned());
        self.path = steps.collect();
        self
    }

    /// The same error, seen from the set around it.
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
