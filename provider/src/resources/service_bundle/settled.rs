//! What is stored and said at the end of an operation, good or bad.

use std::collections::{BTreeMap, BTreeSet};

use tfplugin::{Diagnostic, Planned, Stored};

use super::model::{DeploymentState, ServiceBundle, ServiceBundlePlan};
use super::promises::{known_deployment, not_described, trigger_of};
use super::{held_names, names_of};
use crate::ecs::apply::{Applied, Made};
use crate::ecs::bundle::{Bundle, Deployed};
use crate::ecs::error::BundleError;

/// State and warnings of an operation that succeeded.
pub(super) fn stored(
    model: ServiceBundle,
    there: BTreeMap<String, Deployed>,
    notices: Vec<String>,
) -> Stored<ServiceBundle> {
    let warning = |notice| Diagnostic::warning("Service bundle needs attention", notice);
    notices
        .into_iter()
        .fold(Stored::new(model.with(there)), |stored, notice| {
            stored.warn(warning(notice))
        })
}

/// The state after an update that failed: what was not done yet is as before, so that it is planned again.
pub(super) fn unfinished(
    mut state: ServiceBundlePlan,
    prior: &ServiceBundlePlan,
    applied: &Applied,
) -> ServiceBundlePlan {
    keep_what_is_held(&mut state, prior, &applied.services);
    let mut not_removed = names_of(prior);
    not_removed.retain(|_, name| applied.not_removed.contains(name));
    let not_removed: BTreeSet<String> = not_removed.into_keys().collect();
    fn put_back<T: Clone>(
        keys: &BTreeSet<String>,
        into: &mut Planned<BTreeMap<String, T>>,
        from: &Planned<BTreeMap<String, T>>,
    ) {
        if let (Planned::Known(into), Planned::Known(from)) = (into, from) {
            let kept = from.iter().filter(|(key, _)| keys.contains(*key));
            into.extend(kept.map(|(key, value)| (key.clone(), value.clone())));
        }
    }
    put_back(&not_removed, &mut state.services, &prior.services);
    put_back(&not_removed, &mut state.deployments, &prior.deployments);
    let arns = &mut state.task_definition_arns;
    put_back(&not_removed, arns, &prior.task_definition_arns);
    if !applied.tagged {
        state.tags = prior.tags.clone();
        state.tags_all = prior.tags_all.clone();
    }
    if !applied.forced
        && let Planned::Known(deployment) = &mut state.deployment
    {
        deployment.force_new_deployment_trigger = trigger_of(prior);
    }
    state
}

/// Leaves out services that neither the state held nor the update has created or claimed: a service of that name may be
/// created from another state, and then this one must not know it. One that was held and could not be described stays.
fn keep_what_is_held(
    state: &mut ServiceBundlePlan,
    prior: &ServiceBundlePlan,
    there: &BTreeMap<String, Deployed>,
) {
    let held = held_names(prior);
    let names = names_of(state);
    let is_held = |key: &String| names.get(key).is_some_and(|name| held.contains(name));
    if let Planned::Known(services) = &mut state.services {
        services.retain(|key, _| there.contains_key(key) || is_held(key));
    }
    let Planned::Known(deployments) = &mut state.deployments else {
        return;
    };
    for (before, name) in names_of(prior) {
        let key = names.iter().find(|(_, stays)| **stays == name);
        let Some((key, _)) = key.filter(|(key, _)| !there.contains_key(*key)) else {
            continue;
        };
        if let Some(known) = known_deployment(prior, &before).filter(|_| held.contains(&name)) {
            let deployment = not_described(known.service_arn);
            deployments.insert(key.clone(), Planned::Known(deployment.into()));
        }
    }
}

/// [`keep_verdict`] for every service.
pub(super) fn keep_verdicts(
    present: &mut BTreeMap<String, DeploymentState>,
    before: &ServiceBundlePlan,
) {
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

/// Says that a service which is being deleted counts as deleted.
pub(super) fn being_deleted(name: &String) -> Diagnostic {
    let detail = format!(
        "The service {name} has the status DRAINING: its deletion was begun, and ECS stops its tasks, which takes as long \
         as the deregistration delay of its target group. It counts as deleted. Its name is taken until it is INACTIVE; \
         an apply that creates it again waits for that."
    );
    Diagnostic::warning("Service is being deleted", detail)
}

/// Says what a deletion left that succeeded otherwise.
pub(super) fn left_by_deletion(notice: String) -> Diagnostic {
    Diagnostic::warning("Deletion left something behind", notice)
}

/// What is left after a failed create, for the end of the error.
pub(super) fn after_undo(
    bundle: &Bundle,
    made: &Made,
    left: &[String],
    error: &BundleError,
) -> String {
    let mut text = String::new();
    if !made.services.is_empty() {
        text.push_str(
            "\n\nThe services made by this attempt were deleted again; nothing is in the state.",
        );
    }
    for line in left {
        text.push('\n');
        text.push_str(line);
    }
    let is_lost = matches!(error, BundleError::Exists { .. });
    if !made.taken_over.is_empty() && !is_lost {
        let (names, import_id) = (made.taken_over.join(", "), bundle.import_id());
        text.push_str(&format!(
            "\n\nStill there, but not in the state, because an earlier attempt made them: {names}. Repeat the command to \
             go on with them, or import them, which brings them under terraform destroy:\n\n    terraform import \
             ADDRESS '{import_id}'"
        ));
    }
    text
}

/// What is left after a failed create of which everything is kept, for the end of the error.
pub(super) fn after_keeping(bundle: &Bundle, made: &Made) -> String {
    let names: Vec<&str> = made
        .services
        .iter()
        .chain(&made.taken_over)
        .map(String::as_str)
        .collect();
    if names.is_empty() {
        return String::new();
    }
    format!(
        "\n\nLeft as they are, because on_create_failure is \"keep\": {}. They are not in the state, so nothing is \
         tainted: the next apply takes them over and goes on with them. To destroy them instead, import them first:\n\n    \
         terraform import ADDRESS '{}'",
        names.join(", "),
        bundle.import_id()
    )
}

pub(super) fn diagnostic(error: &BundleError) -> Diagnostic {
    let paths = ServiceBundle::paths();
    let diagnostic = Diagnostic::error(error.summary(), error.detail());
    match error {
        BundleError::Cluster { .. } => diagnostic.at(paths.cluster()),
        BundleError::Exists { key, .. } => diagnostic.at(paths.services().key(key)),
        BundleError::NoCapacityProvider { provider, .. } => {
            diagnostic.at(paths.capacity().providers().key(provider))
        }
        BundleError::NoImage { key } => diagnostic.at(paths.services().key(key).image()),
        BundleError::NoLogGroup { key, .. } => diagnostic.at(paths.services().key(key).log()),
        BundleError::NoRevision { key, .. } => {
            diagnostic.at(paths.release().rollback_to().key(key))
        }
        BundleError::Concurrent { .. } => diagnostic.at(paths.deployment().concurrent()),
        BundleError::NoTargetGroup { key, .. } | BundleError::TargetGroup { key, .. } => {
            diagnostic.at(paths.services().key(key).load_balancer())
        }
        _ => diagnostic,
    }
}
