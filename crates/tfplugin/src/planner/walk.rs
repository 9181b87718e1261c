//! Traverses a planned value together with the configuration and the prior state.

use tfschema::{Attribute, ObjectNesting, Value};

use super::set;
use crate::level::{Level, Member, element, field, map_objects};
use crate::rules::{AttributeRules, ObjectRules};

/// Configuration and prior state for a planned value. Each is null if the configuration or the prior state does not contain the value.
#[derive(Clone, Copy)]
pub(super) struct Place<'v> {
    pub(super) config: &'v Value,
    pub(super) prior: &'v Value,
    /// Whether the enclosing object existed before. If so, a null `prior` is a stored null value.
    pub(super) existed: bool,
    /// Whether `config` is a default. The core's proposal does not include defaults.
    pub(super) by_default: bool,
}

impl<'v> Place<'v> {
    /// Returns the place that corresponds to a whole object.
    pub(super) fn new(config: &'v Value, prior: &'v Value) -> Self {
        Self {
            config,
            prior,
            existed: false,
            by_default: false,
        }
    }

    /// Returns the place that corresponds to a part of the planned value.
    fn map(self, part: impl Fn(&'v Value) -> &'v Value) -> Self {
        Self {
            config: part(self.config),
            prior: part(self.prior),
            ..self
        }
    }
}

/// Function that determines the planned value of an attribute.
pub(super) type Decide = dyn Fn(&Attribute, &AttributeRules, Value, Place<'_>) -> Value;

/// Calls `decide` for every attribute of an object and its nested objects. Outer attributes precede inner attributes.
///
/// The traversal enters nested attributes and blocks that are configured or have a default. The function `decide` determines
/// the value of any other nested attribute as a whole. The traversal does not enter collections that are not nested
/// attributes, because such a collection is a single value.
pub(super) fn walk(
    decide: &Decide,
    level: Level<'_>,
    rules: &ObjectRules,
    planned: Value,
    place: Place<'_>,
) -> Value {
    let Value::Object(mut attributes) = planned else {
        return planned;
    };
    let existed = place.prior.as_object().is_some();
    for (name, member) in level.members() {
        let Some(slot) = attributes.get_mut(name) else {
            continue;
        };
        let rules = rules.of(name);
        let mut place = Place {
            existed,
            ..place.map(|value| field(value, name))
        };
        let mut value = std::mem::take(slot);
        if let Member::Attribute(attribute) = member {
            value = decide(attribute, rules, value, place);
            if let (true, Some(default)) = (place.config.is_null(), &rules.default) {
                place.config = default;
                place.by_default = true;
            }
        }
        *slot = match member.within() {
            Some((nesting, level)) => within(decide, (nesting, level), &rules.nested, value, place),
            None => value,
        };
    }
    Value::Object(attributes)
}

fn within(
    decide: &Decide,
    (nesting, level): (ObjectNesting, Level<'_>),
    rules: &ObjectRules,
    planned: Value,
    place: Place<'_>,
) -> Value {
    if let (ObjectNesting::Set, Value::Set(_)) = (nesting, place.config) {
        let elements = set::elements(level, rules, place).into_iter();
        return Value::set(
            elements.map(|element| walk(decide, level, rules, element.proposed, element.place)),
        );
    }
    map_objects(nesting, planned, &mut |step, object| {
        let place = place.map(|value| element(value, step));
        match place.config.as_object() {
            Some(_) => walk(decide, level, rules, object, place),
            None => object,
        }
    })
}
