//! Defaults for attributes that are not configured.

use tfschema::{Attribute, Value};

use super::walk::Place;
use crate::rules::AttributeRules;

/// Returns the default for an attribute that is not configured. Within a default object, a computed attribute keeps its
/// prior value, just as the core proposes within a configured object.
pub(super) fn with_default(
    attribute: &Attribute,
    rules: &AttributeRules,
    planned: Value,
    place: Place<'_>,
) -> Value {
    match &rules.default {
        Some(default) if place.config.is_null() => default.clone(),
        None if place.by_default && attribute.computed && place.config.is_null() => {
            place.prior.clone()
        }
        _ => planned,
    }
}
