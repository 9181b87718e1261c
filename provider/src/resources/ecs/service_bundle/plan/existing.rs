//! Rejects plans that create a bundle or a service that already exists.
//!
//! Service names are unique in a cluster, so two bundles with the same name cannot coexist. For the same reason, a
//! bundle cannot be replaced under the same name. With `create_before_destroy`, deleting the old object would delete
//! the services of the new object. The protocol does not report this setting to a provider, so the rule always applies.

use std::collections::BTreeMap;

use tfplugin::Diagnostics;

use super::super::access::EcsAccess;
use super::super::diagnostics::{self, diagnostic};
use super::super::location::refuse_other_cluster_location;
use super::super::model::ServiceBundlePlan;
use super::super::resource_type::ServiceBundles;
use super::super::state::{bundle_identity, held_names, identity_of};
use crate::ecs::api::EcsApi;
use crate::ecs::clock::Clock;
use crate::ecs::error::BundleError;
use crate::ecs::ownership::taken;
use crate::resources::identities::PlannedAction;

impl<E: EcsAccess, C: Clock + 'static> ServiceBundles<E, C> {
    /// Rejects a plan that creates a bundle that this process has seen with a prior state, a bundle in a cluster in
    /// another region or account, or services that already exist.
    pub(in super::super) async fn refuse_existing(
        &self,
        prior: Option<&ServiceBundlePlan>,
        plan: &ServiceBundlePlan,
    ) -> Result<(), Diagnostics> {
        let seen = identity_of(plan).is_some_and(|identity| self.identities.contains(&identity));
        if prior.is_none() && seen {
            return Err(diagnostics::replaced(plan).into());
        }
        let Some((cluster, bundle)) = plan.cluster.known().zip(plan.name.known()) else {
            return Ok(());
        };
        if prior.is_none()
            && let Ok(identity) = self.access.identity().await
        {
            refuse_other_cluster_location(&identity, cluster).await?;
        }
        let created = created_names(prior, plan);
        let names: Vec<String> = created.keys().cloned().collect();
        if names.is_empty() {
            return Ok(());
        }
        // If the lookup is not possible during planning, the apply repeats it.
        let Ok((api, _)) = self.access.open().await else {
            return Ok(());
        };
        let Ok(services) = api.services(cluster, &names).await else {
            return Ok(());
        };
        let refused = services.into_iter().filter_map(|service| {
            let error = BundleError::Exists {
                key: created.get(&service.name)?.clone(),
                taken: taken(bundle, &service)?,
                service: service.name,
                bundle: Box::new(bundle_identity(plan)?),
                update: prior.is_some(),
            };
            Some(diagnostic(&error))
        });
        refused.collect::<Diagnostics>().into_result().map(drop)
    }

    /// Rejects a plan that deletes a bundle if another plan in this process keeps it, and vice versa.
    pub(in super::super) fn refuse_contradiction(
        &self,
        prior: &ServiceBundlePlan,
        action: PlannedAction,
    ) -> Result<(), Diagnostics> {
        let contradicts = identity_of(prior)
            .is_some_and(|identity| self.identities.contradicts(identity, action));
        match contradicts {
            true => Err(diagnostics::duplicate_in_state(prior).into()),
            false => Ok(()),
        }
    }
}

/// Returns the known names of the services that a plan creates, with their keys. The name identifies a service, so a
/// plan does not create a service that has a different key in the state.
fn created_names(
    prior: Option<&ServiceBundlePlan>,
    plan: &ServiceBundlePlan,
) -> BTreeMap<String, String> {
    let before = prior.map(held_names).unwrap_or_default();
    let names = plan.services.known().into_iter().flatten();
    let names = names.filter_map(|(key, service)| {
        let name = service.known()?.service_name.known()?;
        (!before.contains(name)).then(|| (name.clone(), key.clone()))
    });
    names.collect()
}
