//! Cuts a text into tokens, templates and heredocs included. Must not judge whether they make sense together.

mod code;
mod template;

use super::error::{FormatError, Position};

/// What a token is, as far as spaces depend on it.
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
    /// `${` or `%{`, with `~` if it is there.
    OpenTemplate,
    /// The `}` of a template sequence, with `~` if it is there.
    CloseTemplate,
    /// Text between the marks of a string or heredoc.
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
    /// `-`, with one operand or two.
    Minus,
    /// Any other operator with two operands, and the `*` of a splat.
    Operator,
}

/// A piece of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind,
    pub(super) text: &'a str,
}

/// Cuts a text into tokens; what lies between them is horizontal space.
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

/// Something that was opened and is not closed yet.
#[derive(Clone, Copy)]
struct Open<'a> {
    what: Opened<'a>,
    /// Offset of its first byte.
    at: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Opened<'a> {
    /// A bracket or template sequence, as it is written.
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
    /// Offset of the first byte that is in no token yet.
    at: usize,
    tokens: Vec<Token<'a>>,
    /// What surrounds that byte, the innermost last.
    open: Vec<Open<'a>>,
}

impl<'a> Tokeniser<'a> {
    /// Reads on by a token or a few; false at the end of the text.
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

    /// Takes the next bytes as a token.
    fn push(&mut self, kind: Kind, length: usize) {
        let text = &self.rest()[..length];
        self.at += length;
        self.tokens.push(Token { kind, text });
    }

    /// Takes the next bytes as a token that opens something.
    fn enter(&mut self, kind: Kind, length: usize, what: Opened<'a>) {
        self.open.push(Open { what, at: self.at });
        self.push(kind, length);
    }

    /// Takes the next bytes as a token that closes what was opened last.
    fn leave(&mut self, kind: Kind, length: usize) {
        self.open.pop();
        self.push(kind, length);
    }

    fn position(&self) -> Position {
        Position::of(self.text, self.at)
    }
}
