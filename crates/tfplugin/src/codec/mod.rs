//! The wire format of values: MessagePack or JSON, converted to and from [`Value`] according to a [`Type`].
//!
//! Decoding returns a value or an error with its path, and never panics. Input may be truncated, nested without limit, or
//! declare false lengths. This module is independent of schemas and messages.

mod error;
mod read;
mod refinement;
mod write;

use tfschema::json::value_from_json;
use tfschema::{Type, Value};

pub(crate) use error::{Problem, WireError};

/// Maximum nesting of values. Real schemas use less than a quarter of it, and the stack of a worker thread supports many
/// times more.
const MAX_DEPTH: usize = 128;

/// Decodes a value of a type from MessagePack.
///
/// # Errors
/// The bytes are not exactly one value of the type. The error contains path and cause.
pub(crate) fn decode(bytes: &[u8], ty: &Type) -> Result<Value, WireError> {
    let mut reader = read::Reader::new(bytes);
    let value = reader.value(ty, MAX_DEPTH)?;
    match reader.left() {
        0 => Ok(value),
        bytes => Err(Problem::Trailing { bytes }.into()),
    }
}

/// Encodes a value of a type as MessagePack.
///
/// # Errors
/// The value does not conform to the type. The error contains path and cause.
pub(crate) fn encode(value: &Value, ty: &Type) -> Result<Vec<u8>, WireError> {
    let mut writer = write::Writer::new();
    writer.value(value, ty)?;
    Ok(writer.into_bytes())
}

/// Decodes the fields of a `DynamicValue`: MessagePack if it is not empty, otherwise JSON. The value is null if both are
/// empty.
///
/// # Errors
/// The field does not contain a value of the type.
pub(crate) fn decode_either(msgpack: &[u8], json: &[u8], ty: &Type) -> Result<Value, WireError> {
    match (msgpack, json) {
        ([], []) => Ok(Value::Null),
        ([], json) => {
            let json = serde_json::from_slice(json).map_err(Problem::JsonSyntax)?;
            Ok(value_from_json(&json, ty).map_err(Problem::Json)?)
        }
        (msgpack, _) => decode(msgpack, ty),
    }
}

#[cfg(test)]
mod tests;
