//! Generates random strings and heredocs with escapes, interpolations, and directives.

use crate::scrambled::Scrambled;

const LITERALS: [&str; 14] = [
    "plain",
    "  two  words ",
    "é",
    "日本",
    "e\u{301}",
    "\\\"",
    "\\\\",
    "\\n",
    "$${ x }",
    "%%{ if }",
    "$$${ x }",
    "# no comment",
    "{ [ (",
    "a = b",
];

impl Scrambled {
    /// Adds a string without template sequences.
    pub(crate) fn text(&mut self) {
        self.token("\"");
        for _ in 0..self.below(3) {
            let literal = self.one_of(&LITERALS);
            self.glued(literal);
        }
        self.glued("\"");
    }

    /// Adds a string that contains literal text in addition to interpolations, because `fmt` rewrites a string that
    /// consists of a single interpolation.
    pub(crate) fn template(&mut self, depth: usize) {
        self.token("\"");
        for _ in 0..=self.below(3) {
            let literal = self.one_of(&LITERALS);
            self.glued(literal);
            self.glued(".");
            self.sequence(depth, "");
        }
        self.glued("\"");
    }

    /// Adds an interpolation or a directive, with content in its branches.
    fn sequence(&mut self, depth: usize, text: &str) {
        let mark = |random: &mut Self, kind| match random.once_in(4) {
            true => random.glued(&format!("{kind}{{~")),
            false => random.glued(&format!("{kind}{{")),
        };
        let end = |random: &mut Self| {
            let end = random.one_of(&["}", "}", "~}"]);
            random.token(end);
            random.glued(text);
        };
        match self.below(5) {
            0 => {
                mark(self, "%");
                self.token("if");
                self.operand(depth);
                end(self);
                mark(self, "%");
                self.token("else");
                end(self);
                mark(self, "%");
                self.token("endif");
                end(self);
            }
            1 => {
                mark(self, "%");
                self.tokens(&["for", "a", ",", "b", "in"]);
                self.operand(depth);
                end(self);
                mark(self, "%");
                self.token("endfor");
                end(self);
            }
            _ => {
                mark(self, "$");
                self.expression(depth);
                end(self);
            }
        }
    }

    /// Adds a heredoc. A line break must follow it.
    pub(crate) fn heredoc(&mut self, depth: usize) {
        let start = self.one_of(&["<<EOT\n", "<<-EOT\n"]);
        self.token(start);
        for _ in 0..self.below(4) {
            let margin = self.one_of(&["", "  ", "\t", "        "]);
            self.glued(margin);
            match self.below(3) {
                0 => self.sequence(depth.min(1), "\n  text of a branch "),
                _ => {
                    let line = self.one_of(&[
                        "plain",
                        "\"{ [ (",
                        "",
                        "$${ x } %%{ y }",
                        "# a  =  b ",
                        "EOT.",
                    ]);
                    self.glued(line);
                }
            }
            self.glued("\n");
        }
        let margin = self.one_of(&["", "", "    "]);
        self.glued(margin);
        self.glued("EOT");
    }
}
