//! Elements of sets have no address. A configured element and a prior one correspond where they differ in nothing
//! but what the provider decides, defaults included; every element corresponds to at most one.
//!
//! The core finds the prior element of a configured one before it knows of defaults, so where two elements differ only
//! in what has a default it may take one for the other. What it proposes for a configured set is therefore not used.

use std::collections::BTreeMap;

use tfschema::{ObjectNesting, Value};

use super::default::with_default;
use super::walk::{Place, walk};
use super::{matching, write_only};
use crate::level::{Level, Member, NULL, field, objects};
use crate::rules::ObjectRules;

/// A configured element of a set.
pub(super) struct Element<'v> {
    /// What stands beside it: the element as it is written, and the prior element it corresponds to.
    pub(super) place: Place<'v>,
    /// The prior element if there is one, or else the configured one with defaults.
    pub(super) proposed: Value,
}

/// The elements of a configured set.
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

/// A configured object with defaults for what is not written in it.
pub(crate) fn with_defaults(level: Level<'_>, rules: &ObjectRules, config: &Value) -> Value {
    let place = Place::new(config, &NULL);
    walk(&with_default, level, rules, config.clone(), place)
}

pub(super) fn elements_of(set: &Value) -> Vec<&Value> {
    let objects = objects(ObjectNesting::Set, set).into_iter();
    objects.map(|(_, object)| object).collect()
}

/// For each configured object the other one it corresponds to. Those that say most are placed first: they fit the
/// fewest.
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
            .map(|config| std::cmp::Reverse(said(config)))
    });
    matching::pairs(&candidates, order)
}

/// How much a value says: the number of values in it that are not null.
fn said(value: &Value) -> usize {
    match value.inner() {
        Value::Null => 0,
        Value::List(elements) | Value::Tuple(elements) => elements.iter().map(said).sum(),
        Value::Set(elements) => elements.iter().map(said).sum(),
        Value::Map(elements) | Value::Object(elements) => elements.values().map(said).sum(),
        _ => 1,
    }
}

/// Objects by the values of some of their members, so that a large set is not compared pair by pair.
pub(super) struct Index<'v> {
    level: Level<'v>,
    objects: &'v [&'v Value],
    /// By which members count, then by their values.
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

    /// The objects that have the same values as this one in the members that count.
    pub(super) fn alike(&mut self, counting: Vec<bool>, object: &'v Value) -> &[usize] {
        let (level, objects) = (self.level, self.objects);
        let wanted = values(level, &counting, object);
        let by_values = self.by_values.entry(counting);
        let by_values = by_values.or_insert_with_key(|counting| {
            let mut by_values: BTreeMap<_, Vec<usize>> = BTreeMap::new();
            for (at, object) in objects.iter().enumerate() {
                let alike = by_values.entry(values(level, counting, object));
                alike.or_default().push(at);
            }
            by_values
        });
        by_values.get(&wanted).map_or(&[], Vec::as_slice)
    }
}

fn values<'v>(level: Level<'_>, counting: &[bool], object: &'v Value) -> Vec<&'v Value> {
    let members = level.members().zip(counting);
    members
        .filter(|(_, counts)| **counts)
        .map(|((name, _), _)| field(object, name))
        .collect()
}

/// Which members of a configured object another one must have the same value of to correspond to it. The rest takes
/// a closer look.
fn decisive(level: Level<'_>, config: &Value) -> Vec<bool> {
    let members = level.members();
    members
        .map(|(name, member)| !is_open(member, field(config, name)) && is_plain(member))
        .collect()
}

/// Whether everything in a member is the user's to say.
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

/// Whether the configuration leaves open what a member is: the provider decides it, or it is never stored.
fn is_open(member: Member<'_>, config: &Value) -> bool {
    match member {
        Member::Attribute(attribute) => {
            attribute.write_only || (attribute.computed && config.is_null())
        }
        Member::Block(_) => false,
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
