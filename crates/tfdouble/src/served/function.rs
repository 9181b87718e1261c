//! Functions of a double. Their results come from rule files, because a signature does not state the result.

use tfplugin::{CallFunction, Function, FunctionError, Signature};
use tfschema::Value;
use tfschema::json::{value_from_json, value_to_json};

use crate::rules::{Folder, FunctionRules};

/// Function of a double.
pub(super) struct FunctionDouble {
    name: String,
    function: tfschema::Function,
    rules: Folder,
}

impl FunctionDouble {
    pub(super) fn new(name: &str, function: tfschema::Function, rules: &Folder) -> Self {
        Self {
            name: name.to_owned(),
            function,
            rules: rules.clone(),
        }
    }
}

impl Function for FunctionDouble {
    type Arguments = Vec<Value>;
    type Output = Value;

    fn signature(&self) -> Signature {
        Signature::of_function(&self.name, &self.function)
    }

    fn call(&self, request: CallFunction<Vec<Value>>) -> Result<Value, FunctionError> {
        let arguments = request.arguments.iter().map(value_to_json);
        let arguments = arguments
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| FunctionError::new(error.to_string()))?;
        let rules: Option<FunctionRules> = self
            .rules
            .of("functions", &self.name)
            .map_err(|error| FunctionError::new(error.to_string()))?;
        let calls = rules.map(|rules| rules.calls).unwrap_or_default();
        let Some(call) = calls.into_iter().find(|call| call.arguments == arguments) else {
            let arguments = serde_json::Value::Array(arguments);
            let place = self.rules.place("functions", &self.name);
            return Err(FunctionError::new(format!(
                "the double does not know the result for the arguments {arguments}. Add the call to {place}"
            )));
        };
        value_from_json(&call.result, &self.function.return_type).map_err(|error| {
            FunctionError::new(format!("the result in the rule file is invalid: {error}"))
        })
    }
}
