//! A walk over a planned value with configuration and prior state beside it.

use tfschema::{Attribute, ObjectNesting, Value};

use super::set::Elements;
use crate::ObjectRules;
use crate::level::{Level, Member, element, field, map_objects};
use crate::rules::AttributeRules;

/// What stands beside a planned value in configuration and in prior state; null where nothing does.
#[derive(Clone, Copy)]
pub(super) struct Place<'v> {
    pub(super) config: &'v Value,
    pub(super) prior: &'v Value,
}

impl<'v> Place<'v> {
    /// What stands beside a part of the planned value.
    pub(super) fn map(self, part: impl Fn(&'v Value) -> &'v Value) -> Self {
        Self {
            config: part(self.config),
            prior: part(self.prior),
        }
    }
}

/// Decides the planned value of one attribute.
pub(super) type Decide = dyn Fn(&Attribute, &AttributeRules, Value, Place<'_>) -> Value;

/// Decides every attribute of an object and of the objects within it, from the outside in.
///
/// The walk enters nested attributes and blocks that are configured. A default stands for configuration there, as
/// if the user had written it; what neither says is decided as a whole. It does not enter collections of a plain
/// type: they are one value.
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
    for (name, member) in level.members() {
        let Some(slot) = attributes.get_mut(name) else {
            continue;
        };
        let rules = rules.of(name);
        let mut place = place.map(|value| field(value, name));
        let mut value = std::mem::take(slot);
        if let Member::Attribute(attribute) = member {
            value = decide(attribute, rules, value, place);
            if let (true, Some(default)) = (place.config.is_null(), &rules.default) {
                place.config = default;
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
    let mut elements = Elements::new(level, rules, place);
    map_objects(nesting, planned, &mut |step, object| {
        let place = if nesting == ObjectNesting::Set {
            elements.beside(&object)
        } else {
            Some(place.map(|value| element(value, step)))
        };
        match place {
            Some(place) if place.config.as_object().is_some() => {
                walk(decide, level, rules, object, place)
            }
            _ => object,
        }
    })
}
