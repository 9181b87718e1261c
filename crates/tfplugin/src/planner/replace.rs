//! Which changes make a new object.

use tfschema::{AttributePath, ObjectNesting, Value};

use crate::level::{Level, NULL, element, extend, field, objects};
use crate::{Definition, ObjectRules};

/// The attributes that a plan changes though their change makes a new object, sorted, each once. None on creation
/// and destruction.
///
/// Within lists and maps an element is compared with the one at the same index or key; a new element is a change,
/// and an element that is gone is none, as its attributes are no longer planned. Elements of sets have no path, so
/// the path ends at the set.
pub(crate) fn requires_replace(
    definition: &Definition,
    prior: &Value,
    plan: &Value,
) -> Vec<AttributePath> {
    if prior.is_null() || plan.is_null() {
        return Vec::new();
    }
    let level = Level::from(&definition.schema.block);
    let mut paths = changed(
        level,
        &definition.rules,
        prior,
        plan,
        &AttributePath::root(),
    );
    paths.sort();
    paths.dedup();
    paths
}

fn changed(
    level: Level<'_>,
    rules: &ObjectRules,
    prior: &Value,
    plan: &Value,
    path: &AttributePath,
) -> Vec<AttributePath> {
    let mut paths = Vec::new();
    for (name, member) in level.members() {
        let (prior, plan) = (field(prior, name), field(plan, name));
        if prior == plan {
            continue;
        }
        let (rules, path) = (rules.of(name), path.attribute(name));
        if let Some((nesting, level)) = member.within() {
            let inner = changed_within((nesting, level), &rules.nested, prior, plan, &path);
            paths.extend(inner);
        }
        if rules.requires_replace {
            paths.push(path);
        }
    }
    paths
}

fn changed_within(
    (nesting, level): (ObjectNesting, Level<'_>),
    rules: &ObjectRules,
    prior: &Value,
    plan: &Value,
    path: &AttributePath,
) -> Vec<AttributePath> {
    let planned = objects(nesting, plan);
    if nesting != ObjectNesting::Set {
        let each = planned.into_iter().flat_map(|(step, plan)| {
            let prior = element(prior, step.as_ref());
            changed(level, rules, prior, plan, &extend(path, step))
        });
        return each.collect();
    }
    let before = objects(nesting, prior);
    let is_new = |plan: &Value| {
        let unchanged =
            |(_, prior): &(_, &Value)| changed(level, rules, prior, plan, path).is_empty();
        !before.iter().any(unchanged) && !changed(level, rules, &NULL, plan, path).is_empty()
    };
    let new = planned.iter().any(|(_, plan)| is_new(plan));
    new.then(|| path.clone()).into_iter().collect()
}
