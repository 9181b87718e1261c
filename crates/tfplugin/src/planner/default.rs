//! Defaults: what stands for an attribute that is not configured.

use tfschema::{Attribute, Value};

use super::walk::Place;
use crate::rules::AttributeRules;

/// The default where configuration says nothing. Within a default, what the provider decides is what it was, as the core
/// proposes it within configuration.
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
