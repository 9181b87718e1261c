//! Providers: the configuration, and the resources, data sources, ephemeral resources, and functions that a provider serves.

use std::collections::BTreeMap;
use std::future::Future;

use tfschema::{ProviderSchema, Schema};

use crate::data_source::{DataSource, DataSourceType};
use crate::diagnostics::Diagnostics;
use crate::ephemeral::{EphemeralResource, EphemeralType};
use crate::erased::Described;
use crate::function::{Function, FunctionType};
use crate::model::Model;
use crate::resource::{Resource, ResourceType};

mod configured;
mod configurer;

pub use configured::{Configure, Configured};

use configurer::Configurer;

/// Provider that the framework serves.
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
    pub(crate) resources: BTreeMap<String, ResourceType>,
    pub(crate) data_sources: BTreeMap<String, DataSourceType>,
    pub(crate) ephemeral_resources: BTreeMap<String, EphemeralType>,
    pub(crate) functions: BTreeMap<String, FunctionType>,
}

impl Provider {
    /// Creates a provider with a name such as `hello` and a version.
    pub fn new(name: &'static str, version: &'static str) -> Self {
        Self {
            name,
            version,
            address: format!("registry.terraform.io/{name}/{name}"),
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
        self.resources.insert(name, resource);
        self
    }

    /// Adds a data source.
    #[must_use]
    pub fn data_source(mut self, data_source: impl DataSource) -> Self {
        let data_source = DataSourceType::new(data_source);
        let name = data_source.described.definition().type_name.clone();
        self.data_sources.insert(name, data_source);
        self
    }

    /// Adds an ephemeral resource.
    #[must_use]
    pub fn ephemeral_resource(mut self, ephemeral: impl EphemeralResource) -> Self {
        let ephemeral = EphemeralType::new(ephemeral);
        let name = ephemeral.described.definition().type_name.clone();
        self.ephemeral_resources.insert(name, ephemeral);
        self
    }

    /// Adds a function.
    #[must_use]
    pub fn function(mut self, function: impl Function) -> Self {
        let function = FunctionType::new(function);
        self.functions.insert(function.name().to_owned(), function);
        self
    }

    /// Returns the schemas of everything that the provider serves.
    pub fn schema(&self) -> ProviderSchema {
        ProviderSchema {
            provider: self.configurer.definition().schema.clone(),
            resources: schemas(&self.resources, |each| &each.described),
            data_sources: schemas(&self.data_sources, |each| &each.described),
            ephemeral_resources: schemas(&self.ephemeral_resources, |each| &each.described),
            functions: self
                .functions
                .iter()
                .map(|(name, each)| (name.clone(), each.function().clone()))
                .collect(),
            identities: self
                .resources
                .iter()
                .filter_map(|(name, each)| Some((name.clone(), each.identity_schema()?.clone())))
                .collect(),
        }
    }
}

fn schemas<T>(
    types: &BTreeMap<String, T>,
    described: fn(&T) -> &Described,
) -> BTreeMap<String, Schema> {
    types
        .iter()
        .map(|(name, each)| (name.clone(), described(each).definition().schema.clone()))
        .collect()
}

#[cfg(test)]
mod tests {
    use tfschema::Value;

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
