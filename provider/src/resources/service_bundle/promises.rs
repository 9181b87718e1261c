//! What a plan promises of computed attributes, and that the promise is kept.
//!
//! Attributes with an entry for each service have their keys known in a plan wherever those of `services` are, so that
//! `for_each` over them works before anything exists.

use std::collections::BTreeMap;

use tfplugin::{Diagnostic, Diagnostics, Planned};

use super::desired::Surroundings;
use super::model::{self, DeploymentState, ServiceBundle, ServiceBundlePlan};
use crate::ecs::image;
use crate::ecs::sdk::overrides;

/// Plans that each service is deployed: what will be there of it is unknown, its key is not.
pub(super) fn announce(plan: &mut ServiceBundlePlan) {
    plan.deployments = unknown_by_key(&plan.services);
    plan.task_definition_arns = unknown_by_key(&plan.services);
}

/// Whether a plan leaves open what will be there of a service.
pub(super) fn is_announced(plan: &ServiceBundlePlan) -> bool {
    match &plan.deployments {
        Planned::Known(deployments) => deployments.values().any(Planned::is_unknown),
        Planned::Null => false,
        Planned::Unknown => true,
    }
}

fn unknown_by_key<S, T>(
    services: &Planned<BTreeMap<String, S>>,
) -> Planned<BTreeMap<String, Planned<T>>> {
    let Planned::Known(services) = services else {
        return Planned::Unknown;
    };
    let keys = services.keys().cloned();
    Planned::Known(keys.map(|key| (key, Planned::Unknown)).collect())
}

/// Keeps the JSON texts of the state that mean what is configured: other blanks, another order of keys or other escapes
/// are no change.
pub(super) fn keep_notation(prior: &ServiceBundlePlan, plan: &mut ServiceBundlePlan) {
    fn keep(before: &Planned<String>, text: &mut Planned<String>) {
        if let (Some(stored), Some(wanted)) = (before.known(), text.known())
            && overrides::mean_the_same(stored, wanted)
        {
            text.clone_from(before);
        }
    }
    let (Some(before), Planned::Known(services)) = (prior.services.known(), &mut plan.services)
    else {
        return;
    };
    for (key, service) in services {
        let (Some(Planned::Known(before)), Planned::Known(service)) = (before.get(key), service)
        else {
            continue;
        };
        let json = &mut service.container_overrides_json;
        keep(&before.container_overrides_json, json);
        let (Some(before), Planned::Known(sidecars)) =
            (before.sidecars.known(), &mut service.sidecars)
        else {
            continue;
        };
        for (name, sidecar) in sidecars {
            if let (Some(Planned::Known(before)), Planned::Known(sidecar)) =
                (before.get(name), sidecar)
            {
                let json = &mut sidecar.container_overrides_json;
                keep(&before.container_overrides_json, json);
            }
        }
    }
}

/// What the computed attributes will be: unknown if something is not as configured, what they were if nothing that
/// runs will change.
pub(super) fn predict_outputs(prior: &ServiceBundlePlan, plan: &mut ServiceBundlePlan) {
    let settled = prior.deployments.known().is_some_and(|deployments| {
        let wanted = plan
            .services
            .known()
            .is_some_and(|services| services.keys().eq(deployments.keys()));
        let drift = |deployment: &Planned<model::DeploymentStatePlan>| {
            deployment.known().is_none_or(|deployment| {
                deployment
                    .drift
                    .known()
                    .is_none_or(|drift| !drift.is_empty())
            })
        };
        wanted && !deployments.values().any(drift)
    });
    if settled && runs_the_same(prior, plan) && !is_forced(prior, plan) {
        if plan.platform_version.is_unknown() {
            plan.platform_version = prior.platform_version.clone();
        }
        plan.deployments = prior.deployments.clone();
        plan.task_definition_arns = prior.task_definition_arns.clone();
    } else if !settled || is_announced(plan) {
        announce(plan);
    }
}

fn runs_the_same(prior: &ServiceBundlePlan, plan: &ServiceBundlePlan) -> bool {
    let anywhere = Surroundings::default();
    let services = |plan| {
        let mut model = ServiceBundle::of(plan).ok()?;
        model.platform_version = None;
        Some(model.bundle(&anywhere).ok()?.services)
    };
    let (Some(mut before), Some(after)) = (services(prior), services(plan)) else {
        return false;
    };
    for (key, spec) in &mut before {
        let Some(wanted) = after.get(key) else {
            continue;
        };
        let (stored, wanted_image) = (
            &mut spec.definition.container.image,
            &wanted.definition.container.image,
        );
        // What is configured is not what runs where another process deploys, and a tag beside a digest decides nothing.
        let kept = spec.keeps_image && wanted.keeps_image;
        if kept || image::are_the_same(stored, wanted_image) {
            stored.clone_from(wanted_image);
        }
        for (name, sidecar) in &mut spec.definition.sidecars {
            if let Some(wanted) = wanted.definition.sidecars.get(name)
                && image::are_the_same(&sidecar.image, &wanted.image)
            {
                sidecar.image.clone_from(&wanted.image);
            }
        }
    }
    let platform = &plan.platform_version;
    before == after && (platform.is_unknown() || *platform == prior.platform_version)
}

/// Whether every service is to be deployed anew.
pub(super) fn is_forced(prior: &ServiceBundlePlan, plan: &ServiceBundlePlan) -> bool {
    let trigger = trigger_of(plan);
    !trigger.is_null() && trigger != trigger_of(prior)
}

/// The text whose change deploys every service anew.
pub(super) fn trigger_of(state: &ServiceBundlePlan) -> Planned<String> {
    match &state.deployment {
        Planned::Known(deployment) => deployment.force_new_deployment_trigger.clone(),
        Planned::Null => Planned::Null,
        Planned::Unknown => Planned::Unknown,
    }
}

/// Refuses other names for services that are there.
pub(super) fn refuse_renamed(
    prior: &ServiceBundlePlan,
    plan: &ServiceBundlePlan,
) -> Result<(), Diagnostics> {
    let mut found = Diagnostics::new();
    let before = prior.services.known();
    for (key, service) in plan.services.known().into_iter().flatten() {
        let name = |service: Option<&Planned<model::ServicePlan>>| {
            Some(service?.known()?.service_name.known()?.clone())
        };
        let there = name(before.and_then(|before| before.get(key)));
        let (Some(there), Some(wanted)) = (there, name(Some(service))) else {
            continue;
        };
        if there != wanted {
            let detail = format!(
                "The service {there} cannot be called {wanted}: a service has one name for life. Give it another key, which \
                 makes a new service and deletes this one, or keep service_name."
            );
            let path = ServiceBundle::paths().services().key(key).service_name();
            found.push(Diagnostic::error("Service cannot be renamed", detail).at(path));
        }
    }
    found.into_result().map(drop)
}

pub(super) fn known_deployment(state: &ServiceBundlePlan, key: &str) -> Option<DeploymentState> {
    let deployment = state.deployments.known()?.get(key)?.clone();
    deployment
        .settle(ServiceBundle::paths().deployments().key(key))
        .ok()
}

/// What the plan knew is what the state says, as Terraform demands. What has become otherwise meanwhile, such as a
/// rollout that nobody waits for, is told by the next refresh; so is a service of which nothing could be described.
pub(super) fn keep_promises(state: &mut ServiceBundle, plan: &ServiceBundlePlan) {
    if let Some(planned) = plan.deployments.known() {
        let mut found = std::mem::take(&mut state.deployments);
        let entry = |key: &String| {
            let found = found.remove(key);
            let said = known_deployment(plan, key).or(found);
            (
                key.clone(),
                said.unwrap_or_else(|| not_described(String::new())),
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
            let said = arn.known().cloned().or(found);
            (key.clone(), said.unwrap_or_default())
        };
        state.task_definition_arns = planned.iter().map(entry).collect();
    }
}

/// The entry of a service that was not created, or could not be described, before the end of an apply that did not
/// fail, and of one of this ARN that could not be described when an update failed. It counts as drift, so the next plan
/// updates the bundle.
pub(super) fn not_described(service_arn: String) -> DeploymentState {
    DeploymentState {
        service_arn,
        service_deployment_arn: None,
        service_revision_arn: None,
        running_digest: None,
        status: "PENDING".to_owned(),
        status_reason: None,
        drift: vec!["the service has not been described since the last apply".to_owned()],
    }
}
