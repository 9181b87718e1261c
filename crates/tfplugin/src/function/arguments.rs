//! The arguments of a call: their positions, and how they become a struct.

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

    /// Reads the arguments of a call.
    ///
    /// # Errors
    /// An argument does not fit its Rust type.
    fn decode(values: ArgumentValues) -> Result<Self, FunctionError>;
}

/// Arguments that are data: the function returns its signature by [`Function::signature`](super::Function::signature).
impl Arguments for Vec<Value> {
    fn signature() -> Signature {
        Signature::new("", "")
    }

    fn decode(values: ArgumentValues) -> Result<Self, FunctionError> {
        Ok(values.values.collect())
    }
}

/// Reads the arguments of a call one after the other.
pub struct ArgumentValues {
    values: std::vec::IntoIter<Value>,
    next: usize,
}

impl ArgumentValues {
    /// The arguments in their order.
    pub fn new(values: Vec<Value>) -> Self {
        Self {
            values: values.into_iter(),
            next: 0,
        }
    }

    /// Takes the next argument; one that is missing is null.
    ///
    /// # Errors
    /// The argument does not fit the type.
    pub fn take<T: FunctionValue>(&mut self) -> Result<T, FunctionError> {
        let position = ArgumentPosition::new(self.next);
        self.next += 1;
        let value = self.values.next().unwrap_or_default();
        T::from_argument(value).map_err(|error| misfit(position, &error))
    }

    /// Takes all further arguments.
    ///
    /// # Errors
    /// An argument does not fit the type.
    pub fn rest<V: Variadic>(mut self) -> Result<V, FunctionError> {
        let mut elements = Vec::with_capacity(self.values.len());
        while self.values.len() > 0 {
            elements.push(self.take()?);
        }
        Ok(V::collect(elements))
    }
}

fn misfit(position: ArgumentPosition, error: &DecodeError) -> FunctionError {
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
