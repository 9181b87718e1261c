//! Values that must not be seen: write-only arguments and secret texts.

use tfschema::{AttributePath, Type, Value};
use zeroize::Zeroizing;

use super::attribute_type::AttributeType;
use super::codec::{Codec, DecodeError};
use super::facts::TypeFacts;
use super::planned::Planned;
use super::shape::Shape;

/// A text that must not be seen. It has no `Debug` and no `Display`, and its memory is cleared when it goes.
#[derive(Clone, Default)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// A secret text.
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The text itself. The caller is responsible for where it goes.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl Codec for Secret {
    fn decode(value: Value, path: &AttributePath) -> Result<Self, DecodeError> {
        String::decode(value, path).map(Self::new)
    }

    fn encode(self) -> Value {
        Value::string(self.0.as_str())
    }
}

impl AttributeType for Secret {
    type Planned = Planned<Secret>;
    type Paths = AttributePath;

    fn shape() -> Shape {
        Shape::Type(Type::String)
    }

    fn into_planned(self) -> Self::Planned {
        Planned::Known(self)
    }
}

/// A write-only argument: readable from configuration, never planned and never stored.
///
/// Whatever it holds, it is written as null.
#[derive(Clone, Default)]
pub struct WriteOnly<T>(Option<T>);

impl<T> WriteOnly<T> {
    /// Nothing: what every plan and every state holds.
    pub fn nothing() -> Self {
        Self(None)
    }

    /// The configured value, if this was read from configuration and one was set.
    pub fn value(&self) -> Option<&T> {
        self.0.as_ref()
    }
}

impl<T: Codec> Codec for WriteOnly<T> {
    fn decode(value: Value, path: &AttributePath) -> Result<Self, DecodeError> {
        Option::decode(value, path).map(Self)
    }

    fn encode(self) -> Value {
        Value::Null
    }
}

/// In a plan or configuration the value itself stands, so that it can be read from configuration.
impl<T: AttributeType> AttributeType for WriteOnly<T> {
    type Planned = T::Planned;
    type Paths = T::Paths;

    const FACTS: TypeFacts = T::FACTS.write_only();

    fn shape() -> Shape {
        T::shape()
    }

    /// Nothing: no plan holds the value of a write-only argument.
    fn into_planned(self) -> Self::Planned {
        T::Planned::default()
    }
}
