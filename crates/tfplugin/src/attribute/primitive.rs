//! Attribute types for strings, numbers, Booleans, and dynamic values.

use tfschema::{AttributePath, Number, Type, Value};

use super::attribute_type::AttributeType;
use super::codec::{Codec, DecodeError};
use super::facts::TypeFacts;
use super::planned::Planned;
use super::shape::Shape;

macro_rules! leaf {
    ($ty:ty, $shape:expr) => {
        leaf!($ty, $shape, TypeFacts::LEAF);
    };
    ($ty:ty, $shape:expr, $facts:expr) => {
        impl AttributeType for $ty {
            type Planned = Planned<$ty>;
            type Paths = AttributePath;

            const FACTS: TypeFacts = $facts;

            fn shape() -> Shape {
                Shape::Type($shape)
            }

            fn into_planned(self) -> Self::Planned {
                Planned::Known(self)
            }
        }
    };
}

leaf!(String, Type::String);
leaf!(bool, Type::Bool);
leaf!(Number, Type::Number);
leaf!(Value, Type::Dynamic, TypeFacts::DYNAMIC);

impl Codec for String {
    fn decode(value: Value, path: &AttributePath) -> Result<Self, DecodeError> {
        match value {
            Value::String(text) => Ok(text.into_string()),
            other => Err(DecodeError::new(path, "a string", &other)),
        }
    }

    fn encode(self) -> Value {
        Value::string(self)
    }
}

impl Codec for bool {
    fn decode(value: Value, path: &AttributePath) -> Result<Self, DecodeError> {
        match value {
            Value::Bool(truth) => Ok(truth),
            other => Err(DecodeError::new(path, "true or false", &other)),
        }
    }

    fn encode(self) -> Value {
        Value::Bool(self)
    }
}

impl Codec for Number {
    fn decode(value: Value, path: &AttributePath) -> Result<Self, DecodeError> {
        match value {
            Value::Number(number) => Ok(number),
            other => Err(DecodeError::new(path, "a number", &other)),
        }
    }

    fn encode(self) -> Value {
        Value::Number(self)
    }
}

impl Codec for Value {
    fn decode(value: Value, _path: &AttributePath) -> Result<Self, DecodeError> {
        Ok(value)
    }

    fn encode(self) -> Value {
        self
    }
}

macro_rules! integers {
    ($($ty:ty => $expected:literal),*) => {$(
        leaf!($ty, Type::Number);

        impl Codec for $ty {
            fn decode(value: Value, path: &AttributePath) -> Result<Self, DecodeError> {
                let integer = match &value {
                    Value::Number(number) => number.as_i64().and_then(|integer| integer.try_into().ok()),
                    _ => None,
                };
                integer.ok_or_else(|| DecodeError::new(path, $expected, &value))
            }

            fn encode(self) -> Value {
                Value::Number(i64::from(self).into())
            }
        }
    )*};
}

integers!(
    i64 => "a whole number",
    i32 => "a whole number from -2147483648 to 2147483647",
    u32 => "a whole number from 0 to 4294967295",
    u16 => "a whole number from 0 to 65535"
);
