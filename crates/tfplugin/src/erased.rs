//! Functionality that all kinds with a schema share: decoding values into the author's types, and checking configurations
//! and results.

use std::sync::Arc;

use tfschema::{AttributePath, Type, Value};

use crate::attribute::{Codec, DecodeError};
use crate::call::{Runner, panic};
use crate::complete::complete;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::level::Level;
use crate::model::{Definition, Model, Validate};
use crate::{configuration, planner, selfcheck};

/// Decodes a value.
///
/// # Errors
/// Returns an error if the value does not match the type.
pub(crate) fn decode<T: Codec>(value: Value) -> Result<T, DecodeError> {
    T::decode(value, &AttributePath::root())
}

/// Decodes a value, and returns `None` for null.
///
/// # Errors
/// Returns an error if the value does not match the type.
pub(crate) fn decode_some<T: Codec>(value: Value) -> Result<Option<T>, DecodeError> {
    decode::<Option<T>>(value)
}

/// Returns the error for a value that matches the schema but not the author's type. Such a value indicates a bug in the
/// provider.
pub(crate) fn mismatch(subject: &str, error: DecodeError) -> Diagnostics {
    Diagnostic::bug(format!("{subject} does not match the model"), &error)
        .at(error.path.clone())
        .into()
}

type ValidateFn = dyn Fn(Value) -> Diagnostics + Send + Sync;

/// Definition of a kind with a schema, with the author's validation of its configuration.
pub(crate) struct Described {
    definition: Definition,
    /// Type of the configuration and the result. It is built only once, because every call needs it.
    value_type: Arc<Type>,
    /// Whether a value can contain a secret. The message of a panic is then not reported.
    confidential: bool,
    validate: Box<ValidateFn>,
}

impl Described {
    pub(crate) fn new<M: Model>(
        definition: Definition,
        validate: impl Fn(Validate<M>) -> Diagnostics + Send + Sync + 'static,
    ) -> Self {
        Self {
            value_type: Arc::new(definition.schema.block.implied_type()),
            confidential: definition.schema.block.has_sensitive_attributes(),
            definition,
            validate: Box::new(move |config| match decode(config) {
                Ok(config) => validate(Validate { config }),
                // The configuration is invalid. For example, it sets a fraction for an attribute that the model declares as
                // an integer.
                Err(error) => Diagnostic::from(error).into(),
            }),
        }
    }

    pub(crate) fn definition(&self) -> &Definition {
        &self.definition
    }

    pub(crate) fn is_confidential(&self) -> bool {
        self.confidential
    }

    pub(crate) fn value_type(&self) -> Arc<Type> {
        Arc::clone(&self.value_type)
    }

    /// Checks a configuration against the schema and the rules, and then with the author's validation. Any part of the
    /// configuration can be unknown.
    pub(crate) fn check(&self, config: Value, write_only_allowed: bool) -> Diagnostics {
        let mut diagnostics = configuration::check(&self.definition, &config, write_only_allowed);
        if !diagnostics.has_errors() {
            diagnostics.extend(panic::checked(self.confidential, || {
                (self.validate)(config)
            }));
        }
        diagnostics
    }

    /// Applies defaults to attributes that are not configured.
    pub(crate) fn with_defaults(&self, config: &Value) -> Value {
        let level = Level::from(&self.definition.schema.block);
        planner::with_defaults(level, &self.definition.rules, config)
    }

    /// Returns the known part of the result for a configuration that contains unknown values.
    pub(crate) fn deferred(&self, config: &Value) -> Value {
        planner::propose(&self.definition, &Value::Null, config.clone(), config).plan
    }

    /// Returns the error for a configuration that contains unknown values in a call that requires known values.
    pub(crate) fn unknown_configuration(&self) -> Diagnostic {
        let detail = format!(
            "The configuration of {} depends on values that are unknown until apply. First apply the resources that \
             it depends on.",
            self.definition.type_name
        );
        Diagnostic::error("Configuration contains unknown values", detail)
    }

    /// Completes a state that a handler returned: missing attributes become null.
    pub(crate) fn complete(&self, state: Value) -> Value {
        let block = &self.definition.schema.block;
        planner::without_write_only(block, complete(block, state))
    }

    /// Completes and checks a state that a handler returned.
    ///
    /// # Errors
    /// Returns an error if the state violates the plugin protocol.
    pub(crate) fn checked(
        &self,
        runner: &Runner,
        subject: &str,
        state: Value,
    ) -> Result<Value, Diagnostics> {
        let state = self.complete(state);
        let violations = runner.violations(subject, &self.definition.type_name, || {
            selfcheck::state(&self.definition.schema.block, &state)
        });
        violations.into_result()?;
        Ok(state)
    }
}
