//! Errors of the formatter, with their positions.

use std::fmt;

/// A position in the input. Line and column numbers start at one, and columns count characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

impl Position {
    /// Returns the position of a byte offset.
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

/// Reason why the input cannot be split into tokens.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FormatError {
    /// A quoted string has no closing quote on its line.
    #[error("the string that starts at {at} has no closing quote")]
    UnterminatedString {
        /// Position of the opening quote.
        at: Position,
    },
    /// A heredoc has no line that consists of its delimiter.
    #[error("the heredoc that starts at {at} has no closing line `{delimiter}`")]
    UnterminatedHeredoc {
        /// Position of `<<`.
        at: Position,
        /// The delimiter.
        delimiter: String,
    },
    /// A comment that starts with `/*` has no `*/`.
    #[error("the comment that starts at {at} has no closing `*/`")]
    UnterminatedComment {
        /// Position of `/*`.
        at: Position,
    },
    /// A bracket, or the start of a template sequence, is never closed.
    #[error("`{bracket}` at {at} is not closed")]
    Unclosed {
        /// Position of the character.
        at: Position,
        /// The bracket, `${`, or `%{`.
        bracket: String,
    },
    /// A closing bracket has no matching opening bracket.
    #[error("`{bracket}` at {at} has no matching opening bracket")]
    Unopened {
        /// Position of the character.
        at: Position,
        /// The bracket.
        bracket: String,
    },
    /// A character that is valid only in strings and comments appears elsewhere.
    #[error("`{character}` at {at} is not a valid character")]
    InvalidCharacter {
        /// Position of the character.
        at: Position,
        /// The character.
        character: char,
    },
}
