//! Session of a provider that is being served. It finds types by name, and runs their handlers.

use std::collections::BTreeMap;

use tfschema::Value;

use crate::call::Runner;
use crate::data_source::DataSourceType;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::ephemeral::EphemeralType;
use crate::function::FunctionType;
use crate::provider::{Entry, Provider};
use crate::resource::ResourceType;

/// Session of a provider that is being served.
pub(crate) struct Session {
    pub(crate) provider: Provider,
    pub(crate) runner: Runner,
}

impl Session {
    /// Creates a session for one host, or for several hosts that share the process.
    pub(crate) fn new(provider: Provider, shared: bool) -> Self {
        Self {
            provider,
            runner: Runner::new(shared),
        }
    }

    /// Configures the provider. A later call replaces the result of this call. Each call ends a preceding stop.
    pub(crate) async fn configure(&self, config: Value, cli_version: String) -> Diagnostics {
        self.runner.resume();
        let configurer = &self.provider.configurer;
        configurer.run(&self.runner, config, cli_version).await
    }

    /// Returns the resource type with the specified name.
    ///
    /// # Errors
    /// Returns an error if the provider has no such resource type, or if the type cannot be built.
    pub(crate) fn resource(&self, name: &str) -> Result<ResourceType, Diagnostics> {
        self.find(&self.provider.resources, "resource type", name)
    }

    /// Returns the data source with the specified name.
    ///
    /// # Errors
    /// Returns an error if the provider has no such data source.
    pub(crate) fn data_source(&self, name: &str) -> Result<DataSourceType, Diagnostics> {
        self.find(&self.provider.data_sources, "data source", name)
    }

    /// Returns the ephemeral resource with the specified name.
    ///
    /// # Errors
    /// Returns an error if the provider has no such ephemeral resource.
    pub(crate) fn ephemeral_resource(&self, name: &str) -> Result<EphemeralType, Diagnostics> {
        let types = &self.provider.ephemeral_resources;
        self.find(types, "ephemeral resource", name)
    }

    /// Returns the function with the specified name.
    ///
    /// # Errors
    /// Returns an error if the provider has no such function.
    pub(crate) fn function(&self, name: &str) -> Result<FunctionType, Diagnostics> {
        self.find(&self.provider.functions, "function", name)
    }

    fn find<T: Clone>(
        &self,
        served: &BTreeMap<String, Entry<T>>,
        kind: &str,
        name: &str,
    ) -> Result<T, Diagnostics> {
        match served.get(name) {
            Some(entry) => entry.get(),
            None => Err(self.unknown(kind, name)),
        }
    }

    /// Returns the error for a name that the provider does not serve.
    pub(crate) fn unknown(&self, kind: &str, name: &str) -> Diagnostics {
        let detail = format!(
            "Provider {} {} has no {kind} {name}. Check the name in the documentation for this provider version.",
            self.provider.name, self.provider.version
        );
        Diagnostic::error(format!("Unknown {kind}"), detail).into()
    }
}
