//! Reads the state of a bundle: its identity, the names of its services, and their known deployments.
//!
//! These functions are pure.

use std::collections::{BTreeMap, BTreeSet};

use tfplugin::Planned;

use super::diagnostics::drift;
use super::model::{DeploymentState, ServiceBundle, ServiceBundlePlan};
use crate::aws::arn::Arn;
use crate::ecs::bundle::service_name;
use crate::ecs::drift::Drift;
use crate::ecs::error::BundleIdentity;
use crate::resources::identities::Identity;

/// Returns the identity of a bundle, which consists of its cluster and its name. Returns `None` if either value is
/// unknown.
pub(super) fn identity_of(state: &ServiceBundlePlan) -> Option<Identity> {
    let (cluster, name) = (state.cluster.known()?, state.name.known()?);
    let identity = format!("{}/{name}", Arn::name_in(cluster));
    Some(Identity::new("skreg_ecs_service_bundle", identity))
}

pub(super) fn name_and_cluster(state: &ServiceBundlePlan) -> (String, String) {
    let text = |value: &Planned<String>| value.known().cloned().unwrap_or_default();
    (text(&state.name), text(&state.cluster))
}

/// Returns the identity of a planned bundle. Omits the service names if any of them is unknown.
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

/// Returns the import ID of a bundle: its cluster and name, and the service names unless all names have the default
/// form.
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

/// Returns the keys of all services in the state.
fn keys_of(state: &ServiceBundlePlan) -> BTreeSet<String> {
    let services = state.services.known().into_iter().flat_map(BTreeMap::keys);
    let deployments = state
        .deployments
        .known()
        .into_iter()
        .flat_map(BTreeMap::keys);
    services.chain(deployments).cloned().collect()
}

/// Returns the names of all services in the state, by key.
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

/// Returns the names of services whose ARN is in the state. After an interrupted create, the attributes also contain
/// services that were not created, and another state may have created services with these names in the meantime.
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

/// Returns the ARNs of the service deployments in the state.
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

/// Returns the entry for a service that an apply did not create or could not describe. The ARN is empty if it is
/// unknown. The entry contains drift, so the next plan updates the bundle.
pub(super) fn not_described(service_arn: String) -> DeploymentState {
    DeploymentState {
        service_arn,
        service_deployment_arn: None,
        service_revision_arn: None,
        running_digest: None,
        status: "PENDING".to_owned(),
        status_reason: None,
        drift: vec![drift::text(&Drift::NotDescribed)],
    }
}

/// Returns whether a plan forces a new deployment of every service.
pub(super) fn is_forced(prior: &ServiceBundlePlan, plan: &ServiceBundlePlan) -> bool {
    let trigger = trigger_of(plan);
    !trigger.is_null() && trigger != trigger_of(prior)
}

/// Returns `deployment.force_new_deployment_trigger`.
pub(super) fn trigger_of(state: &ServiceBundlePlan) -> Planned<String> {
    match &state.deployment {
        Planned::Known(deployment) => deployment.force_new_deployment_trigger.clone(),
        Planned::Null => Planned::Null,
        Planned::Unknown => Planned::Unknown,
    }
}
