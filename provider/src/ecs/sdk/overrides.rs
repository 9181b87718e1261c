//! Settings of a container that have no attribute: from the JSON that a user writes, into a request, and out of a
//! description. The SDK's own codec reads and writes them, so every field that it knows can be said and is compared.
//! Must not know which container of which service they belong to.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use aws_sdk_ecs::types::ContainerDefinition;
use aws_smithy_json::codec::{JsonCodec, JsonCodecSettings};
use aws_smithy_schema::codec::Codec as _;
use aws_smithy_schema::serde::{SerdeError, ShapeSerializer as _};
use serde_json::{Map, Value};

use super::log_configuration::canonical_log;

/// Fields of a container definition that [`crate::ecs::definition::Container`] models.
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

/// The field that takes the place of the attribute `log`.
pub const LOG_CONFIGURATION: &str = "logConfiguration";

/// The one field whose false is not the server's choice.
const ESSENTIAL: &str = "essential";

/// Maps whose keys the user chooses, by their place. Each entry is a value there, whatever its key and also if it is empty.
/// Source: ECS API Reference, ContainerDefinition, LogConfiguration and FirelensConfiguration.
const USER_KEYED: [&str; 3] = [
    "dockerLabels",
    "firelensConfiguration.options",
    "logConfiguration.options",
];

/// Lists whose order means nothing, by their place.
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

/// What `jsonencode` escapes within texts beyond what JSON demands.
/// Source: the documentation of `jsonencode`.
const ESCAPED: [(char, &str); 5] = [
    ('<', "\\u003c"),
    ('>', "\\u003e"),
    ('&', "\\u0026"),
    ('\u{2028}', "\\u2028"),
    ('\u{2029}', "\\u2029"),
];

/// Settings by their name in the API.
pub type Overrides = BTreeMap<String, Value>;

/// Why a text is no settings of a container.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OverridesError {
    /// It is no JSON.
    #[error("it is no JSON: {message}")]
    Syntax {
        /// What the parser says.
        message: String,
    },
    /// It is JSON, but no object.
    #[error("it is no JSON object")]
    NotAnObject,
    /// The field is modelled, so it is no setting beside the model.
    #[error("it sets {field}")]
    Modelled {
        /// The field.
        field: String,
    },
    /// A log as `log` says it, which would come back as one.
    #[error("it sets a logConfiguration that is nothing else than a log")]
    Log,
    /// A container definition has no such field.
    #[error("a container definition has no {field}")]
    UnknownField {
        /// The field, with those that it lies within.
        field: String,
    },
    /// A value is of the wrong type.
    #[error("it does not fit a container definition: {message}")]
    Type {
        /// What the codec says.
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

/// The settings that a JSON text says, in canonical form.
///
/// # Errors
/// [`OverridesError`] if the text is not an object of fields of a container definition that no attribute says.
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
    // What the codec writes although nobody said it, such as `cpu`, is not what was said.
    Ok(canonical(known))
}

/// Whether two JSON texts say the same settings: blanks, order of keys, escapes and what means nothing do not count.
#[must_use]
pub fn mean_the_same(one: &str, other: &str) -> bool {
    one == other || matches!((parse(one), parse(other)), (Ok(one), Ok(other)) if one == other)
}

/// The JSON text of settings as `jsonencode` writes it: keys in order, no blanks, and its escapes.
#[must_use]
pub fn encode(overrides: &Overrides) -> String {
    let fields = overrides.iter();
    let fields = fields.map(|(field, value)| (field.clone(), value.clone()));
    let text = Value::Object(fields.collect()).to_string();
    // These characters occur within texts only.
    let escape =
        |text: String, (character, escaped): &(char, &str)| text.replace(*character, escaped);
    ESCAPED.iter().fold(text, escape)
}

/// A container definition with these settings over it.
///
/// # Errors
/// [`OverridesError::Type`] if they do not fit, which [`parse`] has ruled out.
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

/// The settings of a described container that no field of ours holds, in canonical form.
pub(super) fn found_in(found: &ContainerDefinition) -> Overrides {
    // The codec writes whatever it has read.
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

/// The first field of a value that has got lost on the way through the SDK's types.
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
        .filter_map(|(name, value)| Some((name.clone(), said(&name, value)?)))
        .collect()
}

/// The value at a place without what means nothing; nothing if that is all. A place is the names of the fields from the
/// container on, with `[]` for an element of a list.
fn said(place: &str, value: Value) -> Option<Value> {
    let value = match value {
        Value::Object(object) if USER_KEYED.contains(&place) => sorted(object),
        Value::Object(object) => members(place, object),
        Value::Array(list) => elements(place, list),
        other => other,
    };
    let nothing = match &value {
        Value::Null => true,
        Value::Bool(false) => place != ESSENTIAL,
        // Within a list it stands for something that the user has put there.
        Value::String(text) => text.is_empty() && !place.contains("[]"),
        Value::Array(list) => list.is_empty(),
        Value::Object(object) => object.is_empty(),
        _ => false,
    };
    (!nothing && !is_usual(place, &value)).then_some(value)
}

fn members(place: &str, object: Map<String, Value>) -> Value {
    let members = object.into_iter();
    let said = members
        .filter_map(|(name, value)| Some((name.clone(), said(&format!("{place}.{name}"), value)?)));
    sorted(said.collect())
}

/// Every element is one, also if nothing is said in it.
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

/// Whether a value is the server's where nothing is said. Beside these, empty lists, objects and texts mean nothing, and
/// so does false.
fn is_usual(place: &str, value: &Value) -> bool {
    match (place, value) {
        (ESSENTIAL, Value::Bool(essential)) => *essential,
        ("cpu" | "linuxParameters.sharedMemorySize", Value::Number(number)) => {
            number.as_i64() == Some(0)
        }
        ("versionConsistency", Value::String(text)) => text == "enabled",
        _ => false,
    }
}
