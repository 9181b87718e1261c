//! Confidential values: write-only arguments and secret strings.

use tfschema::{AttributePath, Type, Value};
use zeroize::Zeroizing;

use super::attribute_type::AttributeType;
use super::codec::{Codec, DecodeError};
use super::facts::TypeFacts;
use super::planned::Planned;
use super::shape::Shape;

/// Secret string. This type implements neither `Debug` nor `Display`, and clears its memory when it is dropped.
#[derive(Clone, Default)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Creates a secret string.
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// Returns the plaintext. The caller must keep it confidential.
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

/// Write-only argument, which is available from the configuration and is never planned or stored.
///
/// The argument is always encoded as null.
#[derive(Clone, Default)]
pub struct WriteOnly<T>(Option<T>);

impl<T> WriteOnly<T> {
    /// Returns an argument without a value, as it occurs in every plan and state.
    pub fn null() -> Self {
        Self(None)
    }

    /// Returns the value if it is set and the argument was decoded from the configuration.
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

/// Uses the planned type of the value, which allows the value to be read from the configuration.
impl<T: AttributeType> AttributeType for WriteOnly<T> {
    type Planned = T::Planned;
    type Paths = T::Paths;

    const FACTS: TypeFacts = T::FACTS.write_only();

    fn shape() -> Shape {
        T::shape()
    }

    /// Returns null, because a plan never contains the value of a write-only argument.
    fn into_planned(self) -> Self::Planned {
        T::Planned::default()
    }
}
