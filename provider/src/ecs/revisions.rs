//! Revisions of task definitions: which one to run, and which of ours to deregister.
//!
//! A family belongs to the account and not to a cluster, so two bundles of one name in two clusters share it. What is
//! not tagged as this bundle's in this cluster is never deregistered, nor what a service still runs.

use std::collections::BTreeSet;

use super::api::{Answer, EcsApi, ServiceStatus};
use super::bundle::{Bundle, ServiceSpec, fits, registered_by};
use super::clock::Clock;
use super::error::BundleError;
use super::rollout::Deployer;

impl<A: EcsApi, C: Clock> Deployer<'_, A, C> {
    /// A revision that can be run: the one that runs if it fits, or the newest if it fits and is ours.
    pub(super) async fn usable_revision(
        &self,
        bundle: &Bundle,
        spec: &ServiceSpec,
        running: Option<String>,
    ) -> Result<Option<String>, BundleError> {
        let definition = &spec.definition;
        let newest = [(definition.family.clone(), false)];
        let candidates = running.into_iter().map(|arn| (arn, true)).chain(newest);
        for (id, runs) in candidates {
            let revision = self.api.revision(&id).await;
            let revision = revision.map_err(BundleError::aws(format!(
                "describe the task definition {id}"
            )))?;
            let usable = revision.filter(|revision| {
                let ours = registered_by(&bundle.name, &bundle.cluster, revision);
                fits(revision, definition) && (runs || ours)
            });
            if let Some(revision) = usable {
                return Ok(Some(revision.arn));
            }
        }
        Ok(None)
    }

    /// Registers a new revision; answers its ARN.
    pub(super) async fn register(
        &self,
        bundle: &Bundle,
        spec: &ServiceSpec,
    ) -> Result<String, BundleError> {
        let definition = &spec.definition;
        let tags = bundle.revision_tags(definition);
        let arn = self.api.register(definition, &tags).await;
        arn.map_err(BundleError::aws(format!(
            "register the task definition {}",
            definition.family
        )))
    }

    /// Deregisters our own revisions that are too old to be kept. Their number is a matter of tidiness: failures are
    /// answered as notices.
    pub(super) async fn retire(&self, bundle: &Bundle) -> Vec<String> {
        let keep = usize::try_from(bundle.keep_revisions).unwrap_or(usize::MAX);
        let mut notices = Vec::new();
        if keep == 0 {
            return notices;
        }
        for key in bundle.services.keys() {
            let family = bundle.service_name(key);
            let retired = self
                .deregister_ours(&bundle.cluster, &bundle.name, &family, keep)
                .await;
            if let Err(error) = retired {
                notices.push(format!(
                    "Old revisions of {family} could not be deregistered: {error}."
                ));
            }
        }
        notices
    }

    /// Deregisters the revisions that this bundle has registered for this cluster, but for the newest and those in use.
    pub(super) async fn deregister_ours(
        &self,
        cluster: &str,
        bundle: &str,
        family: &str,
        keep: usize,
    ) -> Answer<()> {
        let mut ours = Vec::new();
        for arn in self.api.active_revisions(family).await? {
            let revision = self.api.revision(&arn).await?;
            if revision.is_some_and(|revision| registered_by(bundle, cluster, &revision)) {
                ours.push(arn);
            }
        }
        if ours.len() <= keep {
            return Ok(());
        }
        let in_use = self.revisions_in_use(cluster, family).await?;
        let old = ours.into_iter().skip(keep);
        for arn in old.filter(|arn| !in_use.contains(arn)) {
            self.api.deregister(&arn).await?;
        }
        Ok(())
    }

    /// The revisions that a service runs or has in a deployment that is still there.
    pub(super) async fn revisions_in_use(
        &self,
        cluster: &str,
        service: &str,
    ) -> Answer<BTreeSet<String>> {
        let services = match self.api.services(cluster, &[service.to_owned()]).await {
            // Without the cluster there are no services.
            Err(error) if error.is("ClusterNotFoundException") => Vec::new(),
            other => other?,
        };
        let active = services
            .into_iter()
            .filter(|service| service.status == ServiceStatus::Active);
        let arns = active.flat_map(|service| {
            let deployments = service.deployments.into_iter();
            let rolled = deployments.map(|deployment| deployment.task_definition);
            rolled.chain([service.task_definition])
        });
        Ok(arns.collect())
    }
}
