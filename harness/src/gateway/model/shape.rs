//! Operations and shapes of a service model, with the keys that botocore uses. Must not read files.

use std::collections::BTreeMap;

use serde::Deserialize;

/// An operation.
#[derive(Debug, Deserialize)]
pub(super) struct Operation {
    /// HTTP method.
    pub(super) method: String,
    /// Path template with constant query parameters.
    pub(super) uri: String,
    /// Name of the input shape.
    pub(super) input: Option<String>,
    /// Name of the output shape.
    pub(super) output: Option<String>,
    /// Element that encloses the output in AWS Query.
    pub(super) wrapper: Option<String>,
    /// Names of the errors that the operation declares.
    pub(super) errors: Vec<String>,
}

/// Type of a shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    Structure,
    List,
    Map,
    String,
    Integer,
    Long,
    Float,
    Double,
    Boolean,
    Blob,
    Timestamp,
    BigDecimal,
    BigInteger,
    Character,
}

/// A shape.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Shape {
    #[serde(rename = "type")]
    pub(super) kind: Kind,
    #[serde(default)]
    pub(super) members: BTreeMap<String, Member>,
    #[serde(default)]
    pub(super) required: Vec<String>,
    pub(super) min: Option<f64>,
    pub(super) max: Option<f64>,
    pub(super) pattern: Option<String>,
    #[serde(default, rename = "enum")]
    pub(super) values: Vec<String>,
    pub(super) member: Option<Member>,
    pub(super) key: Option<Member>,
    pub(super) value: Option<Member>,
    pub(super) payload: Option<String>,
    pub(super) timestamp_format: Option<String>,
    #[serde(default)]
    pub(super) flattened: bool,
    /// Any JSON value is valid.
    #[serde(default)]
    pub(super) document: bool,
    /// Exactly one member must be set.
    #[serde(default)]
    pub(super) union: bool,
    #[serde(default)]
    pub(super) sensitive: bool,
    /// The payload is a stream of events.
    #[serde(default)]
    pub(super) eventstream: bool,
}

/// A reference to a shape, with its binding to the request.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Member {
    pub(super) shape: String,
    pub(super) location_name: Option<String>,
    pub(super) query_name: Option<String>,
    /// `uri`, `querystring`, `header`, `headers`, or `statusCode`. The default is the body.
    pub(super) location: Option<String>,
    #[serde(default)]
    pub(super) flattened: bool,
    #[serde(default)]
    pub(super) xml_attribute: bool,
    /// The header contains encoded JSON.
    #[serde(default)]
    pub(super) jsonvalue: bool,
}

impl Member {
    /// Returns the name in the request. `name` is the name of the member.
    pub(super) fn wire<'a>(&'a self, name: &'a str) -> &'a str {
        self.location_name.as_deref().unwrap_or(name)
    }
}
