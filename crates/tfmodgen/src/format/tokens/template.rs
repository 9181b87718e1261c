//! Literal text of strings and heredocs, up to the next template sequence or closing token.

use super::{FormatError, Kind, Open, Opened, Tokeniser};

impl Tokeniser<'_> {
    /// Reads literal text in the string that starts at an offset, and then the closing quote or the start of a template
    /// sequence.
    pub(super) fn in_quotes(&mut self, start: usize) -> Result<(), FormatError> {
        let rest = self.rest();
        let mut escaped = false;
        let end = rest.char_indices().find_map(|(at, character)| {
            let ends = !escaped && (matches!(character, '"' | '\n') || opens_template(rest, at));
            escaped = character == '\\' && !escaped;
            ends.then_some(at)
        });
        let end = end.filter(|end| !rest[*end..].starts_with('\n'));
        let Some(end) = end else {
            let open = Open {
                what: Opened::Quote,
                at: start,
            };
            return Err(open.unterminated(self.text));
        };
        self.literal(end);
        if self.rest().starts_with('"') {
            self.leave(Kind::CloseQuote, 1);
        } else {
            self.enter_template();
        }
        Ok(())
    }

    /// Reads literal text in a heredoc, and then its closing line or the start of a template sequence.
    pub(super) fn in_heredoc(&mut self, delimiter: &str) {
        let rest = self.rest();
        let mut at = 0;
        for line in rest.split_inclusive('\n') {
            let starts_line = at > 0 || self.text[..self.at].ends_with('\n');
            if starts_line && line.trim() == delimiter {
                self.literal(at);
                let line = line.strip_suffix('\n').unwrap_or(line);
                let length = line.strip_suffix('\r').unwrap_or(line).len();
                self.leave(Kind::CloseHeredoc, length);
                return;
            }
            let marks = line.match_indices(['$', '%']).map(|(mark, _)| at + mark);
            if let Some(mark) = { marks }.find(|mark| opens_template(rest, *mark)) {
                self.literal(mark);
                self.enter_template();
                return;
            }
            at += line.len();
        }
        self.literal(rest.len());
    }

    fn literal(&mut self, length: usize) {
        if length > 0 {
            self.push(Kind::Literal, length);
        }
    }

    fn enter_template(&mut self) {
        let rest = self.rest();
        let length = if rest[2..].starts_with('~') { 3 } else { 2 };
        self.enter(Kind::OpenTemplate, length, Opened::Bracket(&rest[..2]));
    }
}

/// Returns whether an unescaped `${` or `%{` starts at an offset.
fn opens_template(text: &str, at: usize) -> bool {
    let (before, rest) = text.as_bytes().split_at(at);
    match rest {
        [mark @ (b'$' | b'%'), b'{', ..] => before.last() != Some(mark),
        _ => false,
    }
}
