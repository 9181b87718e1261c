//! Position of an argument in a call.

/// Zero-based position of an argument. Each variadic argument has a position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ArgumentPosition(usize);

impl ArgumentPosition {
    /// Creates the position of the argument at an index.
    pub const fn new(index: usize) -> Self {
        Self(index)
    }

    /// Returns the index.
    pub const fn index(self) -> usize {
        self.0
    }
}
