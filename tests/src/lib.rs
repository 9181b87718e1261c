//! End-to-end tests for the provider and the examples, which run the real CLIs.
//!
//! The tests are in `tests/`; this crate is empty. The tests use other components only as binaries and paths, through
//! [`tfharness`].
