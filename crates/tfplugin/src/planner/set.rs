//! Correspondence between set elements, which have no address. A configured element with defaults applied corresponds to a
//! prior element if they differ only in computed values. Each element corresponds to at most one other element.
//!
//! The core pairs configured and prior elements before defaults are applied. As a result, it can confuse elements that
//! differ only in an attribute with a default. The planner therefore ignores the core's proposal for a configured set.

use std::collections::BTreeMap;

use tfschema::{ObjectNesting, Value};

use super::default::with_default;
use super::walk::{Place, walk};
use super::{matching, write_only};
use crate::level::{Level, Member, NULL, field, objects};
use crate::rules::ObjectRules;

/// Configured element of a set.
pub(super) struct Element<'v> {
    /// Element as configured, and the corresponding prior element.
    pub(super) place: Place<'v>,
    /// Corresponding prior element. If no prior element corresponds, the configured element with defaults applied.
    pub(super) proposed: Value,
}

/// Returns the elements of a configured set.
pub(super) fn elements<'v>(
    level: Level<'_>,
    rules: &ObjectRules,
    place: Place<'v>,
) -> Vec<Element<'v>> {
    let config = elements_of(place.config);
    let filled: Vec<Value> = config
        .iter()
        .map(|config| write_only::object(level, with_defaults(level, rules, config)))
        .collect();
    let prior = elements_of(place.prior);
    let complete: Vec<&Value> = filled.iter().collect();
    let paired = correspondence(level, &complete, &prior);
    let partner = |paired: Option<usize>| paired.and_then(|index| prior.get(index).copied());
    config
        .into_iter()
        .zip(filled)
        .zip(paired.into_iter().map(partner))
        .map(|((config, filled), prior)| Element {
            place: Place {
                config,
                prior: prior.unwrap_or(&NULL),
                ..place
            },
            proposed: prior.cloned().unwrap_or(filled),
        })
        .collect()
}

/// Returns a configured object, with defaults for attributes that are not configured.
pub(crate) fn with_defaults(level: Level<'_>, rules: &ObjectRules, config: &Value) -> Value {
    let place = Place::new(config, &NULL);
    walk(&with_default, level, rules, config.clone(), place)
}

pub(super) fn elements_of(set: &Value) -> Vec<&Value> {
    let objects = objects(ObjectNesting::Set, set).into_iter();
    objects.map(|(_, object)| object).collect()
}

/// Returns the index of the corresponding object for each configured object. Objects with the most configured values are
/// paired first, because they have the fewest candidates.
fn correspondence<'v>(
    level: Level<'v>,
    config: &'v [&'v Value],
    others: &'v [&'v Value],
) -> Vec<Option<usize>> {
    let mut index = Index::new(level, others);
    let candidates: Vec<Vec<usize>> = config
        .iter()
        .map(|config| {
            let alike = index.alike(decisive(level, config), config).iter().copied();
            let fits = |at: &usize| {
                let other = others.get(*at);
                other.is_some_and(|other| corresponds(level, config, other))
            };
            alike.filter(fits).collect()
        })
        .collect();
    let mut order: Vec<usize> = (0..config.len()).collect();
    order.sort_by_cached_key(|at| {
        config
            .get(*at)
            .map(|config| std::cmp::Reverse(value_count(config)))
    });
    matching::pairs(&candidates, order)
}

/// Returns the number of non-null values in a value.
fn value_count(value: &Value) -> usize {
    match value.inner() {
        Value::Null => 0,
        Value::List(elements) | Value::Tuple(elements) => elements.iter().map(value_count).sum(),
        Value::Set(elements) => elements.iter().map(value_count).sum(),
        Value::Map(elements) | Value::Object(elements) => elements.values().map(value_count).sum(),
        _ => 1,
    }
}

/// Index of objects by the values of selected members. In a large set, it avoids comparing every pair of elements.
pub(super) struct Index<'v> {
    level: Level<'v>,
    objects: &'v [&'v Value],
    /// Positions of objects, by the compared members and the values of these members.
    by_values: BTreeMap<Vec<bool>, BTreeMap<Vec<&'v Value>, Vec<usize>>>,
}

impl<'v> Index<'v> {
    pub(super) fn new(level: Level<'v>, objects: &'v [&'v Value]) -> Self {
        Self {
            level,
            objects,
            by_values: BTreeMap::new(),
        }
    }

    /// Returns the positions of the objects whose compared members have the same values as in `object`.
    pub(super) fn alike(&mut self, compared: Vec<bool>, object: &'v Value) -> &[usize] {
        let (level, objects) = (self.level, self.objects);
        let wanted = values(level, &compared, object);
        let by_values = self.by_values.entry(compared);
        let by_values = by_values.or_insert_with_key(|compared| {
            let mut by_values: BTreeMap<_, Vec<usize>> = BTreeMap::new();
            for (at, object) in objects.iter().enumerate() {
                let alike = by_values.entry(values(level, compared, object));
                alike.or_default().push(at);
            }
            by_values
        });
        by_values.get(&wanted).map_or(&[], Vec::as_slice)
    }
}

fn values<'v>(level: Level<'_>, compared: &[bool], object: &'v Value) -> Vec<&'v Value> {
    let members = level.members().zip(compared);
    members
        .filter(|(_, compared)| **compared)
        .map(|((name, _), _)| field(object, name))
        .collect()
}

/// Returns whether each member of a corresponding object must have exactly the same value. [`corresponds`] checks the other
/// members.
fn decisive(level: Level<'_>, config: &Value) -> Vec<bool> {
    let members = level.members();
    members
        .map(|(name, member)| !is_open(member, field(config, name)) && is_plain(member))
        .collect()
}

/// Returns whether a member contains no computed or write-only attributes, at any depth.
fn is_plain(member: Member<'_>) -> bool {
    member.within().is_none_or(|(_, level)| {
        level.members().all(|(_, member)| {
            let given = |member| match member {
                Member::Attribute(attribute) => !(attribute.write_only || attribute.computed),
                Member::Block(_) => true,
            };
            given(member) && is_plain(member)
        })
    })
}

/// Returns whether the stored value of a member is not determined by the configuration, because the member is computed or
/// write-only.
fn is_open(member: Member<'_>, config: &Value) -> bool {
    match member {
        Member::Attribute(attribute) => {
            attribute.write_only || (attribute.computed && config.is_null())
        }
        Member::Block(_) => false,
    }
}

/// Returns whether an object can result from a configured object. This is the case if they differ only in computed and
/// write-only values.
fn corresponds(level: Level<'_>, config: &Value, other: &Value) -> bool {
    if config.as_object().is_none() || other.as_object().is_none() {
        return config == other;
    }
    level.members().all(|(name, member)| {
        let (config, other) = (field(config, name), field(other, name));
        match member.within() {
            _ if is_open(member, config) => true,
            Some((nesting, level)) => all_correspond(nesting, level, config, other),
            None => config == other,
        }
    })
}

fn all_correspond(nesting: ObjectNesting, level: Level<'_>, config: &Value, other: &Value) -> bool {
    let (configured, others) = (objects(nesting, config), objects(nesting, other));
    if configured.is_empty() || configured.len() != others.len() {
        return config == other;
    }
    if nesting == ObjectNesting::Set {
        let (configured, others) = (elements_of(config), elements_of(other));
        let paired = correspondence(level, &configured, &others);
        return paired.iter().all(Option::is_some);
    }
    let mut beside = configured.iter().zip(&others);
    beside.all(|((step, config), (at, other))| step == at && corresponds(level, config, other))
}
