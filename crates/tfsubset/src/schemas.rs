//! The response to `GetProviderSchema`: the file that contains it, and the selection of types.
//!
//! The response is not decoded, because decoding would cost as much as this program saves. The numbers of its fields are
//! the same in tfplugin5.proto and tfplugin6.proto.

use std::collections::BTreeSet;
use std::io::{self, Write as _};

use bytes::{Buf, Bytes};
use camino::Utf8Path;
use prost::DecodeError;
use prost::encoding::{DecodeContext, WireType, decode_key, encode_key, encode_varint, skip_field};

/// Fields of `GetProviderSchema.Response` that are maps from type names to schemas: `resource_schemas`,
/// `data_source_schemas`, and `ephemeral_resource_schemas`.
const TYPES: [u32; 3] = [2, 3, 8];
/// Field of a map entry that contains the key (Protocol Buffers documentation, "Maps").
const KEY: u32 = 1;

/// Returns a response without the schemas of types that are not selected.
///
/// # Errors
/// Returns an error if `response` is not a message.
pub(crate) fn select(
    response: &Bytes,
    types: Option<&BTreeSet<String>>,
) -> Result<Bytes, DecodeError> {
    let Some(types) = types else {
        return Ok(response.clone());
    };
    let mut rest = response.clone();
    let mut selected = Vec::new();
    while rest.has_remaining() {
        let start = rest.clone();
        let (field, wire) = decode_key(&mut rest)?;
        if TYPES.contains(&field) && wire == WireType::LengthDelimited {
            let entry = message(&mut rest)?;
            if types.contains(&name(entry.clone())?) {
                encode_key(field, wire, &mut selected);
                encode_varint(entry.len() as u64, &mut selected);
                selected.extend_from_slice(&entry);
            }
        } else {
            skip_field(wire, field, &mut rest, DecodeContext::default())?;
            selected.extend_from_slice(&start[..start.len() - rest.len()]);
        }
    }
    Ok(selected.into())
}

/// Returns the key of a map entry.
fn name(mut entry: Bytes) -> Result<String, DecodeError> {
    while entry.has_remaining() {
        let (field, wire) = decode_key(&mut entry)?;
        if field == KEY && wire == WireType::LengthDelimited {
            return Ok(String::from_utf8_lossy(&message(&mut entry)?).into_owned());
        }
        skip_field(wire, field, &mut entry, DecodeContext::default())?;
    }
    Ok(String::new())
}

/// Takes a length-delimited field from the front of a buffer.
fn message(buffer: &mut Bytes) -> Result<Bytes, DecodeError> {
    let length = prost::decode_length_delimiter(&mut *buffer)?;
    if length > buffer.len() {
        // Returns the error of prost for a message that is cut off.
        prost::decode_length_delimiter(Bytes::new())?;
    }
    Ok(buffer.split_to(length))
}

/// Returns the response in a file. Returns `None` if the file does not exist.
///
/// # Errors
/// Returns an error if the file cannot be read.
pub(crate) fn read(path: &Utf8Path) -> io::Result<Option<Bytes>> {
    match std::fs::read(path) {
        Ok(response) => Ok(Some(response.into())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Writes the response to a file. Concurrent processes write the same content, and none reads a part of it.
///
/// # Errors
/// Returns an error if the file cannot be written.
pub(crate) fn write(path: &Utf8Path, response: &[u8]) -> io::Result<()> {
    let directory = path.parent().unwrap_or(Utf8Path::new("."));
    std::fs::create_dir_all(directory)?;
    let mut file = tempfile::NamedTempFile::new_in(directory)?;
    file.write_all(response)?;
    file.persist(path)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use prost::Message as _;
    use tfplugin_proto::tfplugin6::{Schema, get_provider_schema::Response};

    use super::*;

    fn response() -> Response {
        let schema = |version| Schema {
            version,
            ..Schema::default()
        };
        Response {
            provider: Some(schema(1)),
            resource_schemas: [("a_one".into(), schema(2)), ("a_two".into(), schema(3))].into(),
            data_source_schemas: [("a_two".into(), schema(4)), ("a_three".into(), schema(5))]
                .into(),
            ephemeral_resource_schemas: [
                ("a_one".into(), schema(6)),
                ("a_three".into(), schema(7)),
            ]
            .into(),
            ..Response::default()
        }
    }

    #[test]
    fn response_contains_only_the_selected_types() {
        let types = ["a_one".to_owned(), "a_missing".to_owned()].into();
        let selected = select(&response().encode_to_vec().into(), Some(&types)).expect("a message");
        let mut expected = response();
        expected.resource_schemas.remove("a_two");
        expected.data_source_schemas.clear();
        expected.ephemeral_resource_schemas.remove("a_three");
        assert_eq!(Response::decode(selected).expect("a response"), expected);
    }

    #[test]
    fn response_is_unchanged_without_a_selection() {
        let encoded = Bytes::from(response().encode_to_vec());
        assert_eq!(select(&encoded, None).expect("a message"), encoded);
    }

    #[test]
    fn response_that_is_cut_off_is_an_error() {
        let encoded = Bytes::from(response().encode_to_vec());
        let types = BTreeSet::new();
        assert!(select(&encoded.slice(..encoded.len() - 1), Some(&types)).is_err());
    }

    #[test]
    fn written_response_is_read() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = Utf8Path::from_path(directory.path())
            .expect("UTF-8")
            .join("new/schemas");
        assert_eq!(read(&path).expect("no file"), None);
        write(&path, b"response").expect("a file");
        assert_eq!(read(&path).expect("a file"), Some(Bytes::from("response")));
    }
}
