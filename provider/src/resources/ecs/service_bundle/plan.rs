//! Plans a bundle: rejects invalid plans, detects replacements, and predicts computed attributes.

mod existing;
mod outputs;

use tfplugin::{Diagnostic, Diagnostics, Plan, Planned};

pub(super) use self::outputs::{
    has_unknown_outputs, keep_notation, plan_unknown_outputs, predict_outputs,
};
use super::access::EcsAccess;
use super::desired::name_services;
use super::diagnostics;
use super::model::{self, ServiceBundle, ServiceBundlePlan};
use super::resource_type::ServiceBundles;
use crate::aws::arn::Arn;
use crate::ecs::clock::Clock;
use crate::resources::deletion_protection;
use crate::resources::identities::PlannedAction;
use crate::resources::tagged::plan_tags;

impl<E: EcsAccess, C: Clock + 'static> ServiceBundles<E, C> {
    /// Adjusts or rejects the planned state from the framework.
    pub(super) async fn adjust_plan(
        &self,
        request: &mut Plan<ServiceBundle>,
    ) -> Result<(), Diagnostics> {
        if let Some(plan) = &mut request.plan {
            name_services(plan, request.config.as_ref());
        }
        let Some(prior) = &request.prior else {
            if let Some(plan) = &mut request.plan {
                plan_unknown_outputs(plan);
                plan_tags(None, plan, &self.access.planned_default_tags());
                self.refuse_existing(None, plan).await?;
            }
            return Ok(());
        };
        let Some(plan) = &mut request.plan else {
            self.refuse_contradiction(prior, PlannedAction::Delete)?;
            return refuse_protected(prior);
        };
        keep_notation(prior, plan);
        if is_another_cluster(prior, plan) {
            plan.cluster_arn = Planned::Unknown;
            let cluster = ServiceBundle::paths().cluster();
            request.requires_replace.push(cluster);
        }
        if !request.requires_replace.is_empty() {
            self.refuse_contradiction(prior, PlannedAction::Delete)?;
            return refuse_protected(prior);
        }
        self.refuse_contradiction(prior, PlannedAction::Keep)?;
        refuse_renamed(prior, plan)?;
        self.refuse_existing(Some(prior), plan).await?;
        predict_outputs(prior, plan);
        let config = request.config.as_ref();
        let computed = config.is_some_and(|config| config.platform_version.is_null());
        if computed && has_unknown_outputs(plan) {
            plan.platform_version = Planned::Unknown;
        }
        plan_tags(Some(prior), plan, &self.access.planned_default_tags());
        Ok(())
    }
}

/// Returns whether a plan refers to a different cluster than the state. A name and an ARN can refer to the same
/// cluster.
pub(super) fn is_another_cluster(prior: &ServiceBundlePlan, plan: &ServiceBundlePlan) -> bool {
    let Some(before) = prior.cluster.known() else {
        return false;
    };
    let Some(after) = plan.cluster.known() else {
        return plan.cluster.is_unknown();
    };
    let arn = prior.cluster_arn.known().filter(|arn| !arn.is_empty());
    match arn {
        // Clusters with the same name in two regions are different clusters.
        Some(arn) if Arn::matches_prefix(after) => arn != after,
        Some(arn) => Arn::name_in(arn) != after,
        None => Arn::name_in(before) != Arn::name_in(after),
    }
}

/// Returns an error if the state protects the bundle from deletion.
pub(super) fn refuse_protected(prior: &ServiceBundlePlan) -> Result<(), Diagnostics> {
    let path = ServiceBundle::paths().deletion_protection();
    deletion_protection::refuse(&prior.deletion_protection, path, || {
        diagnostics::protected(prior)
    })
}

/// Returns an error if a plan renames existing services.
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
        let stored = name(before.and_then(|before| before.get(key)));
        let (Some(stored), Some(wanted)) = (stored, name(Some(service))) else {
            continue;
        };
        if stored != wanted {
            let detail = format!(
                "The service {stored} cannot be renamed to {wanted}, because ECS does not support renaming services. To \
                 create a new service and delete this one, change the key. Otherwise, restore service_name."
            );
            let path = ServiceBundle::paths().services().key(key).service_name();
            found.push(Diagnostic::error("Service cannot be renamed", detail).at(path));
        }
    }
    found.into_result().map(drop)
}
