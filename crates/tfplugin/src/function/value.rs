//! Rust types as parameters and results of functions.

use tfschema::{AttributePath, Type, Value};

use crate::attribute::{AttributeType, Codec, DecodeError, Planned};

/// A Rust type that can be a parameter or the result of a function: every [`AttributeType`], and [`Planned`] of one.
pub trait FunctionValue: Sized + Send + 'static {
    /// Returns the type in the configuration language.
    fn value_type() -> Type;

    /// Whether null reaches the function. Source: protocol field `allow_null_value`.
    fn allows_null() -> bool;

    /// Whether unknown values reach the function. Source: protocol field `allow_unknown_values`.
    fn allows_unknown() -> bool {
        false
    }

    /// Reads an argument.
    ///
    /// # Errors
    /// The value is of another kind, such as a fraction in place of a whole number.
    fn from_argument(value: Value) -> Result<Self, DecodeError>;

    /// Writes a result.
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

/// A Rust type that takes all further arguments of a function.
pub trait Variadic: Sized {
    /// The type of each argument.
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
