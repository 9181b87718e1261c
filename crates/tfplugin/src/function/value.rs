//! Rust types as parameters and results of functions.

use tfschema::{AttributePath, Type, Value};

use crate::attribute::{AttributeType, Codec, DecodeError, Planned};

/// A Rust type for parameters and results of functions: every [`AttributeType`], and [`Planned`] of an [`AttributeType`].
pub trait FunctionValue: Sized + Send + 'static {
    /// Returns the corresponding type of the configuration language.
    fn value_type() -> Type;

    /// Whether the parameter accepts null. Source: protocol field `allow_null_value`.
    fn allows_null() -> bool;

    /// Whether the parameter accepts unknown values. Source: protocol field `allow_unknown_values`.
    fn allows_unknown() -> bool {
        false
    }

    /// Decodes an argument.
    ///
    /// # Errors
    /// The value is of another kind, such as a fraction instead of an integer.
    fn from_argument(value: Value) -> Result<Self, DecodeError>;

    /// Encodes a result.
    fn into_result(self) -> Value;
}

impl<T: AttributeType> FunctionValue for T {
    fn value_type() -> Type {
        T::shape().into_type()
    }

    fn allows_null() -> bool {
        T::nullable().first() == Some(&true)
    }

    fn from_argument(value: Value) -> Result<Self, DecodeError> {
        T::decode(value, &AttributePath::root())
    }

    fn into_result(self) -> Value {
        self.encode()
    }
}

impl<T: AttributeType> FunctionValue for Planned<T> {
    fn value_type() -> Type {
        T::shape().into_type()
    }

    fn allows_null() -> bool {
        true
    }

    fn allows_unknown() -> bool {
        true
    }

    fn from_argument(value: Value) -> Result<Self, DecodeError> {
        match value.is_wholly_known() {
            true => Codec::decode(value, &AttributePath::root()),
            false => Ok(Self::Unknown),
        }
    }

    fn into_result(self) -> Value {
        self.encode()
    }
}

/// A Rust type that collects the variadic arguments of a function.
pub trait Variadic: Sized {
    /// Type of each argument.
    type Element: FunctionValue;

    /// Collects the arguments.
    fn collect(elements: Vec<Self::Element>) -> Self;
}

impl<T: FunctionValue> Variadic for Vec<T> {
    type Element = T;

    fn collect(elements: Vec<T>) -> Self {
        elements
    }
}
