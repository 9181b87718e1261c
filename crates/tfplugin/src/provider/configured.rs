//! Request to configure a provider, and the handle that gives resources access to the result.

use std::sync::{Arc, RwLock};

use crate::call::Warnings;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::model::Model;

/// Request to configure the provider.
#[non_exhaustive]
pub struct Configure<M: Model> {
    /// Configuration. Any value can be unknown during planning.
    pub config: M::Plan,
    /// Version of Terraform or OpenTofu that runs the provider.
    pub cli_version: String,
    /// Warnings for the user. They are also reported if the configuration is rejected.
    pub warnings: Warnings,
}

/// Handle for the result of the configuration, such as an API client. Each resource contains a clone of the handle.
pub struct Configured<C>(Arc<RwLock<Option<Arc<C>>>>);

impl<C> Configured<C> {
    /// Creates a handle that contains no result.
    pub fn new() -> Self {
        Self(Arc::default())
    }

    /// Returns the result of the last configuration.
    ///
    /// # Errors
    /// Returns an error if the provider is not configured.
    pub fn get(&self) -> Result<Arc<C>, Diagnostics> {
        let client = self
            .0
            .read()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
            .clone();
        client.ok_or_else(|| {
            let detail = "An operation that requires the provider configuration was called before `ConfigureProvider`.";
            Diagnostic::bug("Provider is not configured", detail).into()
        })
    }

    /// Sets the result as a configuration call would, for use in unit tests.
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
