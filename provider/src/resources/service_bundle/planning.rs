//! The plan of a bundle: what is refused, what needs a new bundle, and what is known of computed attributes.

use tfplugin::{Diagnostic, Diagnostics, Plan, Planned};

use super::desired::name_services;
use super::existing::leave_the_state;
use super::model::{ServiceBundle, ServiceBundlePlan};
use super::promises::{announce, is_announced, keep_notation, predict_outputs, refuse_renamed};
use super::tagged::plan_tags;
use super::{EcsAccess, ServiceBundles};
use crate::ecs::bundle::short;
use crate::ecs::clock::Clock;
use crate::resources::identities::{Fate, Identity};

impl<E: EcsAccess, C: Clock + 'static> ServiceBundles<E, C> {
    /// Changes or refuses a plan that the planner has made.
    pub(super) async fn review(
        &self,
        request: &mut Plan<ServiceBundle>,
    ) -> Result<(), Diagnostics> {
        if let Some(plan) = &mut request.plan {
            name_services(plan, request.config.as_ref());
        }
        let Some(prior) = &request.prior else {
            if let Some(plan) = &mut request.plan {
                announce(plan);
                plan_tags(None, plan, &self.access.planned_default_tags());
                self.refuse_existing(None, plan).await?;
            }
            return Ok(());
        };
        let Some(plan) = &mut request.plan else {
            self.refuse_contradiction(prior, Fate::Deleted)?;
            return refuse_protected(prior);
        };
        keep_notation(prior, plan);
        if is_another_cluster(prior, plan) {
            plan.cluster_arn = Planned::Unknown;
            let cluster = ServiceBundle::paths().cluster();
            request.requires_replace.push(cluster);
        }
        if !request.requires_replace.is_empty() {
            self.refuse_contradiction(prior, Fate::Deleted)?;
            return refuse_protected(prior);
        }
        self.refuse_contradiction(prior, Fate::Stays)?;
        refuse_renamed(prior, plan)?;
        self.refuse_existing(Some(prior), plan).await?;
        predict_outputs(prior, plan);
        let config = request.config.as_ref();
        let computed = config.is_some_and(|config| config.platform_version.is_null());
        if computed && is_announced(plan) {
            plan.platform_version = Planned::Unknown;
        }
        plan_tags(Some(prior), plan, &self.access.planned_default_tags());
        Ok(())
    }
}

/// Identity of a bundle: its cluster and its name. `None` while one of them is unknown.
pub(super) fn identity_of(state: &ServiceBundlePlan) -> Option<Identity> {
    let (cluster, name) = (state.cluster.known()?, state.name.known()?);
    let identity = format!("{}/{name}", short(cluster));
    Some(Identity::new("skreg_ecs_service_bundle", identity))
}

/// Whether a plan means another cluster than the state, whose names and ARNs may stand for each other.
pub(super) fn is_another_cluster(prior: &ServiceBundlePlan, plan: &ServiceBundlePlan) -> bool {
    let Some(before) = prior.cluster.known() else {
        return false;
    };
    let Some(after) = plan.cluster.known() else {
        return plan.cluster.is_unknown();
    };
    let arn = prior.cluster_arn.known().filter(|arn| !arn.is_empty());
    match arn {
        // Clusters of one name in two regions are two.
        Some(arn) if after.starts_with("arn:") => arn != after,
        Some(arn) => short(arn) != after,
        None => short(before) != short(after),
    }
}

/// Refuses to delete a bundle that is protected in the state.
pub(super) fn refuse_protected(prior: &ServiceBundlePlan) -> Result<(), Diagnostics> {
    if prior.deletion_protection.known() != Some(&true) {
        return Ok(());
    }
    let name = prior.name.known().cloned().unwrap_or_default();
    let detail = format!(
        "The bundle {name} is protected: its services would be stopped. To delete it, set deletion_protection = false, \
         apply, and repeat the command.\n\nThat cannot be applied to a deposed object, which the plan shows with a key. An \
         older version of this provider left such an object when the resource was replaced, and its services are those of \
         the object that replaced it. {}",
        leave_the_state(prior)
    );
    Err(Diagnostic::error("Deletion is refused", detail)
        .at(ServiceBundle::paths().deletion_protection())
        .into())
}
