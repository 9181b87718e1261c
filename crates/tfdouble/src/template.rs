//! Templates in rule files: JSON values whose strings refer to other values, such as `vpc-{hex:17}`.
//!
//! - `{NAME}` is replaced with the value of a name. A string that consists of one name becomes the value itself.
//! - `{NAME|TEXT}` is replaced with the text if the value is null.
//! - `{{` and `}}` are replaced with `{` and `}`.
//! - `{"$merge": [TEMPLATE, …]}` merges objects. Later members take precedence, and null is ignored.
//! - `{"$json": TEMPLATE}` is replaced with the JSON text of a value.

use serde_json::{Map, Value as Json};

/// Reason that prevents a template from being expanded.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TemplateError {
    /// A brace has no counterpart.
    #[error("the template {template:?} contains an unpaired brace. Write {{{{ or }}}} for a brace")]
    Brace {
        /// The template.
        template: String,
    },
    /// No value has the name.
    #[error("the template refers to {{{name}}}, which does not exist")]
    Name {
        /// Name in the template.
        name: String,
    },
    /// The values of attributes refer to each other.
    #[error("the values of these attributes refer to each other: {}", names.join(", "))]
    Cycle {
        /// Attributes.
        names: Vec<String>,
    },
    /// A value cannot be part of a string.
    #[error("{{{name}}} is not a string, number, or bool, so it cannot be part of a string")]
    Text {
        /// Name in the template.
        name: String,
    },
    /// An object with a `$` member has a different form.
    #[error(
        "an object with the member {member:?} must have exactly one member: $merge with an array, or $json"
    )]
    Operation {
        /// Name of the member.
        member: String,
    },
    /// An element of `$merge` is not an object.
    #[error("$merge requires objects")]
    Merge,
    /// A value does not have the type of its attribute.
    #[error("the value of {attribute} does not have the type of the attribute")]
    Type {
        /// Path of the attribute.
        attribute: String,
        /// Reason.
        #[source]
        source: tfschema::json::ValueJsonError,
    },
    /// A value cannot be written as JSON.
    #[error("the value of {{{name}}} cannot be used in a template")]
    Json {
        /// Name in the template.
        name: String,
        /// Reason.
        #[source]
        source: tfschema::json::ValueJsonError,
    },
}

/// Values to which a template can refer. `None` is an unknown value.
pub(crate) trait Names {
    /// Returns the value of a name.
    ///
    /// # Errors
    /// Returns an error if the name does not exist.
    fn named(&mut self, name: &str) -> Result<Option<Json>, TemplateError>;
}

/// Expands a template. Returns `None` if it refers to an unknown value.
///
/// # Errors
/// Returns an error if the template is malformed, or refers to a name that does not exist.
pub(crate) fn expand(
    template: &Json,
    names: &mut dyn Names,
) -> Result<Option<Json>, TemplateError> {
    match template {
        Json::String(text) => string(text, names),
        Json::Array(elements) => {
            let elements = elements.iter().map(|element| expand(element, names));
            let elements = elements.collect::<Result<Option<Vec<_>>, _>>()?;
            Ok(elements.map(Json::Array))
        }
        Json::Object(members) => match members.keys().find(|name| name.starts_with('$')) {
            Some(member) => operation(member, members, names),
            None => {
                let members = members.iter().map(|(name, member)| {
                    let member = expand(member, names)?;
                    Ok(member.map(|member| (name.clone(), member)))
                });
                let members = members.collect::<Result<Option<Map<_, _>>, TemplateError>>()?;
                Ok(members.map(Json::Object))
            }
        },
        other => Ok(Some(other.clone())),
    }
}

fn operation(
    member: &str,
    members: &Map<String, Json>,
    names: &mut dyn Names,
) -> Result<Option<Json>, TemplateError> {
    let malformed = || TemplateError::Operation {
        member: member.to_owned(),
    };
    if members.len() != 1 {
        return Err(malformed());
    }
    match (member, &members[member]) {
        ("$json", template) => {
            Ok(expand(template, names)?.map(|json| Json::String(json.to_string())))
        }
        ("$merge", Json::Array(templates)) => {
            let mut merged = Map::new();
            for template in templates {
                match expand(template, names)? {
                    None => return Ok(None),
                    Some(Json::Null) => {}
                    Some(Json::Object(members)) => merged.extend(members),
                    Some(_) => return Err(TemplateError::Merge),
                }
            }
            Ok(Some(match merged.is_empty() {
                true => Json::Null,
                false => Json::Object(merged),
            }))
        }
        _ => Err(malformed()),
    }
}

fn string(template: &str, names: &mut dyn Names) -> Result<Option<Json>, TemplateError> {
    let unpaired = || TemplateError::Brace {
        template: template.to_owned(),
    };
    let mut text = String::new();
    let mut rest = template;
    while let Some(at) = rest.find(['{', '}']) {
        text.push_str(&rest[..at]);
        let from = &rest[at..];
        if let Some(after) = from.strip_prefix("{{").or(from.strip_prefix("}}")) {
            text.push_str(&from[..1]);
            rest = after;
            continue;
        }
        let inner = from.strip_prefix('{').ok_or_else(unpaired)?;
        let (name, after) = inner.split_once('}').ok_or_else(unpaired)?;
        let Some(value) = reference(name, names)? else {
            return Ok(None);
        };
        if template.len() == name.len() + 2 {
            return Ok(Some(value));
        }
        match value {
            Json::String(value) => text.push_str(&value),
            Json::Number(value) => text.push_str(&value.to_string()),
            Json::Bool(value) => text.push_str(&value.to_string()),
            Json::Null | Json::Array(_) | Json::Object(_) => {
                return Err(TemplateError::Text {
                    name: name.to_owned(),
                });
            }
        }
        rest = after;
    }
    text.push_str(rest);
    Ok(Some(Json::String(text)))
}

fn reference(name: &str, names: &mut dyn Names) -> Result<Option<Json>, TemplateError> {
    let (name, otherwise) = match name.split_once('|') {
        Some((name, otherwise)) => (name, Some(otherwise)),
        None => (name, None),
    };
    let value = names.named(name)?;
    Ok(match (value, otherwise) {
        (Some(Json::Null), Some(otherwise)) => Some(Json::String(otherwise.to_owned())),
        (value, _) => value,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    struct Fixed;

    impl Names for Fixed {
        fn named(&mut self, name: &str) -> Result<Option<Json>, TemplateError> {
            match name {
                "id" => Ok(Some(json!("vpc-1"))),
                "tags" => Ok(Some(json!({"a": "1"}))),
                "none" => Ok(Some(Json::Null)),
                "later" => Ok(None),
                _ => Err(TemplateError::Name {
                    name: name.to_owned(),
                }),
            }
        }
    }

    fn expanded(template: Json) -> Result<Option<Json>, String> {
        expand(&template, &mut Fixed).map_err(|error| error.to_string())
    }

    #[test]
    fn names_are_replaced_with_values() {
        let template = json!({"arn": "vpc/{id}", "all": "{tags}", "brace": "{{{id}}}", "n": 1});
        let value = json!({"arn": "vpc/vpc-1", "all": {"a": "1"}, "brace": "{vpc-1}", "n": 1});
        assert_eq!(expanded(template), Ok(Some(value)));
        assert_eq!(expanded(json!("{none|x}y")), Ok(Some(json!("xy"))));
        let merged = json!({"$merge": [{"b": "2", "a": "0"}, "{none}", "{tags}"]});
        assert_eq!(expanded(merged), Ok(Some(json!({"b": "2", "a": "1"}))));
        assert_eq!(
            expanded(json!({"$json": "{tags}"})),
            Ok(Some(json!("{\"a\":\"1\"}")))
        );
    }

    #[test]
    fn a_template_with_an_unknown_value_is_unknown() {
        for template in [
            json!("x{later}"),
            json!(["{later}"]),
            json!({"$merge": ["{later}"]}),
        ] {
            assert_eq!(expanded(template), Ok(None));
        }
    }

    #[test]
    fn a_malformed_template_is_rejected() {
        for template in [
            json!("{id"),
            json!("id}"),
            json!("{other}"),
            json!("a{tags}"),
            json!("a{none}"),
        ] {
            assert!(expanded(template.clone()).is_err(), "{template}");
        }
        for template in [
            json!({"$merge": "{tags}"}),
            json!({"$merge": ["{id}"]}),
            json!({"$x": 1}),
        ] {
            assert!(expanded(template.clone()).is_err(), "{template}");
        }
    }
}
