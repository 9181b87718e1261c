//! Type-erased configuration of a provider: checks the configuration and applies it.

use std::collections::BTreeMap;
use std::future::Future;

use tfschema::{Type, Value};

use super::configured::Configure;
use crate::call::{BoxFuture, Runner, Warnings, panic};
use crate::configuration;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::erased::decode;
use crate::model::{Definition, Model};

/// Future that configures the provider.
type Configuring = BoxFuture<'static, Result<(), Diagnostics>>;
type ConfigureFn = dyn Fn(Value, String, Warnings) -> Configuring + Send + Sync;
type ValidateFn = dyn Fn(Value) -> Diagnostics + Send + Sync;

/// Type-erased functions that check and apply the configuration.
pub(crate) struct Configurer {
    definition: Definition,
    configure: Box<ConfigureFn>,
    validate: Option<Box<ValidateFn>>,
}

impl Configurer {
    /// Returns the configurer for a provider without configuration.
    pub(crate) fn none() -> Self {
        Self {
            definition: Definition::default(),
            configure: Box::new(|_, _, _| Box::pin(async { Ok(()) })),
            validate: None,
        }
    }

    /// Sets the function that configures the provider. An existing check is kept.
    pub(crate) fn configuring<M, F, R>(self, configure: F) -> Self
    where
        M: Model,
        F: Fn(Configure<M>) -> R + Send + Sync + 'static,
        R: Future<Output = Result<(), Diagnostics>> + Send + 'static,
    {
        let erased = move |config: Value, cli_version, warnings| -> Configuring {
            match decode(if config.is_null() {
                Value::Object(BTreeMap::new())
            } else {
                config
            }) {
                Ok(config) => Box::pin(configure(Configure {
                    config,
                    cli_version,
                    warnings,
                })),
                Err(error) => Box::pin(async move { Err(Diagnostic::from(error).into()) }),
            }
        };
        let configurer = Self {
            definition: M::definition(),
            configure: Box::new(erased),
            ..self
        };
        match configurer.validate {
            Some(_) => configurer,
            None => configurer.validating::<M>(|_| Diagnostics::new()),
        }
    }

    /// Replaces the definition of the configuration.
    pub(crate) fn defined(mut self, definition: Definition) -> Self {
        self.definition = definition;
        self
    }

    pub(crate) fn validating<M: Model>(mut self, validate: fn(M::Plan) -> Diagnostics) -> Self {
        self.validate = Some(Box::new(move |config| match decode(config) {
            Ok(config) => validate(config),
            Err(error) => Diagnostic::from(error).into(),
        }));
        self
    }

    pub(crate) fn definition(&self) -> &Definition {
        &self.definition
    }

    /// Returns the type of the configuration.
    pub(crate) fn value_type(&self) -> Type {
        self.definition.schema.block.implied_type()
    }

    fn is_confidential(&self) -> bool {
        self.definition.schema.block.has_sensitive_attributes()
    }

    /// Checks the configuration, in which any value can be unknown.
    pub(crate) fn validate(&self, config: Value) -> Diagnostics {
        let mut diagnostics = configuration::check(&self.definition, &config, true);
        if let (false, Some(validate)) = (diagnostics.has_errors(), &self.validate) {
            diagnostics.extend(panic::checked(self.is_confidential(), || validate(config)));
        }
        diagnostics
    }

    /// Configures the provider.
    pub(crate) async fn run(
        &self,
        runner: &Runner,
        config: Value,
        cli_version: String,
    ) -> Diagnostics {
        let warnings = Warnings::default();
        let configured = (self.configure)(config, cli_version, warnings.clone());
        let configured = runner
            .handlers
            .run(self.is_confidential(), configured)
            .await;
        let configured = configured.unwrap_or_else(|unfinished| {
            Err(unfinished.diagnostic("ConfigureProvider", "").into())
        });
        match warnings.attach(configured) {
            Ok(((), diagnostics)) | Err(diagnostics) => diagnostics,
        }
    }
}
