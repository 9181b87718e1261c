//! Planned values, which are known, null, or unknown.

use tfschema::{AttributePath, Value};

use super::codec::{Codec, DecodeError};

/// A value in a plan, in the configuration, or in the stored state of a partially created object.
///
/// In contrast, a `create` method returns plain values, so the compiler rejects values that would be unknown after apply.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Planned<T> {
    /// The value is known.
    Known(T),
    /// The value is null.
    #[default]
    Null,
    /// The value will be known after apply.
    Unknown,
}

impl<T> Planned<T> {
    /// Returns a reference to the value if it is known.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Null | Self::Unknown => None,
        }
    }

    /// Returns the value if it is known.
    pub fn into_known(self) -> Option<T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Null | Self::Unknown => None,
        }
    }

    /// Returns whether the value is unknown until apply.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown)
    }

    /// Returns whether the value is null.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Applies a function to a known value.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Planned<U> {
        match self {
            Self::Known(value) => Planned::Known(change(value)),
            Self::Null => Planned::Null,
            Self::Unknown => Planned::Unknown,
        }
    }
}

impl<T: Codec> Planned<T> {
    /// Converts this value to its plain form `P`. For example, `Planned<SubjectPlan>` becomes `Subject`, or
    /// `Option<Subject>` if null is allowed.
    ///
    /// # Errors
    /// Returns an error if the value contains an unknown value, or contains null although `P` requires a value.
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
            // `T` decodes a null or unknown value that carries a type. Otherwise, the type would be lost.
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

/// Elements of a set in a plan, in their original order.
///
/// Equal elements are not merged, because two unknown elements can have different values after apply.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PlannedSet<T>(Vec<T>);

impl<T> PlannedSet<T> {
    /// Returns an iterator over the elements.
    pub fn iter(&self) -> std::slice::Iter<'_, T> {
        self.0.iter()
    }

    /// Returns the number of elements. Each unknown element counts as one.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns whether the set is empty.
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
