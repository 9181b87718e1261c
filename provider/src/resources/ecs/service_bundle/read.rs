//! The refresh of a bundle: what runs, compared with the state.

use std::collections::BTreeMap;

use tfplugin::{Call, Diagnostic, Diagnostics};

use super::access::EcsAccess;
use super::diagnostics::{being_deleted, diagnostic};
use super::import;
use super::model::{DeploymentState, ServiceBundle, ServiceBundlePlan};
use super::place::{refuse_other_account, refuse_other_region};
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
        let (api, surroundings) = self.access.open().await?;
        let identity = self.access.identity().await?;
        refuse_other_region(&identity, &prior)?;
        let deployer = self.deployer(&api, call);
        if prior.execution_role_arn.is_null() {
            return import::completed(&deployer, &prior, &surroundings)
                .await
                .map(Some);
        }
        let mut model = ServiceBundle::of(&prior).map_err(Diagnostic::from)?;
        // It may be what a configuration asks for or what ECS made of nothing; the plan tells them apart.
        let said = model.platform_version.take();
        let mut bundle = model.bundle(&surroundings)?;
        model.platform_version = said;
        let held = held_names(&prior);
        let names = bundle.names.clone();
        bundle
            .services
            .retain(|key, _| names.get(key).is_some_and(|name| held.contains(name)));
        let found = deployer
            .read(&bundle)
            .await
            .map_err(|error| diagnostic(&error))?;
        let there = found.services;
        refuse_other_account(&identity, &prior, &there).await?;
        call.warnings
            .extend(found.draining.iter().map(being_deleted));
        if there.is_empty() {
            return Ok(None);
        }
        model.tags_all = found_tags(&there, &bundle.tags);
        let (found, default) = (model.tags_all.clone(), &surroundings.default_tags);
        model.tags = own_tags(&prior.tags, &prior.tags_all, found, default);
        let mut state = model.with(there);
        keep_verdicts(&mut state.deployments, &prior);
        Ok(Some(state))
    }
}

/// [`keep_verdict`] for every service.
fn keep_verdicts(present: &mut BTreeMap<String, DeploymentState>, before: &ServiceBundlePlan) {
    for (key, deployment) in present {
        let before = known_deployment(before, key);
        let same = before
            .as_ref()
            .filter(|before| before.service_arn == deployment.service_arn);
        // What goes on now may be that of another process: only what an apply has started is ours.
        deployment.service_deployment_arn =
            same.and_then(|same| same.service_deployment_arn.clone());
        keep_verdict(deployment, before);
    }
}

/// A steady service does not tell how its last rollout ended, so the verdict in the state stands while the same
/// service is steady.
fn keep_verdict(present: &mut DeploymentState, before: Option<DeploymentState>) {
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
