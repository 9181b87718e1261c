//! RPCs for functions.

use std::sync::Arc;

use tfplugin_proto::tfplugin6::{self as proto, call_function, get_functions};
use tfschema::Value;

use super::Answered;
use crate::convert::{from_proto, schema_to_proto, to_proto};
use crate::function::{FunctionError, FunctionType};
use crate::session::Session;

/// Returns the signatures of all functions. OpenTofu requests them after it configures the provider, because functions can
/// depend on the configuration. In this framework, the signatures are the same as in the schema.
pub(super) async fn list(
    session: Arc<Session>,
    _: get_functions::Request,
) -> Answered<get_functions::Response> {
    let functions = session.provider.functions.iter().map(|(name, entry)| {
        let function = schema_to_proto::function(entry.get()?.function());
        Ok((name.clone(), function))
    });
    Ok(get_functions::Response {
        functions: functions.collect::<Answered<_>>()?,
        ..Default::default()
    })
}

/// Calls a function.
pub(super) async fn call(
    session: Arc<Session>,
    request: call_function::Request,
) -> Answered<call_function::Response> {
    let function = session.function(&request.name)?;
    let values = match decoded(&function, request.arguments)? {
        Ok(values) => values,
        Err(refused) => return Ok(failed(refused)),
    };
    Ok(match function.call(&session.runner, values).await? {
        Ok(result) => call_function::Response {
            result: to_proto::value(&result, &function.function().return_type)?,
            error: None,
        },
        Err(error) => failed(error),
    })
}

fn decoded(
    function: &FunctionType,
    arguments: Vec<proto::DynamicValue>,
) -> Answered<Result<Vec<Value>, FunctionError>> {
    let mut values = Vec::with_capacity(arguments.len());
    for (index, argument) in arguments.into_iter().enumerate() {
        match function.parameter_type(index) {
            Ok(ty) => values.push(from_proto::value(Some(argument), ty)?),
            Err(refused) => return Ok(Err(refused)),
        }
    }
    Ok(Ok(values))
}

fn failed(error: FunctionError) -> call_function::Response {
    let index = |argument: crate::function::ArgumentPosition| {
        i64::try_from(argument.index()).unwrap_or(i64::MAX)
    };
    call_function::Response {
        result: None,
        error: Some(proto::FunctionError {
            text: error.text,
            function_argument: error.argument.map(index),
        }),
    }
}
