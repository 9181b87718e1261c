//! Rust types that functions use as parameters and results.

use tfschema::{AttributePath, Type, Value};

use crate::attribute::{AttributeType, Codec, DecodeError, Planned};

/// Rust type of a function parameter or result: every [`AttributeType`], and [`Planned`] of an [`AttributeType`].
pub trait FunctionValue: Sized + Send + 'static {
    /// Returns the corresponding type in the configuration language.
    fn value_type() -> Type;

    /// Returns whether the parameter accepts null. Source: protocol field `allow_null_value`.
    fn allows_null() -> bool;

    /// Returns whether the parameter accepts unknown values. Source: protocol field `allow_unknown_values`.
    fn allows_unknown() -> bool {
        false
    }

    /// Decodes an argument.
    ///
    /// # Errors
    /// Returns an error if the value is of another kind. For example, it is a fraction instead of an integer.
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

/// Rust type that collects the variadic arguments of a function.
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
