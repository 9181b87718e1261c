//! The one writer of this tree.
fn main() {}
