//! A value in a plan: known, null, or not known yet.

use tfschema::{AttributePath, Value};

use super::codec::{Codec, DecodeError};

/// A value in a plan, in configuration, or in stored state of an object that was only partly made.
///
/// What `create` returns has no such form: it holds plain values, so "unknown after apply" does not compile.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Planned<T> {
    /// The value is known.
    Known(T),
    /// There is no value.
    #[default]
    Null,
    /// The value will be known after apply.
    Unknown,
}

impl<T> Planned<T> {
    /// The value, if it is known.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Null | Self::Unknown => None,
        }
    }

    /// The value by itself, if it is known.
    pub fn into_known(self) -> Option<T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Null | Self::Unknown => None,
        }
    }

    /// Whether the value will only be known after apply.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown)
    }

    /// Whether there is no value.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The known value changed by a function.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Planned<U> {
        match self {
            Self::Known(value) => Planned::Known(change(value)),
            Self::Null => Planned::Null,
            Self::Unknown => Planned::Unknown,
        }
    }
}

impl<T: Codec> Planned<T> {
    /// The plain form `P` of this value: `Planned<SubjectPlan>` as `Subject`, or as `Option<Subject>` where null
    /// is allowed.
    ///
    /// # Errors
    /// The value is unknown somewhere, or null where `P` needs a value.
    pub fn settle<P: Codec>(self, path: impl Into<AttributePath>) -> Result<P, DecodeError> {
        P::decode(self.encode(), &path.into())
    }
}

impl<T> From<T> for Planned<T> {
    fn from(value: T) -> Self {
        Self::Known(value)
    }
}

impl<T> From<Option<T>> for Planned<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Self::Known)
    }
}

impl<T: Codec> Codec for Planned<T> {
    fn decode(value: Value, path: &AttributePath) -> Result<Self, DecodeError> {
        match value {
            Value::Null => Ok(Self::Null),
            Value::Unknown(_) => Ok(Self::Unknown),
            // A null or unknown value that brings its type goes to `T`, or the type would be lost.
            other => T::decode(other, path).map(Self::Known),
        }
    }

    fn encode(self) -> Value {
        match self {
            Self::Known(value) => value.encode(),
            Self::Null => Value::Null,
            Self::Unknown => Value::unknown(),
        }
    }
}

/// The elements of a set in a plan, in the order in which they came.
///
/// Two elements that are not known yet may turn out different, so nothing is merged here.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PlannedSet<T>(Vec<T>);

impl<T> PlannedSet<T> {
    /// The elements.
    pub fn iter(&self) -> std::slice::Iter<'_, T> {
        self.0.iter()
    }

    /// How many elements there are; those that are not known yet are counted one by one.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no element.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<T> FromIterator<T> for PlannedSet<T> {
    fn from_iter<I: IntoIterator<Item = T>>(elements: I) -> Self {
        Self(elements.into_iter().collect())
    }
}

impl<T> IntoIterator for PlannedSet<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a, T> IntoIterator for &'a PlannedSet<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl<T: Codec> Codec for PlannedSet<T> {
    fn decode(value: Value, path: &AttributePath) -> Result<Self, DecodeError> {
        match value {
            Value::Set(elements) => elements
                .into_iter()
                .map(|value| T::decode(value, path))
                .collect(),
            other => Err(DecodeError::new(path, "a set", &other)),
        }
    }

    fn encode(self) -> Value {
        Value::Set(self.into_iter().map(T::encode).collect())
    }
}
