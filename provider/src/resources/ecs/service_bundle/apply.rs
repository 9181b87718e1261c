//! Creates, updates, and deletes a bundle.

pub(super) mod outcome;

use std::collections::BTreeSet;
use std::time::Duration;

use tfplugin::{Call, CancellationToken, Diagnostic, Diagnostics, Failure, Outcome};

use self::outcome::{keep_planned_values, stored, unfinished};
use super::access::EcsAccess;
use super::diagnostics::{
    Explained, after_keeping, after_undo, diagnostic, left_by_deletion, text_of, texts_of,
};
use super::location::{refuse_other_cluster_location, refuse_other_location};
use super::model::{KEEP, ServiceBundle, ServiceBundlePlan};
use super::plan::refuse_protected;
use super::resource_type::ServiceBundles;
use super::state::{deployments_of, held_names, identity_of, is_forced, names_of};
use super::tags::{drop_tags, tagged};
use crate::ecs::attempt::Applied;
use crate::ecs::bundle::{Bundle, UNFINISHED_TAG};
use crate::ecs::clock::Clock;
use crate::ecs::delete::Deletion;
use crate::ecs::notice::Notice;

/// Time limit for cleanup after an operation that did not complete.
const UNDO_TIME: Duration = Duration::from_secs(120);

impl<E: EcsAccess, C: Clock + 'static> ServiceBundles<E, C> {
    pub(super) async fn create_bundle(
        &self,
        plan: &ServiceBundlePlan,
        call: &Call,
    ) -> Outcome<ServiceBundle> {
        let model =
            ServiceBundle::of(plan).map_err(|error| Failure::nothing(Diagnostic::from(error)))?;
        let (api, provider) = self.access.open().await.map_err(Failure::nothing)?;
        let bundle = model.bundle(&provider).map_err(Failure::nothing)?;
        let identity = self.access.identity().await.map_err(Failure::nothing)?;
        let same_location = refuse_other_cluster_location(&identity, &bundle.cluster).await;
        same_location.map_err(Failure::nothing)?;
        let applied = self
            .deployer(&api, call)
            .apply(&bundle, &BTreeSet::new())
            .await;
        let model = tagged(model, &bundle);
        let error = match &applied.result {
            Ok(()) => {
                let mut stored = stored(model, applied.services, texts_of(&applied.notices));
                keep_planned_values(&mut stored.state, plan);
                return Ok(stored);
            }
            Err(error) => error,
        };
        if error.is_cancelled() && !applied.services.is_empty() {
            // An error would taint the bundle, although the bundle is only incomplete.
            let notice = format!(
                "{}\n\nThe state contains all objects that were created, and the next apply creates the remaining objects.",
                error.detail()
            );
            let mut notices = vec![notice];
            let held = BTreeSet::new();
            let left = self
                .remove_unfinished_tags(&api, &bundle, &applied, &held)
                .await;
            notices.extend(texts_of(&left));
            let mut stored = stored(model, applied.services, notices);
            keep_planned_values(&mut stored.state, plan);
            return Ok(stored);
        }
        let mut diagnostic = diagnostic(error);
        if model.on_create_failure == KEEP {
            let kept = after_keeping(&bundle, &applied.made);
            diagnostic.detail.push_str(&kept);
            return Err(Failure::nothing(diagnostic));
        }
        let left = self
            .deployer_with_limit(&api, UNDO_TIME, CancellationToken::new())
            .undo(&bundle.cluster, &applied.made)
            .await;
        diagnostic
            .detail
            .push_str(&after_undo(&bundle, &applied.made, &left, error));
        Err(Failure::nothing(diagnostic))
    }

    pub(super) async fn update_bundle(
        &self,
        prior: &ServiceBundlePlan,
        plan: &ServiceBundlePlan,
        call: &Call,
    ) -> Outcome<ServiceBundle> {
        let model =
            ServiceBundle::of(plan).map_err(|error| Failure::unchanged(Diagnostic::from(error)))?;
        let (api, provider) = self.access.open().await.map_err(Failure::unchanged)?;
        let mut bundle = model.bundle(&provider).map_err(Failure::unchanged)?;
        let identity = self.access.identity().await.map_err(Failure::unchanged)?;
        let same_location = refuse_other_location(&identity, prior).await;
        same_location.map_err(Failure::unchanged)?;
        drop_tags(&mut bundle, prior);
        bundle.names = names_of(prior).into_iter().chain(bundle.names).collect();
        bundle.own_deployments = deployments_of(prior);
        bundle.force = is_forced(prior, plan);
        let in_state = held_names(prior);
        let applied = self.deployer(&api, call).apply(&bundle, &in_state).await;
        let model = tagged(model, &bundle);
        match &applied.result {
            Ok(()) => {
                let mut stored = stored(model, applied.services, texts_of(&applied.notices));
                keep_planned_values(&mut stored.state, plan);
                Ok(stored)
            }
            // The update made no changes. Storing the new configuration would hide the difference from the next plan.
            Err(error) if applied.untouched => Err(Failure::unchanged(diagnostic(error))),
            Err(error) => {
                let mut diagnostic = diagnostic(error);
                for notice in self
                    .remove_unfinished_tags(&api, &bundle, &applied, &in_state)
                    .await
                {
                    diagnostic.detail.push_str("\n\n");
                    diagnostic.detail.push_str(&text_of(&notice));
                }
                let services = applied.services.clone();
                let state = unfinished(model.with(services).into(), prior, &applied);
                Err(Failure::partial(state, diagnostic))
            }
        }
    }

    pub(super) async fn delete_bundle(
        &self,
        prior: &ServiceBundlePlan,
        call: &Call,
    ) -> Result<(), Diagnostics> {
        refuse_protected(prior)?;
        let (api, _) = self.access.open().await?;
        let identity = self.access.identity().await?;
        refuse_other_location(&identity, prior).await?;
        let (name, cluster) = (prior.name.known(), prior.cluster.known());
        let (Some(name), Some(cluster)) = (name, cluster) else {
            return Ok(());
        };
        let deletion = Deletion {
            cluster,
            bundle: name,
            names: held_names(prior),
            staying: BTreeSet::new(),
            keep_revisions: prior.keep_revisions.known().copied().unwrap_or_default(),
        };
        let deleted = self.deployer(&api, call).delete(&deletion).await;
        let notices = deleted.map_err(|error| diagnostic(&error))?;
        call.warnings.extend(notices.iter().map(left_by_deletion));
        if let Some(identity) = identity_of(prior) {
            self.identities.forget(&identity);
        }
        Ok(())
    }

    /// Removes [`UNFINISHED_TAG`] from services that are stored after an attempt that did not complete. These are
    /// services in the prior state, regardless of the tag value, and services that the attempt created or claimed.
    async fn remove_unfinished_tags(
        &self,
        api: &E::Api,
        bundle: &Bundle,
        applied: &Applied,
        held: &BTreeSet<String>,
    ) -> Vec<Notice> {
        let made = &applied.made;
        let stored = bundle.service_names(applied.services.keys());
        let claimed = made.services.iter().chain(&made.taken_over);
        let claimed: BTreeSet<String> = claimed
            .filter(|name| stored.contains(*name))
            .cloned()
            .collect();
        let mut marked = bundle.service_names(
            applied
                .services
                .iter()
                .filter(|(_, deployed)| deployed.tags.contains_key(UNFINISHED_TAG))
                .map(|(key, _)| key),
        );
        marked.retain(|name| held.contains(name));
        if claimed.is_empty() && marked.is_empty() {
            return Vec::new();
        }
        self.deployer_with_limit(api, UNDO_TIME, CancellationToken::new())
            .leave_to_state(&bundle.cluster, &made.mark, &claimed, &marked)
            .await
    }
}
