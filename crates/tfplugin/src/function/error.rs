//! The error of a function. Source: protocol message `FunctionError`.

use super::position::ArgumentPosition;

/// Says why a function has no result.
///
/// The command lines show the text after the name of the function, or after the name of the parameter where the error is
/// about one argument. Never put an argument into the text that may be secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
#[non_exhaustive]
pub struct FunctionError {
    /// The text.
    pub text: String,
    /// The argument it is about.
    pub argument: Option<ArgumentPosition>,
}

impl FunctionError {
    /// An error about the call as a whole.
    pub fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            argument: None,
        }
    }

    /// An error about one argument.
    pub fn at(argument: ArgumentPosition, text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            argument: Some(argument),
        }
    }
}
