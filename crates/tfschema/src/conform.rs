//! Checks whether a value conforms to a type.

use crate::{AttributePath, Step, Type, Value};

/// Error for a value that does not conform to a type.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {problem}")]
pub struct NonConforming {
    /// Path within the value.
    pub path: AttributePath,
    /// Reason.
    pub problem: Conformance,
}

/// Reason why a value does not conform to a type.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Conformance {
    /// The kind of the value does not match the type.
    #[error("{expected} is required, found {found}")]
    Kind {
        /// Required type.
        expected: Type,
        /// Kind of the value. The value itself is omitted because it could be secret.
        found: &'static str,
    },
    /// The object lacks an attribute that its type defines.
    #[error("attribute {name:?} is missing")]
    Missing {
        /// Name of the attribute.
        name: String,
    },
    /// The object has an attribute that its type does not define.
    #[error("attribute {name:?} is not in the schema")]
    Extra {
        /// Name of the attribute.
        name: String,
    },
    /// The tuple and its type have different lengths.
    #[error("{expected} elements are required, found {found}")]
    Length {
        /// Number of elements in the type.
        expected: usize,
        /// Number of elements in the value.
        found: usize,
    },
}

impl Type {
    /// Checks that a value conforms to this type. Null and unknown values conform to every type.
    ///
    /// # Errors
    /// Returns an error with the first path, in depth-first order, at which the value does not conform.
    pub fn check(&self, value: &Value) -> Result<(), NonConforming> {
        check(self, value, &AttributePath::root())
    }
}

impl Value {
    /// Returns the kind of this value, for messages that must not show the value.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Unknown(_) => "an unknown value",
            Self::Bool(_) => "a bool",
            Self::Number(_) => "a number",
            Self::String(_) => "a string",
            Self::List(_) => "a list",
            Self::Set(_) => "a set",
            Self::Map(_) => "a map",
            Self::Object(_) => "an object",
            Self::Tuple(_) => "a tuple",
            Self::Dynamic(_) => "a value with its type",
        }
    }
}

fn check(ty: &Type, value: &Value, path: &AttributePath) -> Result<(), NonConforming> {
    let fail = |problem| {
        Err(NonConforming {
            path: path.clone(),
            problem,
        })
    };
    match (ty, value) {
        (_, Value::Null | Value::Unknown(_))
        | (Type::String, Value::String(_))
        | (Type::Number, Value::Number(_))
        | (Type::Bool, Value::Bool(_)) => Ok(()),
        (Type::Dynamic, Value::Dynamic(inner)) => check(&inner.ty, &inner.value, path),
        (Type::List(element), Value::List(elements)) => {
            each(elements.iter().map(|v| (element.as_ref(), v)), path)
        }
        (Type::Set(element), Value::Set(elements)) => {
            // Elements of sets have no path, so the path ends at the set.
            let mut results = elements.iter().map(|v| check(element, v, path));
            results.try_for_each(|result| {
                result.map_err(|wrong| NonConforming {
                    path: path.clone(),
                    ..wrong
                })
            })
        }
        (Type::Map(element), Value::Map(elements)) => elements
            .iter()
            .try_for_each(|(key, v)| check(element, v, &path.key(key))),
        (Type::Tuple(types), Value::Tuple(elements)) if types.len() != elements.len() => {
            fail(Conformance::Length {
                expected: types.len(),
                found: elements.len(),
            })
        }
        (Type::Tuple(types), Value::Tuple(elements)) => each(types.iter().zip(elements), path),
        (Type::Object(object), Value::Object(attributes)) => {
            if let Some(name) = attributes
                .keys()
                .find(|name| !object.attributes.contains_key(*name))
            {
                return fail(Conformance::Extra { name: name.clone() });
            }
            object
                .attributes
                .iter()
                .try_for_each(|(name, ty)| match attributes.get(name) {
                    Some(value) => check(ty, value, &path.attribute(name)),
                    None => fail(Conformance::Missing { name: name.clone() }),
                })
        }
        (expected, found) => fail(Conformance::Kind {
            expected: expected.clone(),
            found: found.kind(),
        }),
    }
}

fn each<'a>(
    mut elements: impl Iterator<Item = (&'a Type, &'a Value)>,
    path: &AttributePath,
) -> Result<(), NonConforming> {
    let mut index = 0;
    elements.try_for_each(|(ty, value)| {
        let here = path.then(Step::Index(index));
        index += 1;
        check(ty, value, &here)
    })
}
