//! Renders the signature and arguments of a function as Markdown in registry format.

use tfschema::{Function, Parameter, Type};

use crate::DocsError;
use crate::markdown::{sentence, type_label};

/// Renders the signature under the heading `## Signature` and the arguments under the heading `## Arguments`.
pub(crate) fn signature(name: &str, function: &Function) -> Result<String, DocsError> {
    let undescribed = |suffix: &str| DocsError::Undescribed {
        address: format!("function {name}{suffix}"),
    };
    if function.description.trim().is_empty() {
        return Err(undescribed(""));
    }
    let variadic = function.variadic_parameter.as_ref();
    let mut parameters: Vec<_> = function.parameters.iter().map(declared).collect();
    parameters.extend(variadic.map(|parameter| format!("{}...", declared(parameter))));
    let mut text = format!(
        "## Signature\n\n```text\n{name}({}) {}\n```\n\n",
        parameters.join(", "),
        word(&function.return_type)
    );
    let all = function
        .parameters
        .iter()
        .map(|parameter| (parameter, false));
    let all: Vec<_> = all
        .chain(variadic.map(|parameter| (parameter, true)))
        .collect();
    if !all.is_empty() {
        text.push_str("## Arguments\n\n");
    }
    for (parameter, is_variadic) in all {
        if parameter.description.trim().is_empty() {
            return Err(undescribed(&format!(".{}", parameter.name)));
        }
        let labels = [
            is_variadic.then(|| "Variadic".to_owned()),
            Some(type_label(&parameter.ty)),
            parameter.allow_null.then(|| "Nullable".to_owned()),
        ];
        let labels: Vec<_> = labels.into_iter().flatten().collect();
        text.push_str(&format!(
            "1. `{}` ({}){}\n",
            parameter.name,
            labels.join(", "),
            sentence(&parameter.description)
        ));
    }
    Ok(text)
}

fn declared(parameter: &Parameter) -> String {
    format!("{} {}", parameter.name, word(&parameter.ty))
}

/// Returns the name of a type as written in a signature.
fn word(ty: &Type) -> String {
    match ty {
        Type::String => "string".to_owned(),
        Type::Number => "number".to_owned(),
        Type::Bool => "bool".to_owned(),
        Type::Dynamic => "dynamic".to_owned(),
        Type::List(element) => format!("list of {}", word(element)),
        Type::Set(element) => format!("set of {}", word(element)),
        Type::Map(element) => format!("map of {}", word(element)),
        Type::Object(_) => "object".to_owned(),
        Type::Tuple(_) => "tuple".to_owned(),
    }
}
