//! Extracts human-readable text from Rust files: comments and string literals. This module must not evaluate the text.

/// A comment or a string literal.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Text {
    /// One-based line number of the first character.
    pub(super) line: usize,
    /// Content without markers and quotes. Line breaks are preserved.
    pub(super) content: String,
}

/// Returns the comments and literals in a Rust file. Line comments on consecutive lines are combined.
pub(super) fn of_rust(source: &str) -> Vec<Text> {
    let mut scanner = Scanner {
        rest: source,
        line: 1,
        comment_until: 0,
        texts: Vec::new(),
    };
    while !scanner.rest.is_empty() {
        scanner.step();
    }
    scanner.texts
}

struct Scanner<'a> {
    rest: &'a str,
    line: usize,
    /// Last line of the most recent item, if that item is a line comment.
    comment_until: usize,
    texts: Vec<Text>,
}

impl<'a> Scanner<'a> {
    /// Reads the next comment, literal, word, or character.
    fn step(&mut self) {
        let until = |end: &str| self.rest.find(end).unwrap_or(self.rest.len());
        if self.rest.starts_with("//") {
            self.comment(until("\n"));
        } else if self.rest.starts_with("/*") {
            self.take((until("*/") + 2).min(self.rest.len()));
        } else if let Some(hashes) = raw_string(self.rest) {
            let close = format!("\"{}", "#".repeat(hashes));
            self.take(hashes + 2);
            self.literal(self.rest.find(&close), close.len());
        } else if self.rest.starts_with('"') {
            self.take(1);
            self.literal(end_of_string(self.rest), 1);
        } else if let Some(length) = character(self.rest) {
            self.take(length);
        } else {
            let first = self.rest.chars().next().map_or(0, char::len_utf8);
            let word = |sign: char| !sign.is_alphanumeric() && sign != '_';
            self.take(self.rest.find(word).unwrap_or(first).max(first));
        }
    }

    fn comment(&mut self, length: usize) {
        let line = self.line;
        let content = self
            .take(length)
            .trim_start_matches('/')
            .trim_start_matches('!')
            .trim();
        match self.texts.last_mut() {
            Some(last) if self.comment_until + 1 == line => {
                last.content.push('\n');
                last.content.push_str(content);
            }
            _ => self.texts.push(Text {
                line,
                content: content.to_owned(),
            }),
        }
        self.comment_until = line;
    }

    /// Adds a string literal up to `end`, and skips its closing quote.
    fn literal(&mut self, end: Option<usize>, close: usize) {
        let line = self.line;
        let content = self.take(end.unwrap_or(self.rest.len())).to_owned();
        self.take(close.min(self.rest.len()));
        self.comment_until = 0;
        self.texts.push(Text { line, content });
    }

    fn take(&mut self, length: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(length);
        self.rest = rest;
        self.line += taken.matches('\n').count();
        taken
    }
}

/// Returns the number of hashes if the source starts with a raw string.
fn raw_string(source: &str) -> Option<usize> {
    let rest = source.strip_prefix('r')?;
    let hashes = rest.len() - rest.trim_start_matches('#').len();
    rest[hashes..].starts_with('"').then_some(hashes)
}

/// Returns the position of the quote that closes a string.
fn end_of_string(source: &str) -> Option<usize> {
    let mut escaped = false;
    source.char_indices().find_map(|(at, sign)| {
        let closes = sign == '"' && !escaped;
        escaped = sign == '\\' && !escaped;
        closes.then_some(at)
    })
}

/// Returns the length of a character literal at the start. A lifetime is not a character literal.
fn character(source: &str) -> Option<usize> {
    let inner = source.strip_prefix('\'')?;
    let first = inner.chars().next()?;
    let skipped = match first {
        '\\' => 1 + inner[1..].chars().next()?.len_utf8(),
        _ => first.len_utf8(),
    };
    let end = inner[skipped..].find('\'')?;
    (first == '\\' || end == 0).then_some(skipped + end + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_literals_are_extracted_with_their_lines() {
        let source = "//! One\n//! two.\n\nfn f<'a>() { g('\"', '\\'', \"three \\\" four\"); } // five\n\
            const R: &str = r#\"six \" seven\"#;\n// eight\n/* nine */ let x = \"ten\";\n";
        let found = of_rust(source);
        let found: Vec<_> = found
            .iter()
            .map(|text| (text.line, text.content.as_str()))
            .collect();
        assert_eq!(
            found,
            [
                (1, "One\ntwo."),
                (4, "three \\\" four"),
                (4, "five"),
                (5, "six \" seven"),
                (6, "eight"),
                (7, "ten"),
            ]
        );
    }
}
