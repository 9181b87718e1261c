//! The shared layer of all kinds that have a schema: values are read into an author's types, configuration is checked, and
//! so is what a handler makes.

use std::sync::Arc;

use tfschema::{AttributePath, Type, Value};

use crate::attribute::{Codec, DecodeError};
use crate::call::Runner;
use crate::complete::complete;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::level::Level;
use crate::model::{Definition, Model, Validate};
use crate::{configuration, planner, selfcheck};

/// Reads a value.
///
/// # Errors
/// The value does not fit the type.
pub(crate) fn decode<T: Codec>(value: Value) -> Result<T, DecodeError> {
    T::decode(value, &AttributePath::root())
}

/// Reads a value, with null as absence.
///
/// # Errors
/// The value does not fit the type.
pub(crate) fn decode_some<T: Codec>(value: Value) -> Result<Option<T>, DecodeError> {
    decode::<Option<T>>(value)
}

/// The error for a value that fits the schema and not the author's type: a bug of the provider.
pub(crate) fn misfit(what: &str, error: DecodeError) -> Diagnostics {
    Diagnostic::bug(format!("{what} does not fit the model"), &error)
        .at(error.path.clone())
        .into()
}

type ValidateFn = dyn Fn(Value) -> Diagnostics + Send + Sync;

/// The definition of a kind with a schema, and the author's own check of its configuration.
pub(crate) struct Described {
    definition: Definition,
    /// The type of configuration and result, built once, because every call needs it.
    value_type: Arc<Type>,
    validate: Box<ValidateFn>,
}

impl Described {
    pub(crate) fn new<M: Model>(
        definition: Definition,
        validate: impl Fn(Validate<M>) -> Diagnostics + Send + Sync + 'static,
    ) -> Self {
        Self {
            value_type: Arc::new(definition.schema.block.implied_type()),
            definition,
            validate: Box::new(move |config| match decode(config) {
                Ok(config) => validate(Validate { config }),
                // A fraction where the model has a whole number, for example: the user's mistake, with its place.
                Err(error) => Diagnostic::from(error).into(),
            }),
        }
    }

    pub(crate) fn definition(&self) -> &Definition {
        &self.definition
    }

    pub(crate) fn value_type(&self) -> Arc<Type> {
        Arc::clone(&self.value_type)
    }

    /// Checks a configuration by schema and rules, then by the author; anything in it may be unknown.
    pub(crate) fn check(&self, config: Value, write_only_allowed: bool) -> Diagnostics {
        let mut diagnostics = configuration::check(&self.definition, &config, write_only_allowed);
        if !diagnostics.has_errors() {
            diagnostics.extend((self.validate)(config));
        }
        diagnostics
    }

    /// A configuration with defaults for what is not written in it.
    pub(crate) fn with_defaults(&self, config: &Value) -> Value {
        let level = Level::from(&self.definition.schema.block);
        planner::with_defaults(level, &self.definition.rules, config)
    }

    /// The result of a configuration that is not known yet, as far as it is known.
    pub(crate) fn deferred(&self, config: &Value) -> Value {
        planner::propose(&self.definition, &Value::Null, config.clone(), config).plan
    }

    /// The error for a configuration that is not known where it has to be.
    pub(crate) fn not_known_yet(&self) -> Diagnostic {
        let detail = format!(
            "The configuration of {} depends on values that are not known yet. First apply the resources that it depends on.",
            self.definition.type_name
        );
        Diagnostic::error("Configuration is not known yet", detail)
    }

    /// Completes a state that a handler made: what is missing becomes null.
    pub(crate) fn complete(&self, state: Value) -> Value {
        let block = &self.definition.schema.block;
        planner::without_write_only(block, complete(block, state))
    }

    /// Completes a state that a handler made, and checks it.
    ///
    /// # Errors
    /// The state breaks the protocol.
    pub(crate) fn checked(
        &self,
        runner: &Runner,
        what: &str,
        state: Value,
    ) -> Result<Value, Diagnostics> {
        let state = self.complete(state);
        let violations = runner.violations(what, &self.definition.type_name, || {
            selfcheck::state(&self.definition.schema.block, &state)
        });
        violations.into_result()?;
        Ok(state)
    }
}
