//! End-to-end tests of the provider and the examples, through the real command lines.
//!
//! The tests are in `tests/`; this crate itself holds nothing. They reach the rest of the house as binaries and paths only, through
//! [`tfharness`].
