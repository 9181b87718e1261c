//! [`Codec`]: conversion between Rust types and values.

use tfschema::{AttributePath, Step, Value};

use crate::diagnostics::{Diagnostic, Diagnostics};

/// Error for a value that cannot be decoded into a Rust type.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}: must be {expected}, found {found}")]
#[non_exhaustive]
pub struct DecodeError {
    /// Path of the value.
    pub path: AttributePath,
    /// Kind of value that the Rust type accepts.
    pub expected: &'static str,
    /// Kind of value that was found. This is never the value itself, which can be secret.
    pub found: &'static str,
}

impl DecodeError {
    /// Returns the error for a value of an unexpected kind.
    pub fn new(path: &AttributePath, expected: &'static str, found: &Value) -> Self {
        Self {
            path: path.clone(),
            expected,
            found: found.kind(),
        }
    }

    /// Prepends `path` and `step` to the path of the error. This allows decoders to build a path only when an error occurs.
    pub(crate) fn within(self, path: &AttributePath, step: Step) -> Self {
        let steps = path.steps().iter().cloned();
        let inner = self.path.steps().iter().cloned();
        Self {
            path: steps.chain([step]).chain(inner).collect(),
            ..self
        }
    }

    /// Returns whether the value is unknown. An unknown value can be valid once it is known.
    pub fn is_unknown(&self) -> bool {
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

/// Conversion between a Rust type and a [`Value`].
pub trait Codec: Sized + Send + Sync + 'static {
    /// Decodes the value at a path.
    ///
    /// # Errors
    /// Returns an error if the value is of another kind, or if it is null or unknown and this type does not support it.
    fn decode(value: Value, path: &AttributePath) -> Result<Self, DecodeError>;

    /// Encodes the value.
    fn encode(self) -> Value;
}
