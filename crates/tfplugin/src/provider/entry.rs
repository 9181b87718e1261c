//! Entries in the tables of a provider: types that are built when they are first used.
//!
//! A provider with a large schema at run time would otherwise build every type in every process, although a process uses
//! only some of them.

use std::sync::LazyLock;

use crate::diagnostics::Diagnostics;

type Build<T> = Box<dyn FnOnce() -> Result<T, Diagnostics> + Send>;

/// Type that is built when it is first used.
pub(crate) struct Entry<T>(LazyLock<Result<T, Diagnostics>, Build<T>>);

impl<T: Clone + Send + 'static> Entry<T> {
    /// Creates an entry for a type that exists.
    pub(super) fn of(value: T) -> Self {
        Self::lazy(move || Ok(value))
    }

    /// Creates an entry for a type that the function builds.
    pub(super) fn lazy(build: impl FnOnce() -> Result<T, Diagnostics> + Send + 'static) -> Self {
        Self(LazyLock::new(Box::new(build)))
    }

    /// Returns the type, and builds it first if necessary.
    ///
    /// # Errors
    /// Returns an error if the type cannot be built.
    pub(crate) fn get(&self) -> Result<T, Diagnostics> {
        (*self.0).clone()
    }
}
