//! Measures how fast a provider process answers.
fn main() {}
