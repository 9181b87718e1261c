//! JSON bodies: AWS JSON 1.0 and 1.1 (Smithy, "AWS JSON 1.0 protocol" and "AWS JSON 1.1 protocol") and AWS restJson1.

use serde_json::Value;

use super::super::input::{Fields, Input};
use super::super::load::Model;
use super::super::shape::{Kind, Shape};

/// Reads a JSON body. Returns `None` if it is not JSON. An empty body has no members.
pub(in super::super) fn body(model: &Model, shape: &str, body: &[u8]) -> Option<Input> {
    if body.is_empty() {
        return Some(Input::Structure(Fields::default()));
    }
    let value: Value = serde_json::from_slice(body).ok()?;
    Some(read(model, shape, &value))
}

/// Reads the body of a REST request with a shape. Returns `None` if it is not JSON.
pub(in super::super) fn structure_of(model: &Model, shape: &Shape, body: &[u8]) -> Option<Input> {
    match serde_json::from_slice(body).ok()? {
        Value::Object(entries) => Some(structure(model, shape, &entries)),
        other => Some(Input::Json(other)),
    }
}

/// Reads a JSON value with a shape.
pub(in super::super) fn read(model: &Model, name: &str, value: &Value) -> Input {
    let Some(shape) = model.shape(name) else {
        return Input::Opaque;
    };
    match (shape.kind, value) {
        (Kind::Structure, _) if shape.document => Input::Opaque,
        (Kind::Structure, Value::Object(entries)) => structure(model, shape, entries),
        (Kind::List, Value::Array(items)) => {
            let member = shape.member.as_ref().map_or("", |member| &member.shape);
            Input::List(items.iter().map(|item| read(model, member, item)).collect())
        }
        (Kind::Map, Value::Object(entries)) => {
            let member = shape.value.as_ref().map_or("", |value| &value.shape);
            let entries = entries
                .iter()
                .filter(|(_, value)| !value.is_null())
                .map(|(key, value)| (key.clone(), read(model, member, value)));
            Input::Map(entries.collect())
        }
        (_, value) => Input::Json(value.clone()),
    }
}

/// Reads an object. A member with the value `null` is not set.
fn structure(model: &Model, shape: &Shape, entries: &serde_json::Map<String, Value>) -> Input {
    let mut fields = Fields::default();
    for (wire, value) in entries.iter().filter(|(_, value)| !value.is_null()) {
        let member = shape
            .members
            .iter()
            .find(|(name, member)| member.location.is_none() && member.wire(name) == wire);
        match member {
            Some((name, member)) => {
                let input = read(model, &member.shape, value);
                fields.members.push((name.clone(), input));
            }
            // `__type` names the shape of a response.
            None if wire == "__type" => {}
            None => fields.unknown.push(wire.clone()),
        }
    }
    Input::Structure(fields)
}
