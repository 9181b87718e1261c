//! Arguments of a call, and their conversion to a struct.

use tfschema::Value;

use super::error::FunctionError;
use super::position::ArgumentPosition;
use super::signature::Signature;
use super::value::{FunctionValue, Variadic};
use crate::attribute::DecodeError;

/// The parameters of a function as a Rust type. `#[derive(Arguments)]` implements it for a struct.
pub trait Arguments: Sized + Send + 'static {
    /// Returns name and parameters of the function.
    fn signature() -> Signature;

    /// Decodes the arguments of a call.
    ///
    /// # Errors
    /// An argument does not match its Rust type.
    fn decode(values: ArgumentValues) -> Result<Self, FunctionError>;
}

/// Untyped arguments. The function must override [`Function::signature`](super::Function::signature).
impl Arguments for Vec<Value> {
    fn signature() -> Signature {
        Signature::new("", "")
    }

    fn decode(values: ArgumentValues) -> Result<Self, FunctionError> {
        Ok(values.values.collect())
    }
}

/// Decodes the arguments of a call one by one.
pub struct ArgumentValues {
    values: std::vec::IntoIter<Value>,
    next: usize,
}

impl ArgumentValues {
    /// Creates a decoder for arguments in their order.
    pub fn new(values: Vec<Value>) -> Self {
        Self {
            values: values.into_iter(),
            next: 0,
        }
    }

    /// Decodes the next argument. A missing argument is null.
    ///
    /// # Errors
    /// The argument does not match the type.
    pub fn take<T: FunctionValue>(&mut self) -> Result<T, FunctionError> {
        let position = ArgumentPosition::new(self.next);
        self.next += 1;
        let value = self.values.next().unwrap_or_default();
        T::from_argument(value).map_err(|error| mismatch(position, &error))
    }

    /// Decodes all remaining arguments.
    ///
    /// # Errors
    /// An argument does not match the type.
    pub fn rest<V: Variadic>(mut self) -> Result<V, FunctionError> {
        let mut elements = Vec::with_capacity(self.values.len());
        while self.values.len() > 0 {
            elements.push(self.take()?);
        }
        Ok(V::collect(elements))
    }
}

fn mismatch(position: ArgumentPosition, error: &DecodeError) -> FunctionError {
    let place = match error.path.is_root() {
        true => String::new(),
        false => format!("`{}` ", error.path),
    };
    let (expected, found) = (error.expected, error.found);
    FunctionError::at(
        position,
        format!("{place}must be {expected}, but is {found}"),
    )
}
