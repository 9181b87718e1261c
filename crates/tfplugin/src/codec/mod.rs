//! The wire form of values: MessagePack, or JSON, to and from [`Value`] by [`Type`].
//!
//! Whatever arrives, the answer is a value or an error with its place, never a panic: input may end in the
//! middle, nest without end or declare lengths that it does not have. Nothing here knows a schema or a message.

mod error;
mod read;
mod refinement;
mod write;

use tfschema::json::value_from_json;
use tfschema::{Type, Value};

pub(crate) use error::{Problem, WireError};

/// Values nested deeper than this are refused. Real schemas nest less than a quarter of it, and the
/// stack of a worker thread holds many times more.
const MAX_DEPTH: usize = 128;

/// Reads a value of a type from MessagePack.
///
/// # Errors
/// The bytes are not exactly one value of the type; the error says where and why.
pub(crate) fn decode(bytes: &[u8], ty: &Type) -> Result<Value, WireError> {
    let mut reader = read::Reader::new(bytes);
    let value = reader.value(ty, MAX_DEPTH)?;
    match reader.left() {
        0 => Ok(value),
        bytes => Err(Problem::Trailing { bytes }.into()),
    }
}

/// Writes a value of a type as MessagePack.
///
/// # Errors
/// The value does not conform to the type; the error says where and why.
pub(crate) fn encode(value: &Value, ty: &Type) -> Result<Vec<u8>, WireError> {
    let mut writer = write::Writer::new();
    writer.value(value, ty)?;
    Ok(writer.into_bytes())
}

/// Reads the two members of a `DynamicValue`: MessagePack if there is any, else JSON, else null.
///
/// # Errors
/// What is there is not a value of the type.
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
