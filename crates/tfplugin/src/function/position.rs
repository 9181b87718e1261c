//! The position of an argument in a call.

/// The position of an argument, counted from zero. Variadic arguments are counted one by one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ArgumentPosition(usize);

impl ArgumentPosition {
    /// The argument at an index.
    pub const fn new(index: usize) -> Self {
        Self(index)
    }

    /// The index.
    pub const fn index(self) -> usize {
        self.0
    }
}
