//! Null, unknown, and known values. The schema defines the type of a value. The value itself does not contain the type.

use std::collections::BTreeMap;

use crate::{AttributePath, Number, Set, Step, Text, Type, Unknown};

/// A value of the type system.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Value {
    /// A null value.
    #[default]
    Null,
    /// A value that is not known yet.
    Unknown(Box<Unknown>),
    /// A Boolean value.
    Bool(bool),
    /// A number of any precision.
    Number(Number),
    /// A string in normalization form C.
    String(Text),
    /// A list.
    List(Vec<Value>),
    /// A set.
    Set(Set),
    /// A map from strings.
    Map(BTreeMap<String, Value>),
    /// An object or a block, with every attribute of its type.
    Object(BTreeMap<String, Value>),
    /// A tuple.
    Tuple(Vec<Value>),
    /// The value of an attribute whose type is `dynamic`.
    Dynamic(Box<Dynamic>),
}

/// A value of an attribute whose type is `dynamic`, together with its type.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Dynamic {
    /// Type of the value.
    pub ty: Type,
    /// Value of that type.
    pub value: Value,
}

impl Value {
    /// Returns an unknown value without refinements.
    pub fn unknown() -> Self {
        Self::Unknown(Box::default())
    }

    /// Returns a string, normalized to form C.
    pub fn string(text: impl Into<Text>) -> Self {
        Self::String(text.into())
    }

    /// Returns an object with these attributes.
    pub fn object<K: Into<String>>(attributes: impl IntoIterator<Item = (K, Value)>) -> Self {
        Self::Object(
            attributes
                .into_iter()
                .map(|(name, value)| (name.into(), value))
                .collect(),
        )
    }

    /// Returns a map with these elements.
    pub fn map<K: Into<Text>>(elements: impl IntoIterator<Item = (K, Value)>) -> Self {
        Self::Map(
            elements
                .into_iter()
                .map(|(key, value)| (key.into().into_string(), value))
                .collect(),
        )
    }

    /// Returns a set with these elements.
    pub fn set(elements: impl IntoIterator<Item = Value>) -> Self {
        Self::Set(elements.into_iter().collect())
    }

    /// Returns whether this is null, or a dynamic value that is null.
    pub fn is_null(&self) -> bool {
        matches!(self.inner(), Self::Null)
    }

    /// Returns whether this is a wholly unknown value, or a dynamic value that is wholly unknown.
    pub fn is_unknown(&self) -> bool {
        matches!(self.inner(), Self::Unknown(_))
    }

    /// Returns the value without the type of a dynamic value.
    pub fn inner(&self) -> &Self {
        match self {
            Self::Dynamic(inner) => inner.value.inner(),
            plain => plain,
        }
    }

    /// Returns whether the value contains no unknown value at any depth.
    pub fn is_wholly_known(&self) -> bool {
        match self {
            Self::Unknown(_) => false,
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::String(_) => true,
            Self::List(elements) | Self::Tuple(elements) => {
                elements.iter().all(Self::is_wholly_known)
            }
            Self::Set(elements) => elements.iter().all(Self::is_wholly_known),
            Self::Map(elements) | Self::Object(elements) => {
                elements.values().all(Self::is_wholly_known)
            }
            Self::Dynamic(inner) => inner.value.is_wholly_known(),
        }
    }

    /// Replaces every unknown value, at any depth, with null.
    #[must_use]
    pub fn unknown_as_null(self) -> Self {
        self.replace_unknown(&|_| Self::Null)
    }

    /// Removes the refinements of every unknown value, at any depth.
    ///
    /// The planning rules compare values in this form.
    #[must_use]
    pub fn without_refinements(self) -> Self {
        self.replace_unknown(&|_| Self::unknown())
    }

    fn replace_unknown(self, replacement: &impl Fn(Unknown) -> Self) -> Self {
        let each = |elements: Vec<Self>| {
            elements
                .into_iter()
                .map(|e| e.replace_unknown(replacement))
                .collect()
        };
        let named = |elements: BTreeMap<String, Self>| {
            elements
                .into_iter()
                .map(|(k, v)| (k, v.replace_unknown(replacement)))
                .collect()
        };
        match self {
            Self::Unknown(unknown) => replacement(*unknown),
            Self::List(elements) => Self::List(each(elements)),
            Self::Tuple(elements) => Self::Tuple(each(elements)),
            Self::Set(elements) => Self::Set(
                elements
                    .into_iter()
                    .map(|e| e.replace_unknown(replacement))
                    .collect(),
            ),
            Self::Map(elements) => Self::Map(named(elements)),
            Self::Object(attributes) => Self::Object(named(attributes)),
            Self::Dynamic(inner) => {
                let Dynamic { ty, value } = *inner;
                Self::Dynamic(Box::new(Dynamic {
                    ty,
                    value: value.replace_unknown(replacement),
                }))
            }
            known => known,
        }
    }

    /// Returns the attributes, if this is a known object.
    pub fn as_object(&self) -> Option<&BTreeMap<String, Value>> {
        match self.inner() {
            Self::Object(attributes) => Some(attributes),
            _ => None,
        }
    }

    /// Returns the string slice, if this is a known string.
    pub fn as_str(&self) -> Option<&str> {
        match self.inner() {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// Returns an attribute of an object. The attribute of a null or unknown object is null or unknown, respectively.
    pub fn attribute(&self, name: &str) -> Value {
        match self.inner() {
            Self::Object(attributes) => attributes.get(name).cloned().unwrap_or(Self::Null),
            Self::Unknown(_) => Self::unknown(),
            _ => Self::Null,
        }
    }

    /// Returns the value at a path, if it exists. Elements of sets have no path.
    pub fn at(&self, path: &AttributePath) -> Option<&Value> {
        path.steps()
            .iter()
            .try_fold(self, |value, step| match (value.inner(), step) {
                (Self::Object(attributes), Step::Attribute(name)) => attributes.get(name),
                (Self::Map(elements), Step::Key(key)) => elements.get(key),
                (Self::List(elements) | Self::Tuple(elements), Step::Index(index)) => {
                    usize::try_from(*index)
                        .ok()
                        .and_then(|index| elements.get(index))
                }
                _ => None,
            })
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Self {
        Self::Bool(truth)
    }
}

impl From<i64> for Value {
    fn from(integer: i64) -> Self {
        Self::Number(integer.into())
    }
}

impl From<Number> for Value {
    fn from(number: Number) -> Self {
        Self::Number(number)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::string(text)
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::string(text)
    }
}
