//! End-to-end tests of the provider and the examples, through the real command lines.
//!
//! The tests are in `tests/`; this crate is empty. They use the other components only as binaries and paths, through
//! [`tfharness`].
