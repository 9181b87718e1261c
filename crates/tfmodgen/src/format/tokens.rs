//! Splits the input into tokens, including templates and heredocs. This module must not check the grammar.

mod code;
mod template;

use super::error::{FormatError, Position};

/// Kind of a token, as far as it affects spacing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A line break outside strings and heredocs.
    Newline,
    /// `#` or `//` and the rest of the line.
    LineComment,
    /// `/*` to `*/`, over any number of lines.
    BlockComment,
    /// An identifier or a keyword.
    Word,
    Number,
    OpenBrace,
    CloseBrace,
    OpenBracket,
    CloseBracket,
    OpenParenthesis,
    CloseParenthesis,
    OpenQuote,
    CloseQuote,
    /// `<<WORD` or `<<-WORD` with its line break.
    OpenHeredoc,
    /// The line that ends a heredoc, without its line break.
    CloseHeredoc,
    /// `${` or `%{`, with an optional `~`.
    OpenTemplate,
    /// The `}` of a template sequence, with an optional `~`.
    CloseTemplate,
    /// Literal text in a string or heredoc.
    Literal,
    /// `=`.
    Assign,
    /// `=>`.
    Arrow,
    Comma,
    /// `.` or `::`.
    Dot,
    Colon,
    Question,
    Ellipsis,
    Not,
    /// `-`, unary or binary.
    Minus,
    /// Any other binary operator, and the `*` of a splat.
    Operator,
}

/// A token in the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind,
    pub(super) text: &'a str,
}

/// Splits the input into tokens. Only horizontal whitespace separates them.
pub(super) fn tokenise(text: &str) -> Result<Vec<Token<'_>>, FormatError> {
    let mut tokeniser = Tokeniser {
        text,
        at: 0,
        tokens: Vec::new(),
        open: Vec::new(),
    };
    while tokeniser.step()? {}
    match tokeniser.open.pop() {
        None => Ok(tokeniser.tokens),
        Some(open) => Err(open.unterminated(text)),
    }
}

/// A construct that is not yet closed.
#[derive(Clone, Copy)]
struct Open<'a> {
    what: Opened<'a>,
    /// Offset of the first byte.
    at: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Opened<'a> {
    /// The opening token of a bracket or template sequence.
    Bracket(&'a str),
    Quote,
    Heredoc {
        delimiter: &'a str,
    },
}

impl Open<'_> {
    fn unterminated(self, text: &str) -> FormatError {
        let at = Position::of(text, self.at);
        match self.what {
            Opened::Bracket(bracket) => FormatError::Unclosed {
                at,
                bracket: bracket.to_owned(),
            },
            Opened::Quote => FormatError::UnterminatedString { at },
            Opened::Heredoc { delimiter } => FormatError::UnterminatedHeredoc {
                at,
                delimiter: delimiter.to_owned(),
            },
        }
    }
}

struct Tokeniser<'a> {
    text: &'a str,
    /// Offset of the first byte after the last token.
    at: usize,
    tokens: Vec<Token<'a>>,
    /// Constructs that are open at that byte, innermost last.
    open: Vec<Open<'a>>,
}

impl<'a> Tokeniser<'a> {
    /// Reads one or more tokens. Returns false at the end of the input.
    fn step(&mut self) -> Result<bool, FormatError> {
        if self.rest().is_empty() {
            return Ok(false);
        }
        match self.open.last() {
            Some(&Open {
                what: Opened::Quote,
                at,
            }) => self.in_quotes(at)?,
            Some(&Open {
                what: Opened::Heredoc { delimiter },
                ..
            }) => self.in_heredoc(delimiter),
            _ => self.in_code()?,
        }
        Ok(true)
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    /// Adds the next bytes as a token.
    fn push(&mut self, kind: Kind, length: usize) {
        let text = &self.rest()[..length];
        self.at += length;
        self.tokens.push(Token { kind, text });
    }

    /// Adds the next bytes as an opening token.
    fn enter(&mut self, kind: Kind, length: usize, what: Opened<'a>) {
        self.open.push(Open { what, at: self.at });
        self.push(kind, length);
    }

    /// Adds the next bytes as a token that closes the innermost construct.
    fn leave(&mut self, kind: Kind, length: usize) {
        self.open.pop();
        self.push(kind, length);
    }

    fn position(&self) -> Position {
        Position::of(self.text, self.at)
    }
}
