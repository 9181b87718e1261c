//! Elements of sets have no address. They correspond where they differ in nothing but what the provider decides,
//! defaults included.

use tfschema::{ObjectNesting, Value};

use super::walk::{Place, walk};
use super::with_default;
use crate::ObjectRules;
use crate::level::{Level, Member, NULL, element, field, map_objects, objects};

/// The elements of a set in configuration and in prior state that no planned element has taken yet.
pub(super) struct Elements<'v> {
    level: Level<'v>,
    /// As written, and with defaults.
    config: Vec<(&'v Value, Value)>,
    prior: Vec<&'v Value>,
}

impl<'v> Elements<'v> {
    pub(super) fn new(level: Level<'v>, rules: &ObjectRules, place: Place<'v>) -> Self {
        let elements = |value: &'v Value| {
            let objects = objects(ObjectNesting::Set, value).into_iter();
            objects.map(|(_, object)| object)
        };
        let filled = |config: &'v Value| (config, with_defaults(level, rules, config));
        Self {
            level,
            config: elements(place.config).map(filled).collect(),
            prior: elements(place.prior).collect(),
        }
    }

    /// What stands beside a planned element; nothing where no element of the configuration corresponds to it.
    pub(super) fn beside(&mut self, planned: &Value) -> Option<Place<'v>> {
        let level = self.level;
        let mut config = self.config.iter();
        let found = config.position(|(_, filled)| corresponds(level, filled, planned))?;
        let (config, filled) = self.config.remove(found);
        let prior = self.take_prior(&filled).unwrap_or(&NULL);
        Some(Place { config, prior })
    }

    fn take_prior(&mut self, filled: &Value) -> Option<&'v Value> {
        let level = self.level;
        let mut prior = self.prior.iter();
        let found = prior.position(|prior| corresponds(level, filled, prior))?;
        Some(self.prior.remove(found))
    }

    /// Every configured element, as the prior one it corresponds to if there is one, or else with defaults.
    fn proposed(mut self) -> Value {
        let config = std::mem::take(&mut self.config).into_iter();
        Value::set(config.map(|(_, filled)| match self.take_prior(&filled) {
            Some(prior) => prior.clone(),
            None => filled,
        }))
    }
}

/// The proposal of the core with its sets proposed anew. The core finds the prior element of a configured one before
/// it knows of defaults, so where two elements differ only in what has a default it may take one for the other.
pub(super) fn propose_sets(
    level: Level<'_>,
    rules: &ObjectRules,
    proposed: Value,
    place: Place<'_>,
) -> Value {
    let Value::Object(mut attributes) = proposed else {
        return proposed;
    };
    for (name, member) in level.members() {
        let (Some(slot), Some((nesting, level))) = (attributes.get_mut(name), member.within())
        else {
            continue;
        };
        let rules = &rules.of(name).nested;
        let place = place.map(|value| field(value, name));
        let value = std::mem::take(slot);
        *slot = match (nesting, place.config) {
            (ObjectNesting::Set, Value::Set(_)) => Elements::new(level, rules, place).proposed(),
            _ => map_objects(nesting, value, &mut |step, object| {
                let place = place.map(|value| element(value, step));
                propose_sets(level, rules, object, place)
            }),
        };
    }
    Value::Object(attributes)
}

/// A configured object with defaults for what is not written in it.
pub(crate) fn with_defaults(level: Level<'_>, rules: &ObjectRules, config: &Value) -> Value {
    let place = Place {
        config,
        prior: &NULL,
    };
    walk(&with_default, level, rules, config.clone(), place)
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
