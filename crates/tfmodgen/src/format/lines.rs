//! Logical lines. A string, comment, or heredoc that spans several lines belongs to one logical line. This module must
//! not determine spacing.

use super::tokens::{Kind, Token};

/// The tokens of a line.
#[derive(Clone, Copy)]
pub(super) struct Line<'t, 'a> {
    /// Everything before the trailing comment.
    pub(super) code: &'t [Token<'a>],
    /// The `#` or `//` comment that ends the line.
    pub(super) comment: Option<&'a str>,
    /// The line break from the source, or a line feed if the last line has none.
    pub(super) newline: &'a str,
}

/// Splits tokens into lines.
pub(super) fn split<'t, 'a>(tokens: &'t [Token<'a>]) -> impl Iterator<Item = Line<'t, 'a>> {
    tokens
        .split_inclusive(|token| token.kind == Kind::Newline)
        .map(Line::of)
}

impl<'t, 'a> Line<'t, 'a> {
    fn of(tokens: &'t [Token<'a>]) -> Self {
        let (code, newline) = split_last(tokens, Kind::Newline);
        let (code, comment) = split_last(code, Kind::LineComment);
        Self {
            code,
            comment,
            newline: newline.unwrap_or("\n"),
        }
    }

    /// Splits the line before the first `=`. Returns `None` if the line has no `=` or if the brackets after it are not
    /// balanced.
    pub(super) fn assignment(&self) -> Option<(&'t [Token<'a>], &'t [Token<'a>])> {
        let at = self
            .code
            .iter()
            .position(|token| token.kind == Kind::Assign)?;
        let (name, value) = self.code.split_at(at);
        (balance(value) == 0).then_some((name, value))
    }

    /// Returns the number of brackets that the line opens minus the number that it closes. Tokens after the start of a
    /// heredoc do not count.
    pub(super) fn opened(&self) -> isize {
        let heredoc = |token: &Token<'_>| token.kind == Kind::OpenHeredoc;
        let end = self.code.iter().position(heredoc);
        balance(&self.code[..end.unwrap_or(self.code.len())])
    }
}

/// Splits off the last token if it has the specified kind.
fn split_last<'t, 'a>(tokens: &'t [Token<'a>], kind: Kind) -> (&'t [Token<'a>], Option<&'a str>) {
    match tokens.split_last() {
        Some((last, before)) if last.kind == kind => (before, Some(last.text)),
        _ => (tokens, None),
    }
}

fn balance(tokens: &[Token<'_>]) -> isize {
    let change = |token: &Token<'_>| match token.kind {
        Kind::OpenBrace | Kind::OpenBracket | Kind::OpenParenthesis | Kind::OpenTemplate => 1,
        Kind::CloseBrace | Kind::CloseBracket | Kind::CloseParenthesis | Kind::CloseTemplate => -1,
        _ => 0,
    };
    tokens.iter().map(change).sum()
}
