//! Values: null, unknown, or known. The type of a value comes from the schema; a value does not carry it.

use std::collections::BTreeMap;

use crate::{AttributePath, Number, Set, Step, Text, Type, Unknown};

/// A value of the type system.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Value {
    /// No value.
    #[default]
    Null,
    /// A value that is not known yet.
    Unknown(Box<Unknown>),
    /// A truth value.
    Bool(bool),
    /// A number of any precision.
    Number(Number),
    /// A string in normalisation form C.
    String(Text),
    /// A list.
    List(Vec<Value>),
    /// A set.
    Set(Set),
    /// A map from strings.
    Map(BTreeMap<String, Value>),
    /// An object or a block: every attribute of its type is present.
    Object(BTreeMap<String, Value>),
    /// A tuple.
    Tuple(Vec<Value>),
    /// A value in a place whose type the schema leaves open.
    Dynamic(Box<Dynamic>),
}

/// A value together with its type, as it stands in a place of type `dynamic`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Dynamic {
    /// The type that was found.
    pub ty: Type,
    /// The value of that type.
    pub value: Value,
}

impl Value {
    /// A value of which nothing is known.
    pub fn unknown() -> Self {
        Self::Unknown(Box::default())
    }

    /// A string, normalised to form C.
    pub fn string(text: impl Into<Text>) -> Self {
        Self::String(text.into())
    }

    /// An object from its attributes.
    pub fn object<K: Into<String>>(attributes: impl IntoIterator<Item = (K, Value)>) -> Self {
        Self::Object(
            attributes
                .into_iter()
                .map(|(name, value)| (name.into(), value))
                .collect(),
        )
    }

    /// A map from its elements.
    pub fn map<K: Into<Text>>(elements: impl IntoIterator<Item = (K, Value)>) -> Self {
        Self::Map(
            elements
                .into_iter()
                .map(|(key, value)| (key.into().into_string(), value))
                .collect(),
        )
    }

    /// A set from its elements.
    pub fn set(elements: impl IntoIterator<Item = Value>) -> Self {
        Self::Set(elements.into_iter().collect())
    }

    /// Whether this is null; a null that brings its type is null too.
    pub fn is_null(&self) -> bool {
        matches!(self.inner(), Self::Null)
    }

    /// Whether this is unknown as a whole; an unknown value that brings its type is unknown too.
    pub fn is_unknown(&self) -> bool {
        matches!(self.inner(), Self::Unknown(_))
    }

    /// The value itself, without the type that it brings in a place of type `dynamic`.
    pub fn inner(&self) -> &Self {
        match self {
            Self::Dynamic(inner) => inner.value.inner(),
            plain => plain,
        }
    }

    /// Whether nothing in this value, however deep, is unknown.
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

    /// The same value with every unknown, however deep, made null.
    #[must_use]
    pub fn unknown_as_null(self) -> Self {
        self.replace_unknown(&|_| Self::Null)
    }

    /// The same value with every unknown, however deep, made plain: refinements are dropped.
    ///
    /// The plan rules compare values in this form.
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

    /// The attributes, if this is a known object.
    pub fn as_object(&self) -> Option<&BTreeMap<String, Value>> {
        match self.inner() {
            Self::Object(attributes) => Some(attributes),
            _ => None,
        }
    }

    /// The text, if this is a known string.
    pub fn as_str(&self) -> Option<&str> {
        match self.inner() {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// An attribute of a known object; null or unknown where the object itself is.
    pub fn attribute(&self, name: &str) -> Value {
        match self.inner() {
            Self::Object(attributes) => attributes.get(name).cloned().unwrap_or(Self::Null),
            Self::Unknown(_) => Self::unknown(),
            _ => Self::Null,
        }
    }

    /// The value at a path, if the path leads to one. Elements of sets have no path.
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
