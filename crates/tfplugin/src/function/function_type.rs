//! Type-erased functions, which operate on values. They support argument checks and calls.

use std::sync::Arc;

use tfschema::{AttributePath, Value};

use super::arguments::{ArgumentValues, Arguments};
use super::error::FunctionError;
use super::position::ArgumentPosition;
use super::signature::{ParameterSpec, Signature};
use super::value::FunctionValue;
use super::{CallFunction, Function};
use crate::call::Runner;
use crate::diagnostics::Diagnostics;
use crate::timeouts::DEFAULT_TIMEOUT;

type CallFn = dyn Fn(Vec<Value>) -> Result<Value, FunctionError> + Send + Sync;

/// Function that the provider serves.
#[derive(Clone)]
pub(crate) struct FunctionType(Arc<Inner>);

struct Inner {
    signature: Signature,
    function: tfschema::Function,
    call: Box<CallFn>,
}

impl FunctionType {
    pub(crate) fn new<F: Function>(function: F) -> Self {
        let signature = function.signature();
        Self(Arc::new(Inner {
            function: signature.function::<F::Output>(),
            signature,
            call: Box::new(move |values| {
                let arguments = F::Arguments::decode(ArgumentValues::new(values))?;
                Ok(function.call(CallFunction { arguments })?.into_result())
            }),
        }))
    }

    pub(crate) fn name(&self) -> &str {
        &self.0.signature.name
    }

    /// Returns the signature for the schema.
    pub(crate) fn function(&self) -> &tfschema::Function {
        &self.0.function
    }

    /// Returns the type of the argument at the specified index.
    ///
    /// # Errors
    /// Returns an error if the function has no parameter at this index.
    pub(crate) fn parameter_type(&self, index: usize) -> Result<&tfschema::Type, FunctionError> {
        let spec = self.0.signature.at(index);
        spec.map(|spec| &spec.parameter.ty)
            .ok_or_else(|| self.0.wrong_count(index + 1))
    }

    /// Calls the function.
    ///
    /// # Errors
    /// Returns an outer error for a panic, and an inner error if an argument is invalid or the function returns an error.
    pub(crate) async fn call(
        &self,
        runner: &Runner,
        values: Vec<Value>,
    ) -> Result<Result<Value, FunctionError>, Diagnostics> {
        let inner = Arc::clone(&self.0);
        let call = runner.call(DEFAULT_TIMEOUT).confidential(true);
        let handler = async move { Ok(inner.call(values)) };
        runner.handled("CallFunction", &call, handler).await
    }
}

impl Inner {
    fn call(&self, values: Vec<Value>) -> Result<Value, FunctionError> {
        self.check(&values)?;
        let unknown = self
            .arguments(&values)
            .any(|(_, spec, value)| !spec.parameter.allow_unknown && !value.is_wholly_known());
        match unknown {
            // Terraform and OpenTofu also treat the result as unknown if an argument is unknown.
            true => Ok(Value::unknown()),
            false => (self.call)(values),
        }
    }

    fn arguments<'v>(
        &'v self,
        values: &'v [Value],
    ) -> impl Iterator<Item = (ArgumentPosition, &'v ParameterSpec, &'v Value)> {
        values.iter().enumerate().filter_map(|(index, value)| {
            let spec = self.signature.at(index)?;
            Some((ArgumentPosition::new(index), spec, value))
        })
    }

    fn check(&self, values: &[Value]) -> Result<(), FunctionError> {
        let least = self.signature.parameters.len();
        if values.len() < least || (values.len() > least && self.signature.variadic.is_none()) {
            return Err(self.wrong_count(values.len()));
        }
        for (position, spec, value) in self.arguments(values) {
            if value.is_null() && !spec.parameter.allow_null {
                return Err(FunctionError::at(position, "must not be null"));
            }
            let root = AttributePath::root();
            let mut violations = spec
                .validators
                .iter()
                .flat_map(|v| v.violations(value, &root));
            if let Some(violation) = violations.next() {
                let place = match violation.path.is_root() {
                    true => String::new(),
                    false => format!("`{}` ", violation.path),
                };
                let text = format!("{place}must {}", violation.requirement);
                return Err(FunctionError::at(position, text));
            }
        }
        Ok(())
    }

    fn wrong_count(&self, found: usize) -> FunctionError {
        let least = self.signature.parameters.len();
        let bound = match self.signature.variadic {
            Some(_) => "at least ",
            None => "",
        };
        FunctionError::new(format!(
            "number of arguments must be {bound}{least}, found {found}"
        ))
    }
}
