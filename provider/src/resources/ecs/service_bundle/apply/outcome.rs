//! Builds the state to store after an operation succeeds or fails.

use std::collections::{BTreeMap, BTreeSet};

use tfplugin::{Diagnostic, Planned, Stored};

use super::super::model::{ServiceBundle, ServiceBundlePlan};
use super::super::state::{held_names, known_deployment, names_of, not_described, trigger_of};
use crate::ecs::attempt::Applied;
use crate::ecs::bundle::Deployed;

/// Returns the state and the warnings of a successful operation.
pub(super) fn stored(
    model: ServiceBundle,
    found: BTreeMap<String, Deployed>,
    notices: Vec<String>,
) -> Stored<ServiceBundle> {
    let warning = |notice| Diagnostic::warning("Service bundle needs attention", notice);
    notices
        .into_iter()
        .fold(Stored::new(model.with(found)), |stored, notice| {
            stored.warn(warning(notice))
        })
}

/// Returns the state after a failed update. Values that were not applied keep their prior values, so the next plan
/// contains the change again.
pub(super) fn unfinished(
    mut state: ServiceBundlePlan,
    prior: &ServiceBundlePlan,
    applied: &Applied,
) -> ServiceBundlePlan {
    keep_held_services(&mut state, prior, &applied.services);
    let mut not_removed = names_of(prior);
    not_removed.retain(|_, name| applied.not_removed.contains(name));
    let not_removed: BTreeSet<String> = not_removed.into_keys().collect();
    fn put_back<T: Clone>(
        keys: &BTreeSet<String>,
        into: &mut Planned<BTreeMap<String, T>>,
        from: &Planned<BTreeMap<String, T>>,
    ) {
        if let (Planned::Known(into), Planned::Known(from)) = (into, from) {
            let kept = from.iter().filter(|(key, _)| keys.contains(*key));
            into.extend(kept.map(|(key, value)| (key.clone(), value.clone())));
        }
    }
    put_back(&not_removed, &mut state.services, &prior.services);
    put_back(&not_removed, &mut state.deployments, &prior.deployments);
    let arns = &mut state.task_definition_arns;
    put_back(&not_removed, arns, &prior.task_definition_arns);
    if !applied.tagged {
        state.tags = prior.tags.clone();
        state.tags_all = prior.tags_all.clone();
    }
    if !applied.forced
        && let Planned::Known(deployment) = &mut state.deployment
    {
        deployment.force_new_deployment_trigger = trigger_of(prior);
    }
    state
}

/// Removes services that were not in the prior state and that the update neither created nor claimed. Another state can
/// create services with these names, and this state must not contain them. Keeps services in the prior state that could
/// not be described.
fn keep_held_services(
    state: &mut ServiceBundlePlan,
    prior: &ServiceBundlePlan,
    found: &BTreeMap<String, Deployed>,
) {
    let held = held_names(prior);
    let names = names_of(state);
    let is_held = |key: &String| names.get(key).is_some_and(|name| held.contains(name));
    if let Planned::Known(services) = &mut state.services {
        services.retain(|key, _| found.contains_key(key) || is_held(key));
    }
    let Planned::Known(deployments) = &mut state.deployments else {
        return;
    };
    for (before, name) in names_of(prior) {
        let key = names.iter().find(|(_, kept)| **kept == name);
        let Some((key, _)) = key.filter(|(key, _)| !found.contains_key(*key)) else {
            continue;
        };
        if let Some(known) = known_deployment(prior, &before).filter(|_| held.contains(&name)) {
            let deployment = not_described(known.service_arn);
            deployments.insert(key.clone(), Planned::Known(deployment.into()));
        }
    }
}

/// Sets known planned values in the state, because OpenTofu and Terraform require that these values match the plan. The
/// next refresh reports values that have changed, such as the status of a rollout that the apply does not wait for, and
/// services that could not be described.
pub(in super::super) fn keep_planned_values(state: &mut ServiceBundle, plan: &ServiceBundlePlan) {
    if let Some(planned) = plan.deployments.known() {
        let mut found = std::mem::take(&mut state.deployments);
        let entry = |key: &String| {
            let found = found.remove(key);
            let deployment = known_deployment(plan, key).or(found);
            (
                key.clone(),
                deployment.unwrap_or_else(|| not_described(String::new())),
            )
        };
        state.deployments = planned.keys().map(entry).collect();
    }
    if plan.platform_version.known().is_some() {
        state.platform_version = plan.platform_version.known().cloned();
    }
    if let Some(planned) = plan.task_definition_arns.known() {
        let mut found = std::mem::take(&mut state.task_definition_arns);
        let entry = |(key, arn): (&String, &Planned<String>)| {
            let found = found.remove(key);
            let arn = arn.known().cloned().or(found);
            (key.clone(), arn.unwrap_or_default())
        };
        state.task_definition_arns = planned.iter().map(entry).collect();
    }
}
