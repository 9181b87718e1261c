//! What a plan refuses because the bundle, or one of its services, exists already.
//!
//! Names of services are unique in a cluster, so a bundle is never created beside one of the same name, and it is never
//! replaced under its name: with `create_before_destroy` the deletion of the old object would delete the services of the
//! new one. The protocol does not tell a provider whether that is set, so one rule serves.

use std::collections::BTreeMap;

use tfplugin::{Diagnostic, Diagnostics, Planned};

use super::model::{ServiceBundle, ServiceBundlePlan};
use super::place::refuse_distant_cluster;
use super::planning::identity_of;
use super::{EcsAccess, ServiceBundles, held_names, names_of};
use crate::ecs::api::EcsApi;
use crate::ecs::bundle::short;
use crate::ecs::clock::Clock;
use crate::ecs::error::BundleError;
use crate::ecs::ownership::taken;
use crate::resources::identities::Fate;

impl<E: EcsAccess, C: Clock + 'static> ServiceBundles<E, C> {
    /// Refuses a plan that creates a bundle which this process has seen with a prior state, a bundle in a cluster that the
    /// connection does not lead to, or services that exist.
    pub(super) async fn refuse_existing(
        &self,
        prior: Option<&ServiceBundlePlan>,
        plan: &ServiceBundlePlan,
    ) -> Result<(), Diagnostics> {
        let seen = identity_of(plan).is_some_and(|identity| self.identities.contains(&identity));
        if prior.is_none() && seen {
            return Err(replaced(plan).into());
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
                import_id: import_id(plan)?,
                update: prior.is_some(),
            };
            Some(super::settled::diagnostic(&error))
        });
        refused.collect::<Diagnostics>().into_result().map(drop)
    }

    /// Refuses a plan that deletes a bundle while another plan of this process keeps it, or the other way round.
    pub(super) fn refuse_contradiction(
        &self,
        prior: &ServiceBundlePlan,
        fate: Fate,
    ) -> Result<(), Diagnostics> {
        let contradicts =
            identity_of(prior).is_some_and(|identity| self.identities.contradicts(identity, fate));
        match contradicts {
            true => Err(held_twice(prior).into()),
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

/// The id to import a planned bundle by; without the names of its services while they are not known.
fn import_id(plan: &ServiceBundlePlan) -> Option<String> {
    let (cluster, bundle) = (plan.cluster.known()?, plan.name.known()?);
    let named = plan.services.known()?.iter().map(|(key, service)| {
        let name = service.known()?.service_name.known()?;
        Some((key.clone(), name.clone()))
    });
    let named: BTreeMap<String, String> = named.collect::<Option<_>>().unwrap_or_default();
    Some(crate::ecs::bundle::import_id(cluster, bundle, &named))
}

fn place_of(state: &ServiceBundlePlan) -> (String, String) {
    let text = |value: &Planned<String>| value.known().cloned().unwrap_or_default();
    (text(&state.name), text(&state.cluster))
}

fn replaced(plan: &ServiceBundlePlan) -> Diagnostic {
    let (name, cluster) = place_of(plan);
    let detail = format!(
        "The state holds the bundle {name} in the cluster {} already, and this plan creates a bundle of the same name. \
         Names of services are unique in a cluster, so the new services cannot exist beside the old ones.\n\nTo deploy all \
         services again, set deployment.force_new_deployment_trigger to a new value instead of -replace or \
         replace_triggered_by. If the resource is tainted:\n\n    terraform untaint ADDRESS\n\nIf the resource has a new \
         address, add a moved block. To delete the services and create them again, which interrupts them:\n\n    terraform \
         destroy -target=ADDRESS\n    terraform apply\n\nwhere ADDRESS is the address of the resource in the state.",
        short(&cluster)
    );
    Diagnostic::error("Bundle cannot be replaced under its name", detail)
        .at(ServiceBundle::paths().name())
}

fn held_twice(state: &ServiceBundlePlan) -> Diagnostic {
    let (name, cluster) = place_of(state);
    let detail = format!(
        "The state holds two objects for the bundle {name} in the cluster {}, and this plan deletes one of them and keeps \
         the other. Both are the same services, so the deletion would delete services that are in use. An older version of \
         this provider left such a deposed object when the resource was replaced with create_before_destroy.\n\n{}",
        short(&cluster),
        leave_the_state(state)
    );
    Diagnostic::error("Bundle is in the state twice", detail).at(ServiceBundle::paths().name())
}

/// How to be rid of an object in the state without a deletion.
pub(super) fn leave_the_state(state: &ServiceBundlePlan) -> String {
    let (name, cluster) = place_of(state);
    let id = crate::ecs::bundle::import_id(&cluster, &name, &names_of(state));
    format!(
        "Remove the objects from the state and import the bundle again; the services are not changed by that:\n\n    \
         terraform state rm ADDRESS\n    terraform import ADDRESS '{id}'\n\nwhere ADDRESS is the address of the resource."
    )
}
