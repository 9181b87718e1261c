//! Position of an argument in a function call.

/// Zero-based position of an argument. Each variadic argument has a separate position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ArgumentPosition(usize);

impl ArgumentPosition {
    /// Creates a position from an index.
    pub const fn new(index: usize) -> Self {
        Self(index)
    }

    /// Returns the index.
    pub const fn index(self) -> usize {
        self.0
    }
}
