//! Spaces between the tokens of a line.

use super::tokens::{Kind, Token};

/// Joins the tokens into a formatted line.
pub(super) fn spaced(tokens: &[Token<'_>]) -> String {
    let mut text = String::new();
    let mut sign = false;
    for (at, token) in tokens.iter().enumerate() {
        let before = at.checked_sub(1).map(|before| tokens[before]);
        if before.is_some_and(|before| !sign && apart(before, *token)) {
            text.push(' ');
        }
        sign = token.kind == Kind::Minus && is_sign_after(before);
        text.push_str(token.text);
    }
    text
}

/// Returns whether a minus after this token is unary.
fn is_sign_after(before: Option<Token<'_>>) -> bool {
    before.is_none_or(|before| {
        matches!(
            before.kind,
            Kind::OpenBrace
                | Kind::OpenBracket
                | Kind::OpenParenthesis
                | Kind::Assign
                | Kind::Comma
                | Kind::Colon
                | Kind::Question
                | Kind::Not
                | Kind::Minus
                | Kind::Operator
        )
    })
}

/// Returns whether a space separates two neighboring tokens. The left token must not be a unary minus. The first
/// matching rule applies.
fn apart(left: Token<'_>, right: Token<'_>) -> bool {
    use Kind::{
        CloseBrace, CloseBracket, CloseHeredoc, CloseParenthesis, CloseQuote, CloseTemplate, Comma,
        Dot, Ellipsis, Literal, Not, Number, OpenBrace, OpenBracket, OpenHeredoc, OpenParenthesis,
        OpenQuote, OpenTemplate, Word,
    };
    match (left.kind, right.kind) {
        // The content of strings and heredocs must not change.
        (OpenQuote | OpenHeredoc | Literal, _) | (_, CloseQuote | CloseHeredoc | Literal) => false,
        (CloseTemplate, OpenTemplate) => false,
        (Dot, _) | (_, Dot | Comma | Ellipsis) => false,
        (Comma, _) => true,
        (Not, _) => false,
        (Word, OpenParenthesis) => false,
        (OpenParenthesis | OpenBracket, _) | (_, CloseParenthesis | CloseBracket) => false,
        (OpenBrace, CloseBrace) => false,
        (OpenBrace, _) | (_, CloseBrace) => true,
        (OpenTemplate, OpenBrace) | (CloseBrace, CloseTemplate) => true,
        (OpenTemplate, _) | (_, CloseTemplate) => false,
        // `[` starts an index, except after `in`, as in `for x in [1]`.
        (Word, OpenBracket) => left.text == "in",
        (Number | CloseParenthesis | CloseBracket | CloseBrace, OpenBracket) => false,
        _ => true,
    }
}
