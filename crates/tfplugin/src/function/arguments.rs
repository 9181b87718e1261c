//! Arguments in a function call, and their conversion to a struct.

use tfschema::Value;

use super::error::FunctionError;
use super::position::ArgumentPosition;
use super::signature::Signature;
use super::value::{FunctionValue, Variadic};
use crate::attribute::DecodeError;

/// Parameters of a function as a Rust type. `#[derive(Arguments)]` implements this trait for a struct.
pub trait Arguments: Sized + Send + 'static {
    /// Returns the name and parameters of the function.
    fn signature() -> Signature;

    /// Decodes the arguments in a call.
    ///
    /// # Errors
    /// Returns an error if an argument does not match its Rust type.
    fn decode(values: ArgumentValues) -> Result<Self, FunctionError>;
}

/// Untyped arguments. A function that uses them must override [`Function::signature`](super::Function::signature).
impl Arguments for Vec<Value> {
    fn signature() -> Signature {
        Signature::new("", "")
    }

    fn decode(values: ArgumentValues) -> Result<Self, FunctionError> {
        Ok(values.values.collect())
    }
}

/// Decoder for the arguments in a call.
pub struct ArgumentValues {
    values: std::vec::IntoIter<Value>,
    next: usize,
}

impl ArgumentValues {
    /// Creates a decoder for arguments in parameter order.
    pub fn new(values: Vec<Value>) -> Self {
        Self {
            values: values.into_iter(),
            next: 0,
        }
    }

    /// Decodes the next argument. A missing argument is null.
    ///
    /// # Errors
    /// Returns an error if the argument does not match the type.
    pub fn take<T: FunctionValue>(&mut self) -> Result<T, FunctionError> {
        let position = ArgumentPosition::new(self.next);
        self.next += 1;
        let value = self.values.next().unwrap_or_default();
        T::from_argument(value).map_err(|error| mismatch(position, &error))
    }

    /// Decodes all remaining arguments.
    ///
    /// # Errors
    /// Returns an error if an argument does not match the type.
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
