//! Entries in the tables of a provider: types that are built when they are first used.
//!
//! A provider with a large schema at run time would otherwise build every type in every process, although a process uses
//! only some of them.

use std::sync::OnceLock;

use crate::diagnostics::Diagnostics;

type Build<T> = Box<dyn Fn() -> Result<T, Diagnostics> + Send + Sync>;

/// Type that is built when it is first used.
pub(crate) enum Entry<T> {
    /// Type that exists.
    Built(T),
    /// Function that builds the type, and its result after the first use.
    Lazy(Build<T>, OnceLock<Result<T, Diagnostics>>),
}

impl<T: Clone> Entry<T> {
    /// Creates an entry for a type that the function builds.
    pub(super) fn lazy(build: impl Fn() -> Result<T, Diagnostics> + Send + Sync + 'static) -> Self {
        Self::Lazy(Box::new(build), OnceLock::new())
    }

    /// Returns the type, and builds it first if necessary.
    ///
    /// # Errors
    /// Returns an error if the type cannot be built.
    pub(crate) fn get(&self) -> Result<T, Diagnostics> {
        match self {
            Self::Built(built) => Ok(built.clone()),
            Self::Lazy(build, built) => built.get_or_init(build).clone(),
        }
    }

    /// Returns the type without storing it, because the process might not use it again.
    ///
    /// # Errors
    /// Returns an error if the type cannot be built.
    pub(crate) fn get_once(&self) -> Result<T, Diagnostics> {
        match self {
            Self::Lazy(build, built) => match built.get() {
                Some(built) => built.clone(),
                None => build(),
            },
            Self::Built(_) => self.get(),
        }
    }
}
