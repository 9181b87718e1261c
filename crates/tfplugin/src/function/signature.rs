//! Signatures of functions: parameters, validators, and results.

use std::sync::Arc;

use tfschema::{Parameter, Type};

use super::value::{FunctionValue, Variadic};
use crate::validate::Validator;

/// Name, parameters, and result type of a function. Source: protocol message `Function`.
#[derive(Clone)]
pub struct Signature {
    pub(super) name: String,
    description: String,
    deprecated: Option<String>,
    pub(super) parameters: Vec<ParameterSpec>,
    pub(super) variadic: Option<ParameterSpec>,
    returns: Option<Type>,
}

/// Parameter and the validators for its argument.
#[derive(Clone)]
pub struct ParameterSpec {
    pub(super) parameter: Parameter,
    pub(super) validators: Vec<Arc<dyn Validator>>,
}

impl Signature {
    /// Creates a signature that has a Markdown description and no parameters. The first paragraph of the description is the
    /// summary.
    pub fn new(name: &str, description: &str) -> Self {
        Self {
            name: name.to_owned(),
            description: description.to_owned(),
            deprecated: None,
            parameters: Vec::new(),
            variadic: None,
            returns: None,
        }
    }

    /// Creates the signature of a function that is described at run time, for arguments of type `Vec<Value>`.
    pub fn of_function(name: &str, function: &tfschema::Function) -> Self {
        let spec = |parameter: &Parameter| ParameterSpec {
            parameter: parameter.clone(),
            validators: Vec::new(),
        };
        Self {
            name: name.to_owned(),
            description: match function.description.as_str() {
                "" => function.summary.clone(),
                description => description.to_owned(),
            },
            deprecated: function.deprecated.clone(),
            parameters: function.parameters.iter().map(spec).collect(),
            variadic: function.variadic_parameter.as_ref().map(spec),
            returns: Some(function.return_type.clone()),
        }
    }

    /// Adds a parameter.
    #[must_use]
    pub fn parameter<T: FunctionValue>(
        mut self,
        name: &str,
        description: &str,
        specify: impl FnOnce(ParameterSpec) -> ParameterSpec,
    ) -> Self {
        let parameter = specify(ParameterSpec::new::<T>(name, description));
        self.parameters.push(parameter);
        self
    }

    /// Sets the parameter that accepts all remaining arguments.
    #[must_use]
    pub fn variadic<V: Variadic>(
        mut self,
        name: &str,
        description: &str,
        specify: impl FnOnce(ParameterSpec) -> ParameterSpec,
    ) -> Self {
        let parameter = ParameterSpec::new::<V::Element>(name, description);
        self.variadic = Some(specify(parameter));
        self
    }

    /// Sets the result type. By default, the Rust type determines the result type.
    #[must_use]
    pub fn returns(mut self, ty: Type) -> Self {
        self.returns = Some(ty);
        self
    }

    /// Marks the function as deprecated with a message that names the replacement.
    #[must_use]
    pub fn deprecated(mut self, instead: &str) -> Self {
        self.deprecated = Some(instead.to_owned());
        self
    }

    /// Returns the parameter for the argument at the specified index. Returns `None` if the function has no such parameter.
    pub(super) fn at(&self, index: usize) -> Option<&ParameterSpec> {
        self.parameters.get(index).or(self.variadic.as_ref())
    }

    /// Returns the signature for the schema.
    pub(super) fn function<O: FunctionValue>(&self) -> tfschema::Function {
        let parameter = |spec: &ParameterSpec| spec.parameter.clone();
        let summary = self.description.split("\n\n").next().unwrap_or_default();
        let summary = summary.split_whitespace().collect::<Vec<_>>().join(" ");
        let return_type = self.returns.clone().unwrap_or_else(O::value_type);
        let mut function = tfschema::Function::new(return_type);
        function.parameters = self.parameters.iter().map(parameter).collect();
        function.variadic_parameter = self.variadic.as_ref().map(parameter);
        function.summary = summary;
        function.description.clone_from(&self.description);
        function.deprecated.clone_from(&self.deprecated);
        function
    }
}

impl ParameterSpec {
    fn new<T: FunctionValue>(name: &str, description: &str) -> Self {
        let mut parameter = Parameter::new(name, T::value_type()).describe(description);
        parameter.allow_null = T::allows_null();
        parameter.allow_unknown = T::allows_unknown();
        Self {
            parameter,
            validators: Vec::new(),
        }
    }

    /// Adds a validator for the argument. The validator does not run for null or unknown arguments.
    #[must_use]
    pub fn validate(mut self, validator: Arc<dyn Validator>) -> Self {
        self.parameter.description = self.parameter.description.trim().to_owned();
        self.parameter.description.push(' ');
        self.parameter.description.push_str(&validator.sentence());
        self.validators.push(validator);
        self
    }
}
