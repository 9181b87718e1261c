//! The state of a bundle: names and identity of its services, and what is known of their deployments.
//!
//! Pure.

use std::collections::{BTreeMap, BTreeSet};

use tfplugin::Planned;

use super::model::{DeploymentState, ServiceBundle, ServiceBundlePlan};
use crate::aws::arn::Arn;
use crate::ecs::bundle::service_name;
use crate::ecs::error::BundleIdentity;
use crate::resources::identities::Identity;

/// Identity of a bundle: its cluster and its name. `None` while one of them is unknown.
pub(super) fn identity_of(state: &ServiceBundlePlan) -> Option<Identity> {
    let (cluster, name) = (state.cluster.known()?, state.name.known()?);
    let identity = format!("{}/{name}", Arn::name_in(cluster));
    Some(Identity::new("skreg_ecs_service_bundle", identity))
}

pub(super) fn place_of(state: &ServiceBundlePlan) -> (String, String) {
    let text = |value: &Planned<String>| value.known().cloned().unwrap_or_default();
    (text(&state.name), text(&state.cluster))
}

/// The identity of a planned bundle; without the names of its services while they are not known.
pub(super) fn bundle_identity(plan: &ServiceBundlePlan) -> Option<BundleIdentity> {
    let (cluster, bundle) = (plan.cluster.known()?, plan.name.known()?);
    let named = plan.services.known()?.iter().map(|(key, service)| {
        let name = service.known()?.service_name.known()?;
        Some((key.clone(), name.clone()))
    });
    Some(BundleIdentity {
        cluster: cluster.clone(),
        name: bundle.clone(),
        services: named.collect::<Option<_>>().unwrap_or_default(),
    })
}

/// The id by which an import finds a bundle: cluster and name, and the names of services that are not named after it.
pub(super) fn import_id(bundle: &BundleIdentity) -> String {
    let id = format!("{}/{}", bundle.cluster, bundle.name);
    let mut named = bundle.services.iter();
    if named.all(|(key, name)| *name == service_name(&bundle.name, key)) {
        return id;
    }
    let named = bundle.services.iter();
    let named: Vec<String> = named.map(|(key, name)| format!("{key}={name}")).collect();
    format!("{id}?{}", named.join(","))
}

/// Keys of all services that the state may know.
fn keys_of(state: &ServiceBundlePlan) -> BTreeSet<String> {
    let services = state.services.known().into_iter().flat_map(BTreeMap::keys);
    let deployments = state
        .deployments
        .known()
        .into_iter()
        .flat_map(BTreeMap::keys);
    services.chain(deployments).cloned().collect()
}

/// Names of all services that the state may know, by key.
pub(super) fn names_of(state: &ServiceBundlePlan) -> BTreeMap<String, String> {
    let bundle = state.name.known().cloned().unwrap_or_default();
    let name = |key: String| {
        let services = state.services.known();
        let service = services.and_then(|services| services.get(&key)?.known());
        let stored = service.and_then(|service| service.service_name.known());
        let name = stored
            .filter(|name| !name.is_empty())
            .cloned()
            .unwrap_or_else(|| service_name(&bundle, &key));
        (key, name)
    };
    keys_of(state).into_iter().map(name).collect()
}

/// Names of the services that the state holds: those whose ARN it knows. The attributes of an interrupted create name
/// services that were not created, and a service of such a name may be created from another state since.
pub(super) fn held_names(state: &ServiceBundlePlan) -> BTreeSet<String> {
    let mut names = names_of(state);
    if state.deployments.known().is_some() {
        names.retain(|key, _| {
            known_deployment(state, key).is_some_and(|deployment| {
                let arn = deployment.service_arn;
                !arn.is_empty()
            })
        });
    }
    names.into_values().collect()
}

/// ARNs of the service deployments that the state knows.
pub(super) fn deployments_of(state: &ServiceBundlePlan) -> BTreeSet<String> {
    let deployments = state.deployments.known().into_iter().flatten();
    let arns = deployments
        .filter_map(|(_, deployment)| deployment.known()?.service_deployment_arn.known().cloned());
    arns.collect()
}

pub(super) fn known_deployment(state: &ServiceBundlePlan, key: &str) -> Option<DeploymentState> {
    let deployment = state.deployments.known()?.get(key)?.clone();
    deployment
        .settle(ServiceBundle::paths().deployments().key(key))
        .ok()
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
