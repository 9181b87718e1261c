//! What a plan promises of computed attributes, and that the promise is kept.

use tfplugin::{Diagnostic, Diagnostics, Planned};

use super::desired::Surroundings;
use super::model::{self, DeploymentState, ServiceBundle, ServiceBundlePlan};

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
    } else if !settled {
        plan.deployments = Planned::Unknown;
        plan.task_definition_arns = Planned::Unknown;
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
        // What is configured is not what runs where somebody else deploys.
        if let Some(wanted) = after.get(key)
            && spec.keeps_image
            && wanted.keeps_image
        {
            let image = &wanted.definition.container.image;
            spec.definition.container.image.clone_from(image);
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
/// rollout that nobody waits for, is told by the next refresh.
pub(super) fn keep_promises(state: &mut ServiceBundle, plan: &ServiceBundlePlan) {
    if let Some(planned) = plan.deployments.known() {
        let known = planned
            .keys()
            .filter_map(|key| Some((key.clone(), known_deployment(plan, key)?)));
        state.deployments = known.collect();
    }
    if plan.platform_version.known().is_some() {
        state.platform_version = plan.platform_version.known().cloned();
    }
    if let Some(planned) = plan.task_definition_arns.known() {
        let known = planned
            .iter()
            .filter_map(|(key, arn)| Some((key.clone(), arn.known()?.clone())));
        state.task_definition_arns = known.collect();
    }
}
