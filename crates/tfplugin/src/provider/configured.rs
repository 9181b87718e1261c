//! The request to configure a provider, and the handle through which its kinds reach the result.

use std::sync::{Arc, RwLock};

use crate::call::Warnings;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::model::Model;

/// A request to configure the provider.
#[non_exhaustive]
pub struct Configure<M: Model> {
    /// The configuration; during plan anything may be unknown.
    pub config: M::Plan,
    /// Version of the command line.
    pub cli_version: String,
    /// Warnings for the user, also of a configuration that is refused.
    pub warnings: Warnings,
}

/// A handle to the result of the configuration, such as the client of an API. Resources hold a copy of the handle.
pub struct Configured<C>(Arc<RwLock<Option<Arc<C>>>>);

impl<C> Configured<C> {
    /// A handle to nothing yet.
    pub fn new() -> Self {
        Self(Arc::default())
    }

    /// Returns the result of the last configuration.
    ///
    /// # Errors
    /// The provider was not configured yet.
    pub fn get(&self) -> Result<Arc<C>, Diagnostics> {
        let client = self
            .0
            .read()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
            .clone();
        client.ok_or_else(|| {
            let detail = "An operation that needs the provider's configuration came before it.";
            Diagnostic::bug("The provider is not configured", detail).into()
        })
    }

    /// Sets a client as the configuration does, for a unit test.
    pub fn set(&self, client: C) {
        *self
            .0
            .write()
            .unwrap_or_else(|poisoned| poisoned.into_inner()) = Some(Arc::new(client));
    }
}

impl<C> Clone for Configured<C> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<C> Default for Configured<C> {
    fn default() -> Self {
        Self::new()
    }
}
