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

use super::task_definition::canonical_log;

/// Fields of a container definition that attributes say, and the attributes.
const ATTRIBUTES: [(&str, &str); 9] = [
    ("name", "the key in `services` or `sidecars`"),
    ("image", "`image`"),
    ("command", "`command`"),
    ("entryPoint", "`entry_point`"),
    ("environment", "`environment`"),
    ("secrets", "`secrets`"),
    ("portMappings", "`port`"),
    ("healthCheck", "`health_check`"),
    ("stopTimeout", "`stop_timeout`"),
];

/// The field that takes the place of the attribute `log`.
pub const LOG_CONFIGURATION: &str = "logConfiguration";

/// The one field whose false is not the server's choice.
const ESSENTIAL: &str = "essential";

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
    /// An attribute says the same.
    #[error("it sets {field}")]
    Attribute {
        /// The field.
        field: String,
        /// The attribute.
        attribute: &'static str,
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

impl OverridesError {
    /// What the user can do about it.
    #[must_use]
    pub fn remedy(&self) -> String {
        match self {
            Self::Syntax { .. } | Self::NotAnObject => {
                "Write it with jsonencode({ … }), such as jsonencode({ readonlyRootFilesystem = true }).".to_owned()
            }
            Self::Attribute { attribute, .. } => format!("Say it with {attribute} instead."),
            Self::Log => {
                "Say it with `log` instead: logConfiguration is for other drivers, and for options that `log` has not."
                    .to_owned()
            }
            Self::UnknownField { .. } => {
                "Write the fields as ContainerDefinition of the ECS API spells them, such as readonlyRootFilesystem."
                    .to_owned()
            }
            Self::Type { .. } => {
                "Compare the value with ContainerDefinition of the ECS API.".to_owned()
            }
        }
    }
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
    if let Some((field, attribute)) = ATTRIBUTES
        .iter()
        .find(|(field, _)| given.contains_key(*field))
    {
        return Err(OverridesError::Attribute {
            field: (*field).to_owned(),
            attribute,
        });
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
    let attributed = |name: &str| ATTRIBUTES.iter().any(|(field, _)| *field == name);
    fields
        .into_iter()
        .filter(|(name, _)| !attributed(name))
        .filter_map(|(name, value)| Some((name.clone(), said(&name, value)?)))
        .collect()
}

/// A value without what means nothing; nothing if that is all.
fn said(name: &str, value: Value) -> Option<Value> {
    let value = match value {
        Value::Object(object) => {
            let mut inner: Vec<(String, Value)> = object
                .into_iter()
                .filter_map(|(name, value)| Some((name.clone(), said(&name, value)?)))
                .collect();
            inner.sort_by(|one, other| one.0.cmp(&other.0));
            Value::Object(inner.into_iter().collect())
        }
        Value::Array(list) => {
            Value::Array(list.into_iter().filter_map(|item| said("", item)).collect())
        }
        other => other,
    };
    let nothing = match &value {
        Value::Null => true,
        Value::Bool(false) => name != ESSENTIAL,
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(object) => object.is_empty(),
        _ => false,
    };
    (!nothing && !is_usual(name, &value)).then_some(value)
}

/// Whether a value is the server's where nothing is said. Beside these, empty lists, objects and texts mean nothing
/// anywhere, and so does false.
fn is_usual(name: &str, value: &Value) -> bool {
    match (name, value) {
        (ESSENTIAL, Value::Bool(essential)) => *essential,
        ("cpu" | "sharedMemorySize", Value::Number(number)) => number.as_i64() == Some(0),
        ("versionConsistency", Value::String(text)) => text == "enabled",
        _ => false,
    }
}
