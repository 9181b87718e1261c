//! Wire format for values. Converts between [`Value`] and MessagePack or JSON, based on a [`Type`].
//!
//! Decoding never panics: it returns a value, or an error with a path. Input can be truncated, nested without limit, or
//! declare false lengths. This module is independent of schemas and messages.

mod error;
mod read;
mod refinement;
mod write;

use tfschema::json::value_from_json;
use tfschema::{Type, Value};

pub(crate) use error::{Problem, WireError};

/// Maximum nesting depth of values. Real schemas use less than a quarter of it, and the stack of a worker thread supports
/// many times this depth.
const MAX_DEPTH: usize = 128;

/// Decodes a value of the specified type from MessagePack.
///
/// # Errors
/// Returns an error if the bytes are not exactly one value of the type. The error contains the path and the cause.
pub(crate) fn decode(bytes: &[u8], ty: &Type) -> Result<Value, WireError> {
    let mut reader = read::Reader::new(bytes);
    let value = reader.value(ty, MAX_DEPTH)?;
    match reader.left() {
        0 => Ok(value),
        bytes => Err(Problem::Trailing { bytes }.into()),
    }
}

/// Encodes a value of the specified type as MessagePack.
///
/// # Errors
/// Returns an error if the value does not conform to the type. The error contains the path and the cause.
pub(crate) fn encode(value: &Value, ty: &Type) -> Result<Vec<u8>, WireError> {
    let mut writer = write::Writer::new();
    writer.value(value, ty)?;
    Ok(writer.into_bytes())
}

/// Decodes the fields of a `DynamicValue`. Uses the MessagePack field unless it is empty, and the JSON field otherwise. The
/// value is null if both fields are empty.
///
/// # Errors
/// Returns an error if the field does not contain a value of the type.
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
