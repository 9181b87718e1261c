//! The parameters of a request in the terms of the model, independent of the protocol.

use serde_json::Value;

/// A parameter.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Input {
    /// A scalar from a protocol that transmits all values as text.
    Text(String),
    /// A scalar from JSON, or a JSON value that does not fit the shape.
    Json(Value),
    /// A list.
    List(Vec<Input>),
    /// A map, with its entries in order.
    Map(Vec<(String, Input)>),
    /// A structure.
    Structure(Fields),
    /// A value without constraints: a document, a stream of data, or an XML attribute.
    Opaque,
}

/// The members of a structure.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Fields {
    /// Members by their name in the model.
    pub(super) members: Vec<(String, Input)>,
    /// Names in the request that the model does not define.
    pub(super) unknown: Vec<String>,
}

impl Fields {
    pub(super) fn get(&self, name: &str) -> Option<&Input> {
        self.members
            .iter()
            .find(|(member, _)| member == name)
            .map(|(_, input)| input)
    }
}
