//! Why a text cannot be formatted, and where. Must not say how to format.

use std::fmt;

/// A place in a text, both counted from one; columns are characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

impl Position {
    /// The position of a byte offset.
    pub(super) fn of(text: &str, offset: usize) -> Self {
        let before = &text[..offset];
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Self {
            line: before.matches('\n').count() + 1,
            column: before[start..].chars().count() + 1,
        }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// Why a text cannot be read as tokens of the language.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FormatError {
    /// A quoted string has no closing quote on its line.
    #[error("the string that starts at {at} has no closing quote")]
    UnterminatedString {
        /// Its opening quote.
        at: Position,
    },
    /// A heredoc has no line that holds its delimiter alone.
    #[error("the heredoc that starts at {at} has no line that is `{delimiter}`")]
    UnterminatedHeredoc {
        /// Its `<<`.
        at: Position,
        /// The word that ends it.
        delimiter: String,
    },
    /// A comment that starts with `/*` has no `*/`.
    #[error("the comment that starts at {at} has no `*/`")]
    UnterminatedComment {
        /// Its `/*`.
        at: Position,
    },
    /// A bracket, or the start of a template sequence, is never closed.
    #[error("`{bracket}` at {at} is not closed")]
    Unclosed {
        /// Where it is.
        at: Position,
        /// The bracket, or `${`, or `%{`.
        bracket: String,
    },
    /// A bracket closes none, or one of another kind.
    #[error("`{bracket}` at {at} closes nothing")]
    Unopened {
        /// Where it is.
        at: Position,
        /// The bracket.
        bracket: String,
    },
    /// A sign that the language has only in strings and comments.
    #[error("`{sign}` at {at} is not part of the language")]
    UnknownSign {
        /// Where it is.
        at: Position,
        /// The sign.
        sign: char,
    },
}
