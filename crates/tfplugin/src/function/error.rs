//! Errors of functions. Source: protocol message `FunctionError`.

use super::position::ArgumentPosition;

/// Error of a function call.
///
/// Terraform and OpenTofu display the text after the name of the function, or after the name of the parameter if the error
/// refers to an argument. The text must not contain arguments that may be secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
#[non_exhaustive]
pub struct FunctionError {
    /// Text of the error.
    pub text: String,
    /// Argument that the error refers to.
    pub argument: Option<ArgumentPosition>,
}

impl FunctionError {
    /// Creates an error that refers to the whole call.
    pub fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            argument: None,
        }
    }

    /// Creates an error that refers to an argument.
    pub fn at(argument: ArgumentPosition, text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            argument: Some(argument),
        }
    }
}
