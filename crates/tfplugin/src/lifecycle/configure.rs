//! Validation and configuration of the provider, and validation of resources.

use tfschema::{Type, Value};

use super::{ResourceType, Session};
use crate::{Diagnostics, Warnings, configuration};

impl Session {
    /// The type of the provider's configuration.
    pub(crate) fn configuration_type(&self) -> Type {
        self.provider
            .configurer
            .definition()
            .schema
            .block
            .implied_type()
    }

    /// Checks the provider's configuration; anything in it may be unknown.
    pub(crate) fn validate_provider(&self, config: Value) -> Diagnostics {
        let mut diagnostics =
            configuration::check(self.provider.configurer.definition(), &config, true);
        if !diagnostics.has_errors() {
            diagnostics.extend(self.provider.configurer.validate(config));
        }
        diagnostics
    }

    /// Makes what resources work with. A later call replaces what an earlier one made, and ends a stop.
    pub(crate) async fn configure(&self, config: Value, cli_version: String) -> Diagnostics {
        self.resume();
        let warnings = Warnings::default();
        let configurer = &self.provider.configurer;
        let configured = configurer.configure(config, cli_version, warnings.clone());
        let configured = self.handlers.run(configured).await;
        let configured = configured.unwrap_or_else(|unfinished| {
            Err(unfinished.diagnostic("ConfigureProvider", "").into())
        });
        match warnings.beside(configured) {
            Ok(((), diagnostics)) | Err(diagnostics) => diagnostics,
        }
    }

    /// Checks the configuration of a resource; anything in it may be unknown.
    pub(crate) fn validate_resource(
        &self,
        resource: &ResourceType,
        config: Value,
        write_only_allowed: bool,
    ) -> Diagnostics {
        let mut diagnostics =
            configuration::check(resource.definition(), &config, write_only_allowed);
        if !diagnostics.has_errors() {
            diagnostics.extend(resource.0.validate(config));
        }
        diagnostics
    }
}
