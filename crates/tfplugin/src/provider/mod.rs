//! Providers: the configuration, and the resources, data sources, ephemeral resources, and functions that a provider serves.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::future::Future;

use tfschema::{ProviderSchema, Schema, Value};

use crate::data_source::{DataSource, DataSourceType};
use crate::diagnostics::Diagnostics;
use crate::ephemeral::{EphemeralResource, EphemeralType};
use crate::erased::Described;
use crate::function::{Function, FunctionType};
use crate::model::{Definition, Model};
use crate::resource::{Resource, ResourceType};

mod configured;
mod configurer;
mod entry;

pub use configured::{Configure, Configured};

pub(crate) use entry::Entry;

use configurer::Configurer;

/// Provider that the framework serves.
///
/// ```no_run
/// use tfplugin::Provider;
///
/// let provider = Provider::new("hello", "1.0.0");
/// ```
pub struct Provider {
    pub(crate) name: Cow<'static, str>,
    pub(crate) version: Cow<'static, str>,
    pub(crate) address: String,
    pub(crate) configurer: Configurer,
    pub(crate) resources: BTreeMap<String, Entry<ResourceType>>,
    pub(crate) data_sources: BTreeMap<String, Entry<DataSourceType>>,
    pub(crate) ephemeral_resources: BTreeMap<String, Entry<EphemeralType>>,
    pub(crate) functions: BTreeMap<String, Entry<FunctionType>>,
}

impl Provider {
    /// Creates a provider with a name such as `hello` and a version.
    pub fn new(name: impl Into<Cow<'static, str>>, version: impl Into<Cow<'static, str>>) -> Self {
        let name = name.into();
        Self {
            address: format!("registry.terraform.io/{name}/{name}"),
            name,
            version: version.into(),
            configurer: Configurer::none(),
            resources: BTreeMap::new(),
            data_sources: BTreeMap::new(),
            ephemeral_resources: BTreeMap::new(),
            functions: BTreeMap::new(),
        }
    }

    /// Sets the source address, which is used in logs and to attach hosts in debug mode.
    #[must_use]
    pub fn address(mut self, address: impl Into<String>) -> Self {
        self.address = address.into();
        self
    }

    /// Sets the function that configures the provider. The function returns the value that the resources use, such as an API
    /// client. Hosts can configure the provider again at any time. The last result is used.
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

    /// Sets the function that configures a provider whose configuration schema is built at run time. See
    /// [`configure`](Self::configure).
    #[must_use]
    pub fn configure_as<C, F, R>(
        self,
        definition: Definition,
        handle: &Configured<C>,
        configure: F,
    ) -> Self
    where
        C: Send + Sync + 'static,
        F: Fn(Configure<Value>) -> R + Send + Sync + 'static,
        R: Future<Output = Result<C, Diagnostics>> + Send + 'static,
    {
        let mut provider = self.configure::<Value, _, _, _>(handle, configure);
        provider.configurer = provider.configurer.defined(definition);
        provider
    }

    /// Sets a check for the provider configuration beyond the validators for individual attributes.
    #[must_use]
    pub fn validate<M: Model>(mut self, validate: fn(M::Plan) -> Diagnostics) -> Self {
        self.configurer = self.configurer.validating::<M>(validate);
        self
    }

    /// Adds a managed resource.
    #[must_use]
    pub fn resource(mut self, resource: impl Resource) -> Self {
        let resource = ResourceType::new(resource);
        let name = resource.described.definition().type_name.clone();
        self.resources.insert(name, Entry::Built(resource));
        self
    }

    /// Adds a data source.
    #[must_use]
    pub fn data_source(mut self, data_source: impl DataSource) -> Self {
        let data_source = DataSourceType::new(data_source);
        let name = data_source.described.definition().type_name.clone();
        self.data_sources.insert(name, Entry::Built(data_source));
        self
    }

    /// Adds an ephemeral resource.
    #[must_use]
    pub fn ephemeral_resource(mut self, ephemeral: impl EphemeralResource) -> Self {
        let ephemeral = EphemeralType::new(ephemeral);
        let name = ephemeral.described.definition().type_name.clone();
        self.ephemeral_resources
            .insert(name, Entry::Built(ephemeral));
        self
    }

    /// Adds a function.
    #[must_use]
    pub fn function(mut self, function: impl Function) -> Self {
        let function = FunctionType::new(function);
        let name = function.name().to_owned();
        self.functions.insert(name, Entry::Built(function));
        self
    }

    /// Adds a managed resource that is built when it is first used. Its definition must have the type name `name`.
    ///
    /// An error of `build` is reported by every call that uses the type, and by the request for the provider schema.
    #[must_use]
    pub fn lazy_resource<R: Resource>(
        mut self,
        name: impl Into<String>,
        build: impl Fn() -> Result<R, Diagnostics> + Send + Sync + 'static,
    ) -> Self {
        let entry = Entry::lazy(move || build().map(ResourceType::new));
        self.resources.insert(name.into(), entry);
        self
    }

    /// Adds a data source that is built when it is first used. See [`lazy_resource`](Self::lazy_resource).
    #[must_use]
    pub fn lazy_data_source<D: DataSource>(
        mut self,
        name: impl Into<String>,
        build: impl Fn() -> Result<D, Diagnostics> + Send + Sync + 'static,
    ) -> Self {
        let entry = Entry::lazy(move || build().map(DataSourceType::new));
        self.data_sources.insert(name.into(), entry);
        self
    }

    /// Adds an ephemeral resource that is built when it is first used. See [`lazy_resource`](Self::lazy_resource).
    #[must_use]
    pub fn lazy_ephemeral_resource<E: EphemeralResource>(
        mut self,
        name: impl Into<String>,
        build: impl Fn() -> Result<E, Diagnostics> + Send + Sync + 'static,
    ) -> Self {
        let entry = Entry::lazy(move || build().map(EphemeralType::new));
        self.ephemeral_resources.insert(name.into(), entry);
        self
    }

    /// Returns the schemas of everything that the provider serves. Types that cannot be built are omitted.
    pub fn schema(&self) -> ProviderSchema {
        self.schema_or(|_| Ok(())).unwrap_or_default()
    }

    /// Returns the schemas of everything that the provider serves.
    ///
    /// # Errors
    /// Returns an error if a type cannot be built.
    pub(crate) fn complete_schema(&self) -> Result<ProviderSchema, Diagnostics> {
        self.schema_or(Err)
    }

    /// Returns the schemas. `failed` decides whether a type that cannot be built is omitted.
    fn schema_or(
        &self,
        failed: fn(Diagnostics) -> Result<(), Diagnostics>,
    ) -> Result<ProviderSchema, Diagnostics> {
        let mut identities = BTreeMap::new();
        let resources = each(&self.resources, failed, |name, resource| {
            if let Some(identity) = resource.identity_schema() {
                identities.insert(name.to_owned(), identity.clone());
            }
            schema_of(&resource.described)
        })?;
        Ok(ProviderSchema {
            provider: self.configurer.definition().schema.clone(),
            resources,
            data_sources: each(&self.data_sources, failed, |_, data_source| {
                schema_of(&data_source.described)
            })?,
            ephemeral_resources: each(&self.ephemeral_resources, failed, |_, ephemeral| {
                schema_of(&ephemeral.described)
            })?,
            functions: each(&self.functions, failed, |_, function| {
                function.function().clone()
            })?,
            identities,
        })
    }
}

/// Returns a part of each type in a table by name. Types that are built for this purpose are not stored.
///
/// # Errors
/// Returns an error if a type cannot be built and `failed` does not accept the error.
fn each<T: Clone, P>(
    entries: &BTreeMap<String, Entry<T>>,
    failed: fn(Diagnostics) -> Result<(), Diagnostics>,
    mut part: impl FnMut(&str, &T) -> P,
) -> Result<BTreeMap<String, P>, Diagnostics> {
    let mut parts = BTreeMap::new();
    for (name, entry) in entries {
        match entry.get_once() {
            Ok(built) => {
                parts.insert(name.clone(), part(name, &built));
            }
            Err(error) => failed(error)?,
        }
    }
    Ok(parts)
}

fn schema_of(described: &Described) -> Schema {
    described.definition().schema.clone()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostics::Diagnostic;

    #[test]
    fn the_order_of_validate_and_configure_is_irrelevant() {
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
