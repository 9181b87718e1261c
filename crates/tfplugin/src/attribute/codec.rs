//! [`Codec`]: how a Rust type is read from and written to a value.

use tfschema::{AttributePath, Step, Value};

use crate::diagnostics::{Diagnostic, Diagnostics};

/// The error for a value that does not fit a Rust type.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}: must be {expected}, found {found}")]
#[non_exhaustive]
pub struct DecodeError {
    /// Where.
    pub path: AttributePath,
    /// What the Rust type holds, in a word.
    pub expected: &'static str,
    /// The kind of value that was found; never the value itself, which may be secret.
    pub found: &'static str,
}

impl DecodeError {
    /// An error for a value that was found where something else is expected.
    pub fn new(path: &AttributePath, expected: &'static str, found: &Value) -> Self {
        Self {
            path: path.clone(),
            expected,
            found: found.kind(),
        }
    }

    /// The error of a value that stands at `step` of one at `path`, for decoders that build a path only where there is an
    /// error to tell.
    pub(crate) fn within(self, path: &AttributePath, step: Step) -> Self {
        let steps = path.steps().iter().cloned();
        let inner = self.path.steps().iter().cloned();
        Self {
            path: steps.chain([step]).chain(inner).collect(),
            ..self
        }
    }

    /// Whether the value is not known yet, so that it may turn out to be right.
    pub fn is_not_known_yet(&self) -> bool {
        self.found == Value::unknown().kind()
    }
}

impl From<DecodeError> for Diagnostic {
    fn from(error: DecodeError) -> Self {
        Diagnostic::error(
            "Invalid value",
            format!(
                "The value must be {}, but it is {}.",
                error.expected, error.found
            ),
        )
        .at(error.path)
    }
}

impl From<DecodeError> for Diagnostics {
    fn from(error: DecodeError) -> Self {
        Diagnostic::from(error).into()
    }
}

/// Reads a Rust type from a [`Value`], and writes it to one.
pub trait Codec: Sized + Send + Sync + 'static {
    /// Reads a value found at a path.
    ///
    /// # Errors
    /// The value is of another kind, or null or unknown where this type cannot hold that.
    fn decode(value: Value, path: &AttributePath) -> Result<Self, DecodeError>;

    /// Writes the value.
    fn encode(self) -> Value;
}
