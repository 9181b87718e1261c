//! JSON form of values, as in state files and in `RawState.json`.

use serde_json::Value as Json;

use crate::{AttributePath, Dynamic, NumberError, ObjectType, Type, TypeError, Value};

/// Error in the conversion between a value and JSON.
#[derive(Debug, thiserror::Error)]
pub enum ValueJsonError {
    /// The JSON does not match the type.
    #[error("{path}: {expected} is required")]
    Kind {
        /// Path within the value.
        path: AttributePath,
        /// Required type.
        expected: Type,
    },
    /// A number exceeds the supported range.
    #[error("{path}: number is out of range")]
    Number {
        /// Path within the value.
        path: AttributePath,
        /// Error from the number parser.
        #[source]
        source: NumberError,
    },
    /// The type of a dynamic value is not a type constraint.
    #[error("{path}: type of the dynamic value is not a type constraint")]
    Type {
        /// Path within the value.
        path: AttributePath,
        /// Error from the type parser.
        #[source]
        source: TypeError,
    },
    /// JSON cannot represent unknown values and infinite numbers.
    #[error("{path}: {what} cannot be represented in JSON")]
    Unrepresentable {
        /// Path within the value.
        path: AttributePath,
        /// Kind of the value.
        what: &'static str,
    },
}

/// Reads a value of a type from JSON as in a state file. Missing attributes are null. Attributes that the type does not
/// define are dropped because the schema no longer contains them.
///
/// A schema can change the type of an attribute without a new version, so the stored value can have a different type.
/// As in terraform-plugin-go, numbers and bools are converted to strings, and numeric strings are converted to numbers.
/// The strings `true`, `false`, `1`, and `0` and the numbers 1 and 0 are converted to bools.
///
/// # Errors
/// Returns an error with the path if the JSON does not match the type.
pub fn value_from_json(json: &Json, ty: &Type) -> Result<Value, ValueJsonError> {
    read(json, ty, &AttributePath::root())
}

/// Writes a value as JSON.
///
/// # Errors
/// Returns an error with the path if the value contains an unknown value or an infinite number.
pub fn value_to_json(value: &Value) -> Result<Json, ValueJsonError> {
    write(value, &AttributePath::root())
}

fn read(json: &Json, ty: &Type, path: &AttributePath) -> Result<Value, ValueJsonError> {
    match (ty, json) {
        (_, Json::Null) => Ok(Value::Null),
        (Type::String, Json::String(text)) => Ok(Value::string(text.as_str())),
        (Type::Bool, Json::Bool(truth)) => Ok(Value::Bool(*truth)),
        (Type::Number, Json::Number(number)) => read_number(&number.to_string(), path),
        (Type::String, Json::Number(number)) => Ok(Value::string(number.to_string())),
        (Type::String, Json::Bool(truth)) => Ok(Value::string(truth.to_string())),
        (Type::Number, Json::String(text)) => read_number(text, path),
        (Type::Bool, Json::String(text)) => read_truth(text, path),
        (Type::Bool, Json::Number(number)) => match number.to_string().as_str() {
            text @ ("1" | "0") => read_truth(text, path),
            _ => Err(kind(ty, path)),
        },
        (Type::List(element), Json::Array(elements)) => {
            read_each(elements.iter().map(|json| (json, element.as_ref())), path).map(Value::List)
        }
        (Type::Set(element), Json::Array(elements)) => elements
            .iter()
            .map(|json| read(json, element, path))
            .collect::<Result<_, _>>()
            .map(Value::Set),
        (Type::Tuple(types), Json::Array(elements)) if types.len() == elements.len() => {
            read_each(elements.iter().zip(types), path).map(Value::Tuple)
        }
        (Type::Map(element), Json::Object(members)) => {
            let elements = members.iter().map(|(key, json)| {
                let value = read(json, element, &path.key(key))?;
                Ok((crate::Text::from(key.as_str()).into_string(), value))
            });
            elements.collect::<Result<_, _>>().map(Value::Map)
        }
        (Type::Object(object), Json::Object(members)) => read_object(members, object, path),
        (Type::Dynamic, Json::Object(members)) => read_dynamic(members, path),
        _ => Err(kind(ty, path)),
    }
}

fn kind(expected: &Type, path: &AttributePath) -> ValueJsonError {
    ValueJsonError::Kind {
        path: path.clone(),
        expected: expected.clone(),
    }
}

fn read_number(digits: &str, path: &AttributePath) -> Result<Value, ValueJsonError> {
    let number = digits.parse().map(Value::Number);
    number.map_err(|source| match source {
        // The error would contain the string, which could be secret.
        NumberError::Syntax { .. } => kind(&Type::Number, path),
        source => ValueJsonError::Number {
            path: path.clone(),
            source,
        },
    })
}

fn read_truth(text: &str, path: &AttributePath) -> Result<Value, ValueJsonError> {
    match text {
        "true" | "1" => Ok(Value::Bool(true)),
        "false" | "0" => Ok(Value::Bool(false)),
        _ => Err(kind(&Type::Bool, path)),
    }
}

fn read_each<'a>(
    elements: impl Iterator<Item = (&'a Json, &'a Type)>,
    path: &AttributePath,
) -> Result<Vec<Value>, ValueJsonError> {
    elements
        .enumerate()
        .map(|(index, (json, ty))| read(json, ty, &path.index(index)))
        .collect()
}

fn read_object(
    members: &serde_json::Map<String, Json>,
    object: &ObjectType,
    path: &AttributePath,
) -> Result<Value, ValueJsonError> {
    let attributes = object.attributes.iter().map(|(name, ty)| {
        let json = members.get(name).unwrap_or(&Json::Null);
        Ok((name.clone(), read(json, ty, &path.attribute(name))?))
    });
    attributes.collect::<Result<_, _>>().map(Value::Object)
}

fn read_dynamic(
    members: &serde_json::Map<String, Json>,
    path: &AttributePath,
) -> Result<Value, ValueJsonError> {
    let (Some(ty), Some(value)) = (members.get("type"), members.get("value")) else {
        return Err(kind(&Type::Dynamic, path));
    };
    let ty = Type::from_json(ty).map_err(|source| ValueJsonError::Type {
        path: path.clone(),
        source,
    })?;
    let value = read(value, &ty, path)?;
    Ok(Value::Dynamic(Box::new(Dynamic { ty, value })))
}

fn write(value: &Value, path: &AttributePath) -> Result<Json, ValueJsonError> {
    let unrepresentable = |what| ValueJsonError::Unrepresentable {
        path: path.clone(),
        what,
    };
    match value {
        Value::Null => Ok(Json::Null),
        Value::Unknown(_) => Err(unrepresentable("an unknown value")),
        Value::Bool(truth) => Ok(Json::Bool(*truth)),
        Value::String(text) => Ok(Json::String(text.to_string())),
        Value::Number(number) => {
            // `arbitrary_precision` stores the digits as a string, so the number is not converted to a float.
            serde_json::from_str(&number.to_string())
                .map_err(|_| unrepresentable("an infinite number"))
        }
        Value::List(elements) | Value::Tuple(elements) => elements
            .iter()
            .enumerate()
            .map(|(index, value)| write(value, &path.index(index)))
            .collect(),
        Value::Set(elements) => elements.iter().map(|value| write(value, path)).collect(),
        Value::Map(elements) => elements
            .iter()
            .map(|(key, value)| Ok((key.clone(), write(value, &path.key(key))?)))
            .collect(),
        Value::Object(attributes) => attributes
            .iter()
            .map(|(name, value)| Ok((name.clone(), write(value, &path.attribute(name))?)))
            .collect(),
        Value::Dynamic(inner) => {
            let members = [
                ("value", write(&inner.value, path)?),
                ("type", inner.ty.to_json()),
            ];
            Ok(Json::Object(
                members
                    .map(|(name, json)| (name.to_owned(), json))
                    .into_iter()
                    .collect(),
            ))
        }
    }
}
