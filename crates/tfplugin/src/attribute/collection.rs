//! Attribute types for optional values, lists, sets, and maps.

use std::collections::{BTreeMap, BTreeSet};

use tfschema::{AttributePath, ObjectNesting, Set, Step, Type, Value};

use super::attribute_type::AttributeType;
use super::codec::{Codec, DecodeError};
use super::facts::TypeFacts;
use super::paths::{ListPaths, MapPaths};
use super::planned::{Planned, PlannedSet};
use super::shape::Shape;

/// Returns [`AttributeType::nullable`] for a collection of `T`. The collection itself is never null.
fn nullable_elements<T: AttributeType>() -> Vec<bool> {
    std::iter::once(false).chain(T::nullable()).collect()
}

impl<T: Codec> Codec for Option<T> {
    fn decode(value: Value, path: &AttributePath) -> Result<Self, DecodeError> {
        match value {
            Value::Null => Ok(None),
            other => T::decode(other, path).map(Some),
        }
    }

    fn encode(self) -> Value {
        self.map_or(Value::Null, T::encode)
    }
}

impl<T: AttributeType> AttributeType for Option<T> {
    type Planned = T::Planned;
    type Paths = T::Paths;

    const FACTS: TypeFacts = T::FACTS.optional();

    fn shape() -> Shape {
        T::shape()
    }

    fn into_planned(self) -> Self::Planned {
        self.map_or_else(Self::Planned::default, T::into_planned)
    }

    fn nullable() -> Vec<bool> {
        let within = T::nullable().into_iter().skip(1);
        std::iter::once(true).chain(within).collect()
    }
}

impl<T: Codec> Codec for Vec<T> {
    fn decode(value: Value, path: &AttributePath) -> Result<Self, DecodeError> {
        match value {
            Value::List(elements) | Value::Tuple(elements) => elements
                .into_iter()
                .zip(0..)
                .map(|(value, index)| {
                    T::decode(value, &AttributePath::root())
                        .map_err(|error| error.within(path, Step::Index(index)))
                })
                .collect(),
            other => Err(DecodeError::new(path, "a list", &other)),
        }
    }

    fn encode(self) -> Value {
        Value::List(self.into_iter().map(T::encode).collect())
    }
}

impl<T: AttributeType> AttributeType for Vec<T> {
    type Planned = Planned<Vec<T::Planned>>;
    type Paths = ListPaths<T::Paths>;

    const FACTS: TypeFacts = T::FACTS.repeated();

    fn shape() -> Shape {
        T::shape().repeated(ObjectNesting::List, Type::list)
    }

    fn into_planned(self) -> Self::Planned {
        Planned::Known(self.into_iter().map(T::into_planned).collect())
    }

    fn nullable() -> Vec<bool> {
        nullable_elements::<T>()
    }
}

impl<T: Codec + Ord> Codec for BTreeSet<T> {
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
        Value::Set(self.into_iter().map(T::encode).collect::<Set>())
    }
}

impl<T: AttributeType + Ord> AttributeType for BTreeSet<T> {
    type Planned = Planned<PlannedSet<T::Planned>>;
    type Paths = AttributePath;

    const FACTS: TypeFacts = T::FACTS.in_set();

    fn shape() -> Shape {
        T::shape().repeated(ObjectNesting::Set, Type::set)
    }

    fn into_planned(self) -> Self::Planned {
        Planned::Known(self.into_iter().map(T::into_planned).collect())
    }

    fn nullable() -> Vec<bool> {
        nullable_elements::<T>()
    }
}

impl<T: Codec> Codec for BTreeMap<String, T> {
    fn decode(value: Value, path: &AttributePath) -> Result<Self, DecodeError> {
        match value {
            Value::Map(elements) => elements
                .into_iter()
                .map(|(key, value)| {
                    let value = T::decode(value, &AttributePath::root())
                        .map_err(|error| error.within(path, Step::Key(key.clone())))?;
                    Ok((key, value))
                })
                .collect(),
            other => Err(DecodeError::new(path, "a map", &other)),
        }
    }

    fn encode(self) -> Value {
        Value::Map(
            self.into_iter()
                .map(|(key, value)| (key, value.encode()))
                .collect(),
        )
    }
}

impl<T: AttributeType> AttributeType for BTreeMap<String, T> {
    type Planned = Planned<BTreeMap<String, T::Planned>>;
    type Paths = MapPaths<T::Paths>;

    const FACTS: TypeFacts = T::FACTS.in_map();

    fn shape() -> Shape {
        T::shape().repeated(ObjectNesting::Map, Type::map)
    }

    fn into_planned(self) -> Self::Planned {
        Planned::Known(
            self.into_iter()
                .map(|(key, value)| (key, value.into_planned()))
                .collect(),
        )
    }

    fn nullable() -> Vec<bool> {
        nullable_elements::<T>()
    }
}
