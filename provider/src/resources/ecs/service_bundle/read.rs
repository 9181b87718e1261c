//! Refreshes a bundle: compares the running services with the state.

use std::collections::BTreeMap;

use tfplugin::{Call, Diagnostic, Diagnostics};

use super::access::EcsAccess;
use super::diagnostics::{being_deleted, diagnostic};
use super::import;
use super::location::{refuse_other_account, refuse_other_region};
use super::model::{DeploymentState, ServiceBundle, ServiceBundlePlan};
use super::resource_type::ServiceBundles;
use super::state::{held_names, known_deployment};
use super::tags::found_tags;
use crate::aws::tags::own_tags;
use crate::ecs::clock::Clock;

impl<E: EcsAccess, C: Clock + 'static> ServiceBundles<E, C> {
    pub(super) async fn refresh(
        &self,
        prior: ServiceBundlePlan,
        call: &Call,
    ) -> Result<Option<ServiceBundle>, Diagnostics> {
        let (api, provider) = self.access.open().await?;
        let identity = self.access.identity().await?;
        refuse_other_region(&identity, &prior)?;
        let deployer = self.deployer(&api, call);
        if prior.execution_role_arn.is_null() {
            return import::completed(&deployer, &prior, &provider)
                .await
                .map(Some);
        }
        let mut model = ServiceBundle::of(&prior).map_err(Diagnostic::from)?;
        // The stored version is either configured or selected by ECS. The plan distinguishes these cases, so a
        // difference is not drift here.
        let stored = model.platform_version.take();
        let mut bundle = model.bundle(&provider)?;
        model.platform_version = stored;
        let held = held_names(&prior);
        let names = bundle.names.clone();
        bundle
            .services
            .retain(|key, _| names.get(key).is_some_and(|name| held.contains(name)));
        let found = deployer
            .read(&bundle)
            .await
            .map_err(|error| diagnostic(&error))?;
        let services = found.services;
        refuse_other_account(&identity, &prior, &services).await?;
        call.warnings
            .extend(found.draining.iter().map(being_deleted));
        if services.is_empty() {
            return Ok(None);
        }
        model.tags_all = found_tags(&services, &bundle.tags);
        let (found, default) = (model.tags_all.clone(), &provider.default_tags);
        model.tags = own_tags(&prior.tags, &prior.tags_all, found, default);
        let mut state = model.with(services);
        keep_statuses(&mut state.deployments, &prior);
        Ok(Some(state))
    }
}

/// Applies [`keep_status`] to every service.
fn keep_statuses(present: &mut BTreeMap<String, DeploymentState>, before: &ServiceBundlePlan) {
    for (key, deployment) in present {
        let before = known_deployment(before, key);
        let same = before
            .as_ref()
            .filter(|before| before.service_arn == deployment.service_arn);
        // Another process may have started the current deployment, so a refresh keeps the ARN that an apply stored.
        deployment.service_deployment_arn =
            same.and_then(|same| same.service_deployment_arn.clone());
        keep_status(deployment, before);
    }
}

/// Keeps the stored status while the same service is in a steady state, because a steady state does not indicate the
/// result of the last rollout.
fn keep_status(present: &mut DeploymentState, before: Option<DeploymentState>) {
    let Some(before) = before.filter(|before| before.service_arn == present.service_arn) else {
        return;
    };
    let steady = present.status == "SUCCESSFUL";
    if steady
        && (before.status == "SUCCESSFUL" || !present.drift.is_empty())
        && before.status != "IN_PROGRESS"
    {
        present.status = before.status;
        present.status_reason = before.status_reason;
        present.service_deployment_arn = before.service_deployment_arn;
    }
}
