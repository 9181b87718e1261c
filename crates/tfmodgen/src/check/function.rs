//! Infers the results of built-in functions from their arguments.

use tfschema::Type;

use super::shape::{Shape, unify};

/// Returns the shape of the value that a call returns.
pub(super) fn result<'a>(function: &str, arguments: &[Shape<'a>]) -> Shape<'a> {
    let first = || arguments.first().cloned().unwrap_or(Shape::Unknown);
    let elements = || first().members().map_or(Shape::Unknown, |(_, value)| value);
    let list = |element: Shape<'a>| Shape::List(Box::new(element));
    match function {
        "cidrsubnet" | "cidrnetmask" | "cidrhost" | "replace" | "join" | "tostring" | "lower"
        | "upper" | "substr" | "trimsuffix" | "trimprefix" | "trimspace" | "jsonencode"
        | "base64encode" | "sha256" | "urlencode" | "format" => Shape::Value(Type::String),
        "length" | "tonumber" | "index" | "sum" | "ceil" | "floor" | "max" | "min" => {
            Shape::Value(Type::Number)
        }
        "contains" | "startswith" | "endswith" | "strcontains" | "alltrue" | "anytrue" | "can" => {
            Shape::Value(Type::Bool)
        }
        "split" | "keys" | "sort" | "compact" => Shape::Value(Type::String.list()),
        "range" => Shape::Value(Type::Number.list()),
        "toset" => Shape::Set(Box::new(elements())),
        "setintersection" | "setsubtract" | "setunion" => Shape::Set(Box::new(elements())),
        "tolist" | "distinct" | "slice" | "reverse" | "values" => list(elements()),
        "tomap" => Shape::Map(Box::new(elements())),
        "one" | "element" | "lookup" => elements(),
        "concat" => {
            list(agreed(arguments.iter().map(|shape| {
                shape.members().map_or(Shape::Unknown, |(_, value)| value)
            })))
        }
        "try" | "coalesce" => agreed(arguments.iter().cloned()),
        "merge" => merged(arguments),
        "zipmap" => match arguments.get(1).and_then(Shape::members) {
            Some((_, value)) => Shape::Map(Box::new(value)),
            None => Shape::Unknown,
        },
        _ => Shape::Unknown,
    }
}

/// Returns the shape that all these shapes have in common.
pub(super) fn agreed<'a>(shapes: impl Iterator<Item = Shape<'a>>) -> Shape<'a> {
    let shapes: Vec<Shape<'a>> = shapes.collect();
    match shapes.as_slice() {
        [only] => only.clone(),
        shapes => Shape::Value(unify(&shapes.iter().map(Shape::ty).collect::<Vec<_>>())),
    }
}

/// Returns the shape of merged maps and objects. The shape is unknown if all arguments are objects.
fn merged<'a>(arguments: &[Shape<'a>]) -> Shape<'a> {
    let types: Vec<Type> = arguments.iter().map(Shape::ty).collect();
    let elements = types.iter().map(|ty| match ty {
        Type::Map(element) => element.as_ref().clone(),
        Type::Object(object) => unify(&object.attributes.values().cloned().collect::<Vec<_>>()),
        _ => Type::Dynamic,
    });
    let elements: Vec<Type> = elements.collect();
    match types
        .iter()
        .all(|ty| matches!(ty, Type::Map(_) | Type::Object(_)))
    {
        true if types.iter().any(|ty| matches!(ty, Type::Map(_))) => {
            Shape::Map(Box::new(Shape::Value(unify(&elements))))
        }
        _ => Shape::Unknown,
    }
}
