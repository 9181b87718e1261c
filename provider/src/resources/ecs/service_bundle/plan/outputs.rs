//! Plans computed attributes.
//!
//! If the keys of `services` are known, a plan also contains the keys of attributes with one entry per service.
//! Therefore, `for_each` over these attributes works before the first apply. These functions are pure.

use std::collections::BTreeMap;

use tfplugin::Planned;

use super::super::model::{self, ServiceBundle, ServiceBundlePlan};
use super::super::provider_settings::ProviderSettings;
use super::super::state::is_forced;
use crate::ecs::image;
use crate::ecs::sdk::overrides;

/// Plans a deployment of each service. The outputs are unknown values with known keys.
pub(in super::super) fn plan_unknown_outputs(plan: &mut ServiceBundlePlan) {
    plan.deployments = unknown_by_key(&plan.services);
    plan.task_definition_arns = unknown_by_key(&plan.services);
}

/// Returns whether a plan contains unknown outputs for any service.
pub(in super::super) fn has_unknown_outputs(plan: &ServiceBundlePlan) -> bool {
    match &plan.deployments {
        Planned::Known(deployments) => deployments.values().any(Planned::is_unknown),
        Planned::Null => false,
        Planned::Unknown => true,
    }
}

fn unknown_by_key<S, T>(
    services: &Planned<BTreeMap<String, S>>,
) -> Planned<BTreeMap<String, Planned<T>>> {
    let Planned::Known(services) = services else {
        return Planned::Unknown;
    };
    let keys = services.keys().cloned();
    Planned::Known(keys.map(|key| (key, Planned::Unknown)).collect())
}

/// Keeps the JSON strings in the state that are equivalent to the configuration. Differences in whitespace, key order,
/// and escapes are not changes.
pub(in super::super) fn keep_notation(prior: &ServiceBundlePlan, plan: &mut ServiceBundlePlan) {
    fn keep(before: &Planned<String>, text: &mut Planned<String>) {
        if let (Some(stored), Some(wanted)) = (before.known(), text.known())
            && overrides::are_equivalent(stored, wanted)
        {
            text.clone_from(before);
        }
    }
    let (Some(before), Planned::Known(services)) = (prior.services.known(), &mut plan.services)
    else {
        return;
    };
    for (key, service) in services {
        let (Some(Planned::Known(before)), Planned::Known(service)) = (before.get(key), service)
        else {
            continue;
        };
        let json = &mut service.container_overrides_json;
        keep(&before.container_overrides_json, json);
        let (Some(before), Planned::Known(sidecars)) =
            (before.sidecars.known(), &mut service.sidecars)
        else {
            continue;
        };
        for (name, sidecar) in sidecars {
            if let (Some(Planned::Known(before)), Planned::Known(sidecar)) =
                (before.get(name), sidecar)
            {
                let json = &mut sidecar.container_overrides_json;
                keep(&before.container_overrides_json, json);
            }
        }
    }
}

/// Predicts the computed attributes. They are unknown if a service has drift or changes. If no running service changes,
/// they keep their prior values.
pub(in super::super) fn predict_outputs(prior: &ServiceBundlePlan, plan: &mut ServiceBundlePlan) {
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
    } else if !settled || has_unknown_outputs(plan) {
        plan_unknown_outputs(plan);
    }
}

fn runs_the_same(prior: &ServiceBundlePlan, plan: &ServiceBundlePlan) -> bool {
    let anywhere = ProviderSettings::default();
    let services = |plan| {
        let mut model = ServiceBundle::of(plan).ok()?;
        model.platform_version = None;
        Some(model.bundle(&anywhere).ok()?.services)
    };
    let (Some(mut before), Some(after)) = (services(prior), services(plan)) else {
        return false;
    };
    for (key, spec) in &mut before {
        let Some(wanted) = after.get(key) else {
            continue;
        };
        let (stored, wanted_image) = (
            &mut spec.definition.container.image,
            &wanted.definition.container.image,
        );
        // The configured image does not run if another process deploys the image. A tag has no effect if a digest is
        // set.
        let kept = spec.keeps_image && wanted.keeps_image;
        if kept || image::are_the_same(stored, wanted_image) {
            stored.clone_from(wanted_image);
        }
        for (name, sidecar) in &mut spec.definition.sidecars {
            if let Some(wanted) = wanted.definition.sidecars.get(name)
                && image::are_the_same(&sidecar.image, &wanted.image)
            {
                sidecar.image.clone_from(&wanted.image);
            }
        }
    }
    let platform = &plan.platform_version;
    before == after && (platform.is_unknown() || *platform == prior.platform_version)
}
