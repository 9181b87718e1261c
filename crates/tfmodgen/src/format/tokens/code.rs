//! Tokens outside strings and heredocs, and in template sequences.

use super::{FormatError, Kind, Opened, Tokeniser};

/// Operators, punctuation, and line breaks, without brackets. Longer tokens precede their prefixes.
const PUNCTUATION: [(&str, Kind); 24] = [
    ("...", Kind::Ellipsis),
    ("::", Kind::Dot),
    ("=>", Kind::Arrow),
    ("==", Kind::Operator),
    ("!=", Kind::Operator),
    ("<=", Kind::Operator),
    (">=", Kind::Operator),
    ("&&", Kind::Operator),
    ("||", Kind::Operator),
    ("\r\n", Kind::Newline),
    ("\n", Kind::Newline),
    ("=", Kind::Assign),
    (",", Kind::Comma),
    (".", Kind::Dot),
    (":", Kind::Colon),
    ("?", Kind::Question),
    ("!", Kind::Not),
    ("-", Kind::Minus),
    ("+", Kind::Operator),
    ("*", Kind::Operator),
    ("/", Kind::Operator),
    ("%", Kind::Operator),
    ("<", Kind::Operator),
    (">", Kind::Operator),
];

impl<'a> Tokeniser<'a> {
    /// Reads the next token of code, or skips whitespace.
    pub(super) fn in_code(&mut self) -> Result<(), FormatError> {
        let rest = self.rest();
        let space = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        if space > 0 {
            self.at += space;
            return Ok(());
        }
        if self.comment()? || self.bracket()? || self.text() || self.word() {
            return Ok(());
        }
        if let Some((text, kind)) = PUNCTUATION.iter().find(|(text, _)| rest.starts_with(text)) {
            self.push(*kind, text.len());
            return Ok(());
        }
        Err(FormatError::InvalidCharacter {
            at: self.position(),
            character: rest.chars().next().unwrap_or_default(),
        })
    }

    fn comment(&mut self) -> Result<bool, FormatError> {
        let rest = self.rest();
        if rest.starts_with('#') || rest.starts_with("//") {
            let line = rest.split('\n').next().unwrap_or(rest);
            let length = line.strip_suffix('\r').unwrap_or(line).len();
            self.push(Kind::LineComment, length);
            return Ok(true);
        }
        if !rest.starts_with("/*") {
            return Ok(false);
        }
        match rest[2..].find("*/") {
            Some(end) => self.push(Kind::BlockComment, end + 4),
            None => {
                return Err(FormatError::UnterminatedComment {
                    at: self.position(),
                });
            }
        }
        Ok(true)
    }

    fn bracket(&mut self) -> Result<bool, FormatError> {
        let rest = self.rest();
        let innermost = match self.open.last().map(|open| open.what) {
            Some(Opened::Bracket(bracket)) => bracket,
            _ => "",
        };
        let template = innermost.starts_with(['$', '%']);
        let (closes, kind) = match rest.as_bytes()[0] {
            b'{' => return Ok(self.opening(Kind::OpenBrace)),
            b'[' => return Ok(self.opening(Kind::OpenBracket)),
            b'(' => return Ok(self.opening(Kind::OpenParenthesis)),
            b'~' if template && rest.starts_with("~}") => {
                self.leave(Kind::CloseTemplate, 2);
                return Ok(true);
            }
            b'}' if template => (innermost, Kind::CloseTemplate),
            b'}' => ("{", Kind::CloseBrace),
            b']' => ("[", Kind::CloseBracket),
            b')' => ("(", Kind::CloseParenthesis),
            _ => return Ok(false),
        };
        if innermost != closes {
            return Err(FormatError::Unopened {
                at: self.position(),
                bracket: rest[..1].to_owned(),
            });
        }
        self.leave(kind, 1);
        Ok(true)
    }

    fn opening(&mut self, kind: Kind) -> bool {
        self.enter(kind, 1, Opened::Bracket(&self.rest()[..1]));
        true
    }

    /// Reads the start of a string or heredoc.
    fn text(&mut self) -> bool {
        let rest = self.rest();
        if rest.starts_with('"') {
            self.enter(Kind::OpenQuote, 1, Opened::Quote);
            return true;
        }
        let Some(after) = rest.strip_prefix("<<") else {
            return false;
        };
        let after = after.strip_prefix('-').unwrap_or(after);
        let delimiter = &after[..word_length(after)];
        let line = after[delimiter.len()..].split_inclusive('\n').next();
        let (false, Some(newline @ ("\n" | "\r\n"))) = (delimiter.is_empty(), line) else {
            return false;
        };
        let length = rest.len() - after.len() + delimiter.len() + newline.len();
        self.enter(Kind::OpenHeredoc, length, Opened::Heredoc { delimiter });
        true
    }

    fn word(&mut self) -> bool {
        let rest = self.rest();
        let (kind, length) = match word_length(rest) {
            0 => (Kind::Number, number_length(rest)),
            length => (Kind::Word, length),
        };
        if length > 0 {
            self.push(kind, length);
        }
        length > 0
    }
}

/// Returns the byte length of the identifier at the start of a string. All non-ASCII characters count as letters.
fn word_length(text: &str) -> usize {
    let starts = |character: char| {
        character.is_ascii_alphabetic() || character == '_' || !character.is_ascii()
    };
    if !text.starts_with(starts) {
        return 0;
    }
    let continues =
        |character: char| starts(character) || character.is_ascii_digit() || character == '-';
    text.find(|character| !continues(character))
        .unwrap_or(text.len())
}

/// Returns the byte length of the number at the start of a string: digits, a fraction, and an exponent.
fn number_length(text: &str) -> usize {
    let digits = |from: usize| {
        let rest = text.get(from..).unwrap_or_default();
        rest.len()
            - rest
                .trim_start_matches(|character: char| character.is_ascii_digit())
                .len()
    };
    let mut length = digits(0);
    if length == 0 {
        return 0;
    }
    if text[length..].starts_with('.') && digits(length + 1) > 0 {
        length += 1 + digits(length + 1);
    }
    if text[length..].starts_with(['e', 'E']) {
        let sign = usize::from(text[length + 1..].starts_with(['+', '-']));
        let exponent = digits(length + 1 + sign);
        if exponent > 0 {
            length += 1 + sign + exponent;
        }
    }
    length
}
