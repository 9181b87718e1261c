//! Generates random expressions on one or more lines, with every construct that a generator prints.

use crate::scrambled::Scrambled;

const WORDS: [&str; 9] = [
    "a",
    "key",
    "value",
    "var",
    "local",
    "zone-b",
    "each",
    "very_long_name",
    "x1",
];
const OPERATORS: [&str; 13] = [
    "+", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">=", "&&", "||",
];

impl Scrambled {
    /// Adds an expression with a maximum depth.
    pub(crate) fn expression(&mut self, depth: usize) {
        if self.once_in(40) {
            self.token("/* c */");
        }
        match (depth, self.below(14)) {
            (0, _) | (_, 0..=4) => self.operand(depth),
            (_, 5) => self.conditional(depth - 1, false),
            (_, 6) => self.operation(depth - 1, false),
            (_, 7 | 8) => self.list(depth - 1),
            (_, 9 | 10) => self.object(depth - 1),
            (_, 11) => self.list_of_each(depth - 1),
            (_, 12) => self.object_of_each(depth - 1),
            _ => self.template(depth - 1),
        }
        if self.once_in(40) {
            self.token("/* c */");
        }
    }

    /// Adds an expression that can be used as an operand.
    pub(crate) fn operand(&mut self, depth: usize) {
        match (depth, self.below(9)) {
            (0, 0..=4) | (_, 0) => self.reference(),
            (0, _) | (_, 1) => self.constant(),
            (_, 2 | 3) => self.call(depth - 1),
            (_, 4) => self.parenthesised(depth - 1),
            (_, 5) => self.unary(depth - 1),
            (_, 6) => self.element(depth - 1),
            (_, 7) => self.list(depth - 1),
            _ => self.text(),
        }
    }

    pub(crate) fn word(&mut self) {
        let word = self.one_of(&WORDS);
        self.token(word);
    }

    fn reference(&mut self) {
        self.word();
        for _ in 0..self.below(3) {
            self.token(".");
            self.word();
        }
    }

    fn constant(&mut self) {
        let constant = self.one_of(&["0", "1", "12.50", "1e5", "2.5E-10", "true", "false", "null"]);
        self.token(constant);
    }

    fn list(&mut self, depth: usize) {
        self.token("[");
        self.items(depth);
        self.token("]");
    }

    fn call(&mut self, depth: usize) {
        if self.once_in(5) {
            self.tokens(&["provider", "::", "skreg", "::"]);
        }
        self.tokens(&["merge", "("]);
        if self.once_in(6) {
            self.reference();
            self.token("...");
        } else {
            self.items(depth);
        }
        self.token(")");
    }

    /// Adds comma-separated expressions: on one line, one per line, or mixed.
    fn items(&mut self, depth: usize) {
        let breaks = self.one_of(&["never", "never", "always", "sometimes"]);
        let line = |random: &mut Self| {
            if breaks == "always" || breaks == "sometimes" && random.once_in(2) {
                random.end_of_line();
            }
        };
        line(self);
        let count = self.below(4);
        for item in 0..count {
            if breaks == "always" && self.once_in(10) {
                self.heredoc(depth);
                self.newline();
            } else if self.once_in(10) {
                self.token("\"");
                self.glued("${");
                self.expression(depth);
                self.token("}");
                self.glued("\"");
            } else {
                self.expression(depth);
            }
            if item + 1 < count || self.once_in(if breaks == "always" { 2 } else { 9 }) {
                self.token(",");
            }
            line(self);
        }
    }

    pub(crate) fn object(&mut self, depth: usize) {
        let lines = self.once_in(2);
        self.token("{");
        if lines {
            self.end_of_line();
        }
        let count = self.below(5);
        for entry in 0..count {
            self.key(depth);
            let sign = self.one_of(&["=", "=", "=", ":"]);
            self.token(sign);
            self.expression(depth);
            let comma = if lines {
                self.once_in(5)
            } else {
                entry + 1 < count || self.once_in(9)
            };
            if comma {
                self.token(",");
            }
            if lines || comma && self.once_in(8) {
                self.end_of_line();
            }
        }
        self.token("}");
    }

    fn key(&mut self, depth: usize) {
        match self.below(8) {
            0 => self.text(),
            1 => self.template(0),
            2 => {
                self.token("(");
                self.expression(depth.min(1));
                self.token(")");
            }
            _ => self.word(),
        }
    }

    fn parenthesised(&mut self, depth: usize) {
        self.token("(");
        let lines = self.once_in(2);
        if lines {
            self.end_of_line();
        }
        match self.below(3) {
            0 => self.conditional(depth, lines),
            1 => self.operation(depth, lines),
            _ => self.expression(depth),
        }
        if lines && self.once_in(2) {
            self.end_of_line();
        }
        self.token(")");
    }

    fn conditional(&mut self, depth: usize, lines: bool) {
        self.operand(depth);
        for sign in ["?", ":"] {
            if lines {
                self.end_of_line();
            }
            self.token(sign);
            self.expression(depth);
        }
    }

    fn operation(&mut self, depth: usize, lines: bool) {
        self.operand(depth);
        for _ in 0..=self.below(2) {
            if lines {
                self.end_of_line();
            }
            let operator = self.one_of(&OPERATORS);
            self.token(operator);
            self.operand(depth);
        }
    }

    fn unary(&mut self, depth: usize) {
        let sign = self.one_of(&["-", "!"]);
        self.token(sign);
        self.operand(depth);
    }

    /// Adds an attribute access, an index, or a splat.
    fn element(&mut self, depth: usize) {
        match self.below(4) {
            0 => self.call(depth),
            1 => self.parenthesised(depth),
            2 => self.list(depth),
            _ => self.reference(),
        }
        if self.once_in(5) {
            self.tokens(&[".", "*", ".", "id"]);
            return;
        }
        for _ in 0..=self.below(3) {
            match self.below(6) {
                0 => self.tokens(&["[", "*", "]"]),
                1 => self.tokens(&[".", "id"]),
                2 => self.tokens(&[".", "0", "[", "1", "]"]),
                _ => {
                    self.token("[");
                    self.index(depth);
                    self.token("]");
                }
            }
        }
    }

    /// Adds a valid index. Both CLIs remove an index of `true`, `false`, or `null` when they format.
    fn index(&mut self, depth: usize) {
        match self.below(5) {
            0 => self.text(),
            1 => self.token("0"),
            2 => self.call(depth),
            3 => self.operation(depth, false),
            _ => self.reference(),
        }
    }

    fn list_of_each(&mut self, depth: usize) {
        let lines = self.once_in(3);
        self.token("[");
        self.each(depth, lines);
        self.expression(depth);
        self.only(depth, lines);
        self.token("]");
    }

    fn object_of_each(&mut self, depth: usize) {
        let lines = self.once_in(3);
        self.token("{");
        self.each(depth, lines);
        self.operand(depth);
        self.token("=>");
        self.expression(depth);
        if self.once_in(4) {
            self.token("...");
        }
        self.only(depth, lines);
        self.token("}");
    }

    fn each(&mut self, depth: usize, lines: bool) {
        if lines {
            self.end_of_line();
        }
        let names: [&[&str]; 2] = [&["for", "v", "in"], &["for", "k", ",", "v", "in"]];
        let names = names[self.below(2)];
        self.tokens(names);
        self.operand(depth);
        self.token(":");
        if lines && self.once_in(2) {
            self.end_of_line();
        }
    }

    fn only(&mut self, depth: usize, lines: bool) {
        if self.once_in(3) {
            if lines {
                self.end_of_line();
            }
            self.token("if");
            self.operand(depth);
        }
        if lines {
            self.end_of_line();
        }
    }
}
