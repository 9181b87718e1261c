//! What a plan refuses because the bundle, or one of its services, exists already.
//!
//! Names of services are unique in a cluster, so a bundle is never created beside one of the same name, and it is never
//! replaced under its name: with `create_before_destroy` the deletion of the old object would delete the services of the
//! new one. The protocol does not tell a provider whether that is set, so one rule serves.

use std::collections::BTreeMap;

use tfplugin::Diagnostics;

use super::super::access::EcsAccess;
use super::super::diagnostics::{self, diagnostic};
use super::super::model::ServiceBundlePlan;
use super::super::place::refuse_distant_cluster;
use super::super::resource_type::ServiceBundles;
use super::super::state::{bundle_identity, held_names, identity_of};
use crate::ecs::api::EcsApi;
use crate::ecs::clock::Clock;
use crate::ecs::error::BundleError;
use crate::ecs::ownership::taken;
use crate::resources::identities::Fate;

impl<E: EcsAccess, C: Clock + 'static> ServiceBundles<E, C> {
    /// Refuses a plan that creates a bundle which this process has seen with a prior state, a bundle in a cluster that the
    /// connection does not lead to, or services that exist.
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
            refuse_distant_cluster(&identity, cluster).await?;
        }
        let created = created_names(prior, plan);
        let asked: Vec<String> = created.keys().cloned().collect();
        if asked.is_empty() {
            return Ok(());
        }
        // What cannot be looked up now is looked up by the apply.
        let Ok((api, _)) = self.access.open().await else {
            return Ok(());
        };
        let Ok(services) = api.services(cluster, &asked).await else {
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

    /// Refuses a plan that deletes a bundle while another plan of this process keeps it, or the other way round.
    pub(in super::super) fn refuse_contradiction(
        &self,
        prior: &ServiceBundlePlan,
        fate: Fate,
    ) -> Result<(), Diagnostics> {
        let contradicts =
            identity_of(prior).is_some_and(|identity| self.identities.contradicts(identity, fate));
        match contradicts {
            true => Err(diagnostics::held_twice(prior).into()),
            false => Ok(()),
        }
    }
}

/// Names of the services that a plan creates, each with its key, as far as they are known. The name is the identity of a
/// service, so one that has another key in the state is not created.
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
