//! Errors returned by functions. Source: protocol message `FunctionError`.

use super::position::ArgumentPosition;

/// Error returned by a function call.
///
/// Terraform and OpenTofu display the message after the name of the function. If the error refers to an argument, they
/// display the message after the name of the parameter. The message must not contain arguments that could be secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
#[non_exhaustive]
pub struct FunctionError {
    /// Error message.
    pub text: String,
    /// Argument that caused the error. `None` if the error refers to the whole call.
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
