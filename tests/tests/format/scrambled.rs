//! Sequences of tokens with random horizontal space. Must not depend on the meaning of tokens.

/// A string under construction. The same seed results in the same string on every machine.
pub(crate) struct Scrambled {
    text: String,
    state: u64,
}

impl Scrambled {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            text: String::new(),
            state: seed,
        }
    }

    pub(crate) fn finish(self) -> String {
        self.text
    }

    /// Returns a number below a limit, from a SplitMix64 generator.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.state ^ (self.state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed >> 33) % limit as u64).unwrap_or_default()
    }

    /// Returns `true` with probability 1/`times`.
    pub(crate) fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    pub(crate) fn one_of<'x>(&mut self, texts: &[&'x str]) -> &'x str {
        texts[self.below(texts.len())]
    }

    /// Adds a token after random space. The space can be empty if the tokens cannot merge.
    pub(crate) fn token(&mut self, token: &str) {
        let neighbours = self.text.chars().next_back().zip(token.chars().next());
        let needs_space = neighbours.is_some_and(|(left, right)| would_join(left, right));
        self.space(usize::from(needs_space));
        self.text.push_str(token);
    }

    pub(crate) fn tokens(&mut self, tokens: &[&str]) {
        tokens.iter().for_each(|token| self.token(token));
    }

    /// Adds a string without space.
    pub(crate) fn glued(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Ends the line.
    pub(crate) fn newline(&mut self) {
        self.space(0);
        self.text.push('\n');
        if self.once_in(12) {
            self.space(0);
            self.text.push('\n');
        }
    }

    /// Ends the line, sometimes with comments.
    pub(crate) fn end_of_line(&mut self) {
        if self.once_in(4) {
            let comment = self.one_of(&["# why", "#why  not", "// é=1", "#", "# a = { [ (", "//"]);
            self.token(comment);
            self.text.push('\n');
        } else {
            self.newline();
        }
        if self.once_in(16) {
            let comment = self.one_of(&[
                "# on its own",
                "// too",
                "/* and this */",
                "/* over\n two */",
            ]);
            self.token(comment);
            self.text.push('\n');
        }
    }

    fn space(&mut self, least: usize) {
        let most = self.one_of(&["", " ", " ", " ", "  ", "\t ", "     "]);
        let space = if most.len() < least { " " } else { most };
        self.text.push_str(space);
    }
}

/// Returns whether two adjacent characters can belong to one token.
fn would_join(left: char, right: char) -> bool {
    let wordish = |sign: char| sign.is_alphanumeric() || sign == '_' || sign == '-';
    let alone = |sign: char| "()[]{},\"\n \t".contains(sign);
    match (wordish(left), wordish(right)) {
        (true, true) => true,
        (false, false) => !alone(left) && !alone(right),
        _ => false,
    }
}
