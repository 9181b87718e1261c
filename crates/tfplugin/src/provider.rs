//! A provider: its configuration, its resources, and the handle through which resources reach what
//! configuration made.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Arc, RwLock};

use tfschema::{ProviderSchema, Value};

use crate::erased::{BoxFuture, Configurer, ErasedResource};
use crate::{Diagnostic, Diagnostics, Model, Resource, Warnings};

/// A provider to serve.
///
/// ```no_run
/// use tfplugin::Provider;
///
/// let provider = Provider::new("hello", "1.0.0");
/// ```
pub struct Provider {
    pub(crate) name: &'static str,
    pub(crate) version: &'static str,
    pub(crate) address: String,
    pub(crate) configurer: Configurer,
    pub(crate) resources: BTreeMap<String, Arc<dyn ErasedResource>>,
}

/// Asks for a provider to be configured.
#[non_exhaustive]
pub struct Configure<M: Model> {
    /// The configuration; during plan anything may be unknown.
    pub config: M::Plan,
    /// Version of the command line that asks.
    pub cli_version: String,
    /// Warnings for the user, also of a configuration that is refused.
    pub warnings: Warnings,
}

impl Provider {
    /// A provider of a name, such as `hello`, and its own version.
    pub fn new(name: &'static str, version: &'static str) -> Self {
        Self {
            name,
            version,
            address: format!("registry.terraform.io/{name}/{name}"),
            configurer: Configurer::none(),
            resources: BTreeMap::new(),
        }
    }

    /// The source address, for logs and for reattaching to a provider under a debugger.
    #[must_use]
    pub fn address(mut self, address: impl Into<String>) -> Self {
        self.address = address.into();
        self
    }

    /// How to make what resources work with, from the provider's configuration. It may be called again at any
    /// time; the last result counts.
    #[must_use]
    pub fn configure<M, C, F, R>(mut self, handle: &Configured<C>, configure: F) -> Self
    where
        M: Model,
        C: Send + Sync + 'static,
        F: Fn(Configure<M>) -> R + Send + Sync + 'static,
        R: Future<Output = Result<C, Diagnostics>> + Send + 'static,
    {
        let handle = handle.clone();
        self.configurer = self.configurer.configuring::<M, _, _>(move |request| {
            let client = configure(request);
            let handle = handle.clone();
            async move {
                handle.set(client.await?);
                Ok(())
            }
        });
        self
    }

    /// Checks the provider's configuration beyond the validators of single attributes.
    #[must_use]
    pub fn validate<M: Model>(mut self, validate: fn(M::Plan) -> Diagnostics) -> Self {
        self.configurer = self.configurer.validating::<M>(validate);
        self
    }

    /// Adds a kind of managed object.
    #[must_use]
    pub fn resource(mut self, resource: impl Resource) -> Self {
        let resource: Arc<dyn ErasedResource> = crate::erased::erase(resource);
        self.resources
            .insert(resource.definition().type_name.clone(), resource);
        self
    }

    /// The schemas of everything the provider serves.
    pub fn schema(&self) -> ProviderSchema {
        let resources = self.resources.iter();
        ProviderSchema {
            provider: self.configurer.definition().schema.clone(),
            resources: resources
                .map(|(name, resource)| (name.clone(), resource.definition().schema.clone()))
                .collect(),
            ..ProviderSchema::default()
        }
    }
}

/// A handle to what configuration made: the client of an API, say. Resources hold a copy of the handle.
pub struct Configured<C>(Arc<RwLock<Option<Arc<C>>>>);

impl<C> Configured<C> {
    /// A handle to nothing yet.
    pub fn new() -> Self {
        Self(Arc::default())
    }

    /// What the last configuration made.
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

    /// Puts a client in place, as configuration does; for tests of a resource by itself.
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

/// The configuration of a provider that has none.
pub(crate) fn empty_object() -> Value {
    Value::Object(BTreeMap::new())
}

/// What an erased configuration call returns.
pub(crate) type Configuring = BoxFuture<'static, Result<(), Diagnostics>>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_of_the_configuration_counts_in_either_order() {
        let refuse = |_: Value| Diagnostic::error("Refused", "Always.").into();
        let handle = Configured::<()>::new();
        let configure = |_: Configure<Value>| async { Ok(()) };
        let before = Provider::new("t", "1").validate::<Value>(refuse);
        let before = before.configure(&handle, configure);
        let after = Provider::new("t", "1").configure(&handle, configure);
        let after = after.validate::<Value>(refuse);
        for provider in [before, after] {
            assert!(provider.configurer.validate(Value::Null).has_errors());
        }
    }
}
