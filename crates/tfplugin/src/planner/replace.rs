//! Which changes make a new object.

use std::collections::BTreeMap;

use tfschema::{AttributePath, ObjectNesting, Value};

use super::matching;
use super::set::{Index, elements_of};
use crate::level::{Level, NULL, element, extend, field, objects};
use crate::model::Definition;
use crate::rules::ObjectRules;

/// The attributes that a plan changes though their change makes a new object, sorted, each once. None on creation
/// and destruction.
///
/// Within lists and maps an element is compared with the one at the same index or key; a new element is a change,
/// and an element that is gone is none, as its attributes are no longer planned. An element of a set is compared with
/// a prior one of its own that it can have come from; elements of sets have no path, so the path ends at the set.
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
    if nesting != ObjectNesting::Set {
        let each = objects(nesting, plan).into_iter().flat_map(|(step, plan)| {
            let prior = element(prior, step.as_ref());
            changed(level, rules, prior, plan, &extend(path, step))
        });
        return each.collect();
    }
    let replaced = set_replaces(level, rules, prior, plan);
    replaced.then(|| path.clone()).into_iter().collect()
}

/// Whether a set has a planned element that none of the prior ones can become without a new object.
fn set_replaces(level: Level<'_>, rules: &ObjectRules, prior: &Value, plan: &Value) -> bool {
    if !replaces(level, rules) {
        return false;
    }
    let (prior, plan) = (elements_of(prior), elements_of(plan));
    // Elements that stay as they are need no partner, and take none away.
    let changed_from = |others: &[&Value], element: &&Value| others.binary_search(element).is_err();
    let gone = prior.iter().copied();
    let gone: Vec<&Value> = gone.filter(|prior| changed_from(&plan, prior)).collect();
    let come = plan.iter().copied();
    let come: Vec<&Value> = come.filter(|plan| changed_from(&prior, plan)).collect();
    let candidates = partners(level, rules, &gone, &come);
    let paired = matching::pairs(&candidates, 0..come.len()).into_iter();
    let mut new = come.iter().zip(paired).filter(|(_, prior)| prior.is_none());
    new.any(|(plan, _)| differs(level, rules, &NULL, plan))
}

/// For each planned element the prior ones that it can have come from without a new object.
fn partners(
    level: Level<'_>,
    rules: &ObjectRules,
    prior: &[&Value],
    plan: &[&Value],
) -> Vec<Vec<usize>> {
    let counting: Vec<bool> = level
        .members()
        .map(|(name, _)| rules.of(name).requires_replace)
        .collect();
    let deeper = level.members().any(|(name, member)| {
        let within = member.within();
        within.is_some_and(|(_, level)| replaces(level, &rules.of(name).nested))
    });
    let mut index = Index::new(level, prior);
    let mut taken: BTreeMap<usize, usize> = BTreeMap::new();
    plan.iter()
        .map(|plan| {
            let alike = index.alike(counting.clone(), plan);
            if deeper {
                let fits = |at: &&usize| {
                    let prior = prior.get(**at);
                    prior.is_some_and(|prior| !differs(level, rules, prior, plan))
                };
                return alike.iter().filter(fits).copied().collect();
            }
            // All that are alike fit equally well, so each takes the next one.
            let first = alike.first().copied();
            let turn = first.map(|first| taken.entry(first).or_default());
            let next = turn.and_then(|turn| {
                let next = alike.get(*turn).copied();
                *turn += 1;
                next
            });
            next.into_iter().collect()
        })
        .collect()
}

fn differs(level: Level<'_>, rules: &ObjectRules, prior: &Value, plan: &Value) -> bool {
    !changed(level, rules, prior, plan, &AttributePath::root()).is_empty()
}

/// Whether the change of anything at a level makes a new object.
fn replaces(level: Level<'_>, rules: &ObjectRules) -> bool {
    level.members().any(|(name, member)| {
        let (rules, within) = (rules.of(name), member.within());
        rules.requires_replace || within.is_some_and(|(_, level)| replaces(level, &rules.nested))
    })
}
