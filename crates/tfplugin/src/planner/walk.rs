//! A walk over a planned value with configuration and prior state beside it.

use tfschema::{Attribute, ObjectNesting, Value};

use crate::ObjectRules;
use crate::level::{Level, Member, NULL, element, field, map_objects, objects};
use crate::rules::AttributeRules;

/// What stands beside a planned value in configuration and in prior state; null where nothing does.
#[derive(Clone, Copy)]
pub(super) struct Place<'v> {
    pub(super) config: &'v Value,
    pub(super) prior: &'v Value,
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
        let mut place = Place {
            config: field(place.config, name),
            prior: field(place.prior, name),
        };
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
    let mut elements = Elements::new(level, place);
    map_objects(nesting, planned, &mut |step, object| {
        let place = if nesting == ObjectNesting::Set {
            elements.beside(&object)
        } else {
            Some(Place {
                config: element(place.config, step),
                prior: element(place.prior, step),
            })
        };
        match place {
            Some(place) if place.config.as_object().is_some() => {
                walk(decide, level, rules, object, place)
            }
            _ => object,
        }
    })
}

/// The elements of a set in configuration and in prior state that no planned element has taken yet.
///
/// Elements of sets have no address. They correspond where they differ in nothing but what the provider decides.
struct Elements<'v> {
    level: Level<'v>,
    config: Vec<&'v Value>,
    prior: Vec<&'v Value>,
}

impl<'v> Elements<'v> {
    fn new(level: Level<'v>, place: Place<'v>) -> Self {
        let elements = |value: &'v Value| -> Vec<&'v Value> {
            let objects = objects(ObjectNesting::Set, value).into_iter();
            objects.map(|(_, object)| object).collect()
        };
        Self {
            level,
            config: elements(place.config),
            prior: elements(place.prior),
        }
    }

    /// What stands beside a planned element; nothing where no element of the configuration corresponds to it.
    fn beside(&mut self, planned: &Value) -> Option<Place<'v>> {
        let level = self.level;
        let take = |from: &mut Vec<&'v Value>, test: &dyn Fn(&Value) -> bool| {
            let found = from.iter().position(|candidate| test(candidate))?;
            Some(from.remove(found))
        };
        let config = take(&mut self.config, &|config| {
            corresponds(level, config, planned)
        })?;
        let prior = take(&mut self.prior, &|prior| corresponds(level, config, prior));
        Some(Place {
            config,
            prior: prior.unwrap_or(&NULL),
        })
    }
}

/// Whether an object can come from a configured one: they differ in nothing but what the provider decides
/// and what is never stored.
fn corresponds(level: Level<'_>, config: &Value, other: &Value) -> bool {
    if config.as_object().is_none() || other.as_object().is_none() {
        return config == other;
    }
    level.members().all(|(name, member)| {
        let (config, other) = (field(config, name), field(other, name));
        match (member, member.within()) {
            (Member::Attribute(attribute), _) if attribute.write_only => true,
            (Member::Attribute(attribute), _) if attribute.computed && config.is_null() => true,
            (_, Some((nesting, level))) => all_correspond(nesting, level, config, other),
            (_, None) => config == other,
        }
    })
}

fn all_correspond(nesting: ObjectNesting, level: Level<'_>, config: &Value, other: &Value) -> bool {
    let (configured, others) = (objects(nesting, config), objects(nesting, other));
    if configured.is_empty() || configured.len() != others.len() {
        return config == other;
    }
    configured.iter().all(|(step, config)| {
        let mut others = others.iter().filter(|(other, _)| other == step);
        others.any(|(_, other)| corresponds(level, config, other))
    })
}
