//! Generates random files that contain attributes, blocks, blank lines, and comments.

use crate::scrambled::Scrambled;

const DEPTH: usize = 3;

/// Generates a file from a seed.
pub(crate) fn file(seed: u64) -> String {
    let mut random = Scrambled::new(seed);
    for _ in 0..=random.below(4) {
        let kind = random.one_of(&["resource", "data", "locals", "check", "output"]);
        random.token(kind);
        for _ in 0..random.below(3) {
            random.token("\"label\"");
        }
        random.block(DEPTH);
        random.end_of_line();
    }
    random.finish()
}

impl Scrambled {
    /// Adds the braces and the content of a block.
    fn block(&mut self, depth: usize) {
        self.token("{");
        match self.below(8) {
            0 => {}
            1 => {
                self.tokens(&["only", "="]);
                self.expression(0);
            }
            _ => {
                self.end_of_line();
                self.body(depth);
            }
        }
        self.token("}");
    }

    fn body(&mut self, depth: usize) {
        for number in 0..self.below(10) {
            match self.below(8) {
                0 if depth > 0 => {
                    let kind = self.one_of(&["lifecycle", "dynamic \"x\"", "content"]);
                    self.token(kind);
                    self.block(depth - 1);
                }
                1 => {
                    self.attribute(number);
                    self.heredoc(1);
                    self.newline();
                    continue;
                }
                2 => {
                    self.attribute(number);
                    self.object(depth);
                }
                _ => {
                    self.attribute(number);
                    self.expression(depth);
                }
            }
            self.end_of_line();
        }
    }

    /// Adds a name that is unique in the body, followed by `=`.
    fn attribute(&mut self, number: usize) {
        let word = self.one_of(&["a", "name", "policy-document", "availability_zones"]);
        self.token(&format!("{word}{number}"));
        self.token("=");
    }
}
