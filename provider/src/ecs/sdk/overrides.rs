//! Container settings that have no attribute. This module parses the JSON from the configuration, writes the settings
//! to a request, and extracts them from a description. The SDK codec reads and writes the settings, so every field of
//! the SDK types can be configured and is compared. This module must not depend on the service or container that the
//! settings belong to.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use aws_sdk_ecs::types::ContainerDefinition;
use aws_smithy_json::codec::{JsonCodec, JsonCodecSettings};
use aws_smithy_schema::codec::Codec as _;
use aws_smithy_schema::serde::{SerdeError, ShapeSerializer as _};
use serde_json::{Map, Value};

use super::log_configuration::canonical_log;

/// Container definition fields that [`crate::ecs::definition::Container`] models.
const MODELLED: [&str; 9] = [
    "name",
    "image",
    "command",
    "entryPoint",
    "environment",
    "secrets",
    "portMappings",
    "healthCheck",
    "stopTimeout",
];

/// Field that replaces the attribute `log`.
pub const LOG_CONFIGURATION: &str = "logConfiguration";

/// Only boolean field whose server default is true.
const ESSENTIAL: &str = "essential";

/// Maps with user-defined keys, by path. Every entry is significant, regardless of its key and even if its value is
/// empty. Source: ContainerDefinition, LogConfiguration, and FirelensConfiguration, API reference.
const USER_KEYED: [&str; 3] = [
    "dockerLabels",
    "firelensConfiguration.options",
    "logConfiguration.options",
];

/// Lists whose order is insignificant, by path.
const UNORDERED: [&str; 8] = [
    "dependsOn",
    "linuxParameters.capabilities.add",
    "linuxParameters.capabilities.drop",
    "logConfiguration.secretOptions",
    "resourceRequirements",
    "restartPolicy.ignoredExitCodes",
    "systemControls",
    "ulimits",
];

/// Characters that `jsonencode` escapes in strings in addition to the characters that JSON requires to be escaped.
/// Source: `jsonencode` documentation.
const ESCAPED: [(char, &str); 5] = [
    ('<', "\\u003c"),
    ('>', "\\u003e"),
    ('&', "\\u0026"),
    ('\u{2028}', "\\u2028"),
    ('\u{2029}', "\\u2029"),
];

/// Settings by API name.
pub type Overrides = BTreeMap<String, Value>;

/// Reason why a string does not contain valid container settings.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OverridesError {
    /// The string is not valid JSON.
    #[error("the string is not valid JSON: {message}")]
    Syntax {
        /// Message from the parser.
        message: String,
    },
    /// The JSON value is not an object.
    #[error("the JSON value is not an object")]
    NotAnObject,
    /// The field is modeled, so an attribute sets it.
    #[error("the field {field} corresponds to an attribute")]
    Modelled {
        /// The field.
        field: String,
    },
    /// The attribute `log` can express the log configuration, so it would be read back as `log`.
    #[error("the attribute `log` supports this logConfiguration")]
    Log,
    /// The field does not exist in a container definition.
    #[error("a container definition has no field {field}")]
    UnknownField {
        /// Path of the field.
        field: String,
    },
    /// A value has the wrong type.
    #[error("the container definition is not valid: {message}")]
    Type {
        /// Message from the codec.
        message: String,
    },
}

impl From<SerdeError> for OverridesError {
    fn from(error: SerdeError) -> Self {
        Self::Type {
            message: error.to_string(),
        }
    }
}

/// Parses settings from a JSON string and returns them in canonical form.
///
/// # Errors
/// Returns an error unless the string is a JSON object that contains only container definition fields without an
/// attribute.
pub fn parse(text: &str) -> Result<Overrides, OverridesError> {
    let value: Value = serde_json::from_str(text).map_err(|error| OverridesError::Syntax {
        message: error.to_string(),
    })?;
    let Value::Object(given) = value else {
        return Err(OverridesError::NotAnObject);
    };
    if let Some(field) = MODELLED
        .into_iter()
        .find(|field| given.contains_key(*field))
    {
        let field = field.to_owned();
        return Err(OverridesError::Modelled { field });
    }
    let given = Value::Object(given);
    let definition = definition(&given)?;
    let known = fields(&definition)?;
    if let Some(field) = lost(&given, &Value::Object(known.clone())) {
        return Err(OverridesError::UnknownField { field });
    }
    if definition
        .log_configuration()
        .and_then(canonical_log)
        .is_some()
    {
        return Err(OverridesError::Log);
    }
    // Fields that the codec always writes, such as `cpu`, are omitted if they have the default value.
    Ok(canonical(known))
}

/// Returns whether two JSON strings specify the same settings. Ignores whitespace, key order, escapes, and
/// insignificant values.
#[must_use]
pub fn are_equivalent(one: &str, other: &str) -> bool {
    one == other || matches!((parse(one), parse(other)), (Ok(one), Ok(other)) if one == other)
}

/// Encodes settings in the same way as `jsonencode`: with sorted keys, without whitespace, and with the same escapes.
#[must_use]
pub fn encode(overrides: &Overrides) -> String {
    let fields = overrides.iter();
    let fields = fields.map(|(field, value)| (field.clone(), value.clone()));
    let text = Value::Object(fields.collect()).to_string();
    // These characters occur only in strings.
    let escape =
        |text: String, (character, escaped): &(char, &str)| text.replace(*character, escaped);
    ESCAPED.iter().fold(text, escape)
}

/// Merges settings into a container definition.
///
/// # Errors
/// Returns an error if a value has the wrong type ([`OverridesError::Type`]). Values from [`parse`] always have the
/// correct type.
pub(super) fn merged(
    base: ContainerDefinition,
    overrides: &Overrides,
) -> Result<ContainerDefinition, OverridesError> {
    if overrides.is_empty() {
        return Ok(base);
    }
    let mut all = fields(&base)?;
    all.extend(overrides.clone());
    definition(&Value::Object(all))
}

/// Returns the unmodeled settings of a described container, in canonical form.
pub(super) fn found_in(found: &ContainerDefinition) -> Overrides {
    // The codec can write every value that it reads.
    fields(found).map(canonical).unwrap_or_default()
}

fn codec() -> JsonCodec {
    JsonCodec::new(
        JsonCodecSettings::builder()
            .enforce_strictness(true)
            .build(),
    )
}

fn definition(value: &Value) -> Result<ContainerDefinition, OverridesError> {
    let text = value.to_string();
    let mut reader = codec().create_deserializer(text.as_bytes());
    Ok(ContainerDefinition::deserialize(&mut reader)?)
}

fn fields(definition: &ContainerDefinition) -> Result<Map<String, Value>, OverridesError> {
    let mut writer = codec().create_serializer();
    writer.write_struct(ContainerDefinition::SCHEMA, definition)?;
    match serde_json::from_slice(&writer.finish()) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) => Err(OverridesError::NotAnObject),
        Err(error) => Err(OverridesError::Syntax {
            message: error.to_string(),
        }),
    }
}

/// Returns the path of the first field that the SDK types do not preserve.
fn lost(given: &Value, kept: &Value) -> Option<String> {
    match (given, kept) {
        (Value::Object(given), _) => given.iter().find_map(|(name, value)| match kept.get(name) {
            None if value.is_null() => None,
            None => Some(name.clone()),
            Some(kept) => lost(value, kept).map(|inner| format!("{name}.{inner}")),
        }),
        (Value::Array(given), Value::Array(kept)) => given
            .iter()
            .zip(kept)
            .find_map(|(given, kept)| lost(given, kept)),
        _ => None,
    }
}

fn canonical(fields: Map<String, Value>) -> Overrides {
    let attributed = |name: &str| MODELLED.contains(&name);
    fields
        .into_iter()
        .filter(|(name, _)| !attributed(name))
        .filter_map(|(name, value)| Some((name.clone(), significant(&name, value)?)))
        .collect()
}

/// Returns the significant part of the value at a path, or `None`. A path consists of the field names, starting at the
/// container, with `[]` for list elements.
fn significant(place: &str, value: Value) -> Option<Value> {
    let value = match value {
        Value::Object(object) if USER_KEYED.contains(&place) => sorted(object),
        Value::Object(object) => members(place, object),
        Value::Array(list) => elements(place, list),
        other => other,
    };
    let nothing = match &value {
        Value::Null => true,
        Value::Bool(false) => place != ESSENTIAL,
        // An empty string in a list is a value that the user specified.
        Value::String(text) => text.is_empty() && !place.contains("[]"),
        Value::Array(list) => list.is_empty(),
        Value::Object(object) => object.is_empty(),
        _ => false,
    };
    (!nothing && !is_default(place, &value)).then_some(value)
}

fn members(place: &str, object: Map<String, Value>) -> Value {
    let members = object.into_iter();
    let significant = members.filter_map(|(name, value)| {
        Some((
            name.clone(),
            significant(&format!("{place}.{name}"), value)?,
        ))
    });
    sorted(significant.collect())
}

/// Returns the canonical form of a list. Every element is significant, even if it is empty.
fn elements(place: &str, list: Vec<Value>) -> Value {
    let element = format!("{place}[]");
    let elements = list.into_iter().map(|item| match item {
        Value::Object(object) => members(&element, object),
        other => other,
    });
    let mut elements: Vec<Value> = elements.collect();
    if UNORDERED.contains(&place) {
        elements.sort_by_cached_key(Value::to_string);
    }
    Value::Array(elements)
}

fn sorted(object: Map<String, Value>) -> Value {
    let ordered: BTreeMap<String, Value> = object.into_iter().collect();
    Value::Object(ordered.into_iter().collect())
}

/// Returns whether a value is the server default. Empty lists, empty objects, empty strings, and false are handled
/// separately.
fn is_default(place: &str, value: &Value) -> bool {
    match (place, value) {
        (ESSENTIAL, Value::Bool(essential)) => *essential,
        ("cpu" | "linuxParameters.sharedMemorySize", Value::Number(number)) => {
            number.as_i64() == Some(0)
        }
        ("versionConsistency", Value::String(text)) => text == "enabled",
        _ => false,
    }
}
