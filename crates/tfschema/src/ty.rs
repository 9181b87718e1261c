//! Type constraints and their JSON form in protocol schemas.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::Value as Json;

/// A type of the type system.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Type {
    /// A string in normalization form C.
    String,
    /// A number of any precision.
    Number,
    /// A Boolean value.
    Bool,
    /// Any type. Each value includes its type.
    Dynamic,
    /// A list with a single element type.
    List(Box<Type>),
    /// A set with a single element type.
    Set(Box<Type>),
    /// A map from strings to a single element type.
    Map(Box<Type>),
    /// An object with exactly these attributes.
    Object(ObjectType),
    /// A tuple with one type per element.
    Tuple(Vec<Type>),
}

/// The attributes of an object type.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectType {
    /// Every attribute with its type.
    pub attributes: BTreeMap<String, Type>,
    /// Attributes that can be omitted in a conversion. They are part of the type constraint but not of a value's type.
    pub optional: BTreeSet<String>,
}

/// Error for a JSON document that is not a type constraint.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum TypeError {
    /// The input is not valid JSON.
    #[error("type constraint is not valid JSON: {reason}")]
    Syntax {
        /// Error from the JSON parser.
        reason: String,
    },
    /// The JSON does not have the form of a type constraint.
    #[error("{found} is not a type constraint")]
    Form {
        /// Rejected JSON.
        found: String,
    },
}

impl Type {
    /// Returns the list type with this element type.
    pub fn list(self) -> Self {
        Self::List(Box::new(self))
    }

    /// Returns the set type with this element type.
    pub fn set(self) -> Self {
        Self::Set(Box::new(self))
    }

    /// Returns the map type with this element type.
    pub fn map(self) -> Self {
        Self::Map(Box::new(self))
    }

    /// Returns the object type with these attributes.
    pub fn object<K: Into<String>>(attributes: impl IntoIterator<Item = (K, Type)>) -> Self {
        let attributes = attributes
            .into_iter()
            .map(|(name, ty)| (name.into(), ty))
            .collect();
        Self::Object(ObjectType {
            attributes,
            optional: BTreeSet::new(),
        })
    }

    /// Returns whether this type contains `dynamic` at any depth.
    pub fn contains_dynamic(&self) -> bool {
        match self {
            Self::Dynamic => true,
            Self::String | Self::Number | Self::Bool => false,
            Self::List(element) | Self::Set(element) | Self::Map(element) => {
                element.contains_dynamic()
            }
            Self::Object(object) => object.attributes.values().any(Self::contains_dynamic),
            Self::Tuple(elements) => elements.iter().any(Self::contains_dynamic),
        }
    }

    /// Returns the JSON form, such as `"string"`, `["list","string"]`, or `["object",{…}]`.
    pub fn to_json(&self) -> Json {
        match self {
            Self::String => "string".into(),
            Self::Number => "number".into(),
            Self::Bool => "bool".into(),
            Self::Dynamic => "dynamic".into(),
            Self::List(element) => Json::Array(vec!["list".into(), element.to_json()]),
            Self::Set(element) => Json::Array(vec!["set".into(), element.to_json()]),
            Self::Map(element) => Json::Array(vec!["map".into(), element.to_json()]),
            Self::Tuple(elements) => Json::Array(vec![
                "tuple".into(),
                Json::Array(elements.iter().map(Self::to_json).collect()),
            ]),
            Self::Object(object) => {
                let attributes = object
                    .attributes
                    .iter()
                    .map(|(name, ty)| (name.clone(), ty.to_json()))
                    .collect();
                let mut parts = vec![Json::from("object"), Json::Object(attributes)];
                if !object.optional.is_empty() {
                    parts.push(object.optional.iter().map(String::as_str).collect());
                }
                Json::Array(parts)
            }
        }
    }

    /// Reads the JSON form.
    ///
    /// # Errors
    /// Returns an error if the JSON does not have the form of a type constraint.
    pub fn from_json(json: &Json) -> Result<Self, TypeError> {
        let form = || TypeError::Form {
            found: json.to_string(),
        };
        match json {
            Json::String(name) => match name.as_str() {
                "string" => Ok(Self::String),
                "number" => Ok(Self::Number),
                "bool" => Ok(Self::Bool),
                "dynamic" => Ok(Self::Dynamic),
                _ => Err(form()),
            },
            Json::Array(parts) => match parts.as_slice() {
                [Json::String(kind), inner] => Self::from_parts(kind, inner)?.ok_or_else(form),
                [
                    Json::String(kind),
                    Json::Object(attributes),
                    Json::Array(optional),
                ] if kind == "object" => {
                    let names = optional
                        .iter()
                        .map(|name| name.as_str().map(str::to_owned).ok_or_else(form));
                    let object = ObjectType {
                        optional: names.collect::<Result<_, _>>()?,
                        ..object(attributes)?
                    };
                    Ok(Self::Object(object))
                }
                _ => Err(form()),
            },
            _ => Err(form()),
        }
    }

    /// Reads the JSON form from bytes, such as `Schema.Attribute.type`.
    ///
    /// # Errors
    /// Returns an error if the bytes are not JSON or do not have the form of a type constraint.
    pub fn from_json_bytes(bytes: &[u8]) -> Result<Self, TypeError> {
        let json = serde_json::from_slice(bytes).map_err(|e| TypeError::Syntax {
            reason: e.to_string(),
        })?;
        Self::from_json(&json)
    }

    fn from_parts(kind: &str, inner: &Json) -> Result<Option<Self>, TypeError> {
        Ok(match (kind, inner) {
            ("list", element) => Some(Self::from_json(element)?.list()),
            ("set", element) => Some(Self::from_json(element)?.set()),
            ("map", element) => Some(Self::from_json(element)?.map()),
            ("object", Json::Object(attributes)) => Some(Self::Object(object(attributes)?)),
            ("tuple", Json::Array(elements)) => Some(Self::Tuple(
                elements
                    .iter()
                    .map(Self::from_json)
                    .collect::<Result<_, _>>()?,
            )),
            _ => None,
        })
    }
}

fn object(attributes: &serde_json::Map<String, Json>) -> Result<ObjectType, TypeError> {
    let attributes = attributes
        .iter()
        .map(|(name, ty)| Ok((name.clone(), Type::from_json(ty)?)))
        .collect::<Result<_, _>>()?;
    Ok(ObjectType {
        attributes,
        optional: BTreeSet::new(),
    })
}

impl fmt::Display for Type {
    /// Writes the type in configuration syntax, such as `list(string)` or `object({ name = string })`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::String => f.write_str("string"),
            Self::Number => f.write_str("number"),
            Self::Bool => f.write_str("bool"),
            Self::Dynamic => f.write_str("any"),
            Self::List(element) => write!(f, "list({element})"),
            Self::Set(element) => write!(f, "set({element})"),
            Self::Map(element) => write!(f, "map({element})"),
            Self::Tuple(elements) => {
                f.write_str("tuple([")?;
                for (position, element) in elements.iter().enumerate() {
                    write!(f, "{}{element}", if position == 0 { "" } else { ", " })?;
                }
                f.write_str("])")
            }
            Self::Object(object) => {
                f.write_str("object({")?;
                for (position, (name, ty)) in object.attributes.iter().enumerate() {
                    write!(f, "{} {name} = {ty}", if position == 0 { "" } else { "," })?;
                }
                f.write_str(" })")
            }
        }
    }
}
