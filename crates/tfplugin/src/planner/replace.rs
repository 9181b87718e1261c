//! Changes that require replacement.

use std::collections::BTreeMap;

use tfschema::{AttributePath, ObjectNesting, Value};

use super::matching;
use super::set::{Index, elements_of};
use crate::level::{Level, NULL, element, extend, field, objects};
use crate::model::Definition;
use crate::rules::ObjectRules;

/// Returns the attributes whose planned change requires replacement, sorted and without duplicates. The list is empty if the
/// object is created or destroyed.
///
/// Within lists and maps, elements with the same index or key are compared. A new element counts as a change. A removed
/// element does not, because its attributes are no longer planned. An element of a set is compared with its paired
/// prior element. Elements in sets have no path, so the path ends at the set.
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

/// Returns whether a set contains a planned element that cannot result from any prior element without replacement.
fn set_replaces(level: Level<'_>, rules: &ObjectRules, prior: &Value, plan: &Value) -> bool {
    if !replaces(level, rules) {
        return false;
    }
    let (prior, plan) = (elements_of(prior), elements_of(plan));
    // Unchanged elements are excluded. They do not need a partner, and no other element can be paired with them.
    let changed_from = |others: &[&Value], element: &&Value| others.binary_search(element).is_err();
    let removed = prior.iter().copied();
    let removed: Vec<&Value> = removed.filter(|prior| changed_from(&plan, prior)).collect();
    let added = plan.iter().copied();
    let added: Vec<&Value> = added.filter(|plan| changed_from(&prior, plan)).collect();
    let candidates = partners(level, rules, &removed, &added);
    let paired = matching::pairs(&candidates, 0..added.len()).into_iter();
    let mut new = added
        .iter()
        .zip(paired)
        .filter(|(_, prior)| prior.is_none());
    new.any(|(plan, _)| differs(level, rules, &NULL, plan))
}

/// Returns the prior elements that can become each planned element without replacement.
fn partners(
    level: Level<'_>,
    rules: &ObjectRules,
    prior: &[&Value],
    plan: &[&Value],
) -> Vec<Vec<usize>> {
    let compared: Vec<bool> = level
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
            let alike = index.alike(compared.clone(), plan);
            if deeper {
                let fits = |at: &&usize| {
                    let prior = prior.get(**at);
                    prior.is_some_and(|prior| !differs(level, rules, prior, plan))
                };
                return alike.iter().filter(fits).copied().collect();
            }
            // All matches are equivalent, so each planned element uses the next match.
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

/// Returns whether a level contains an attribute, at any depth, whose change requires replacement.
fn replaces(level: Level<'_>, rules: &ObjectRules) -> bool {
    level.members().any(|(name, member)| {
        let (rules, within) = (rules.of(name), member.within());
        rules.requires_replace || within.is_some_and(|(_, level)| replaces(level, &rules.nested))
    })
}
