//! Reads a bundle and compares the running services with the planned state.

use std::collections::{BTreeMap, BTreeSet};

use super::api::{EcsApi, Revision, Rollout, Service, ServiceStatus};
use super::bundle::{
    Bundle, DELETING_TAG, Deployed, ServiceSpec, UNFINISHED_TAG, mismatches, owned, owns,
};
use super::clock::Clock;
use super::drift::{Drift, Values};
use super::error::BundleError;
use super::rollout::Deployer;
use crate::aws::arn::Arn;

/// A service and its current task definition.
#[derive(Clone, Debug)]
pub struct Found {
    /// Service.
    pub service: Service,
    /// Revision, if it still exists.
    pub revision: Option<Revision>,
}

/// Result of reading a bundle.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// Existing services, by key.
    pub services: BTreeMap<String, Deployed>,
    /// Names of services that are being deleted and are treated as deleted.
    pub draining: BTreeSet<String>,
}

impl Deployed {
    /// Creates the state of a service without reading its task definition.
    pub(super) fn unread(service: &Service) -> Self {
        let primary = service.primary();
        let status = match primary.and_then(|primary| primary.rollout) {
            Some(Rollout::InProgress) => "IN_PROGRESS",
            Some(Rollout::Failed) => "FAILED",
            Some(Rollout::Completed) | None => "SUCCESSFUL",
        };
        Self {
            service_arn: service.arn.clone(),
            cluster_arn: service.cluster_arn.clone(),
            task_definition_arn: service.task_definition.clone(),
            service_deployment_arn: service.current_deployment.clone(),
            service_revision_arn: service.current_revision.clone(),
            running_digest: None,
            platform: service.settings.platform.clone(),
            status: status.to_owned(),
            status_reason: primary.and_then(|primary| primary.reason.clone()),
            drift: Vec::new(),
            tags: service.tags.clone(),
        }
    }

    /// Records the result of a rollout that was awaited.
    pub(super) fn settle(&mut self, status: &str, reason: Option<String>) {
        self.status = status.to_owned();
        self.status_reason = reason;
        self.drift
            .retain(|drift| *drift != Drift::DeploymentInProgress);
    }
}

impl<A: EcsApi, C: Clock> Deployer<'_, A, C> {
    /// Reads the services of a bundle, by key. Omits services that are missing or inactive.
    ///
    /// # Errors
    /// Returns an error if a call to AWS fails ([`BundleError::Aws`]) or the user interrupts the operation
    /// ([`BundleError::WaitEnded`]).
    pub async fn read(&self, bundle: &Bundle) -> Result<Reading, BundleError> {
        let keys = bundle.services.keys();
        let names = keys.map(|key| (bundle.service_name(key), key.clone()));
        let (found, draining) = self.describe_all(&bundle.cluster, &names.collect()).await?;
        let deployed = found.into_iter().map(|(key, found)| {
            let deployed = compare(bundle, &bundle.services[&key], &found);
            (key, deployed)
        });
        let mut services: BTreeMap<String, Deployed> = deployed.collect();
        self.look_up_digests(&mut services).await;
        Ok(Reading { services, draining })
    }

    /// Reads the digests of the running images. Errors are ignored, because the digests are informational only and ECS
    /// does not return service revisions from before October 2024.
    async fn look_up_digests(&self, deployed: &mut BTreeMap<String, Deployed>) {
        let arns = deployed
            .values()
            .filter_map(|deployed| deployed.service_revision_arn.clone());
        let arns: Vec<String> = arns.collect();
        if arns.is_empty() {
            return;
        }
        let revisions = self.api.service_revisions(&arns).await.unwrap_or_default();
        for (key, deployed) in deployed {
            let own = revisions
                .iter()
                .find(|revision| deployed.service_revision_arn.as_ref() == Some(&revision.arn));
            deployed.running_digest = own.and_then(|own| own.digests.get(key).cloned());
        }
    }

    /// Reads services and their task definitions. `names` maps service names to keys. The result is by key.
    ///
    /// # Errors
    /// Returns an error in the same cases as [`Self::read`].
    pub async fn find(
        &self,
        cluster: &str,
        names: &BTreeMap<String, String>,
    ) -> Result<BTreeMap<String, Found>, BundleError> {
        let (found, _) = self.describe_all(cluster, names).await?;
        Ok(found)
    }

    /// Reads services as [`Self::find`] does, and also returns the names of the services that are being deleted.
    async fn describe_all(
        &self,
        cluster: &str,
        names: &BTreeMap<String, String>,
    ) -> Result<(BTreeMap<String, Found>, BTreeSet<String>), BundleError> {
        let asked: Vec<String> = names.keys().cloned().collect();
        let services = self.services_of(cluster, &asked).await?;
        let (mut all, mut draining) = (BTreeMap::new(), BTreeSet::new());
        for service in services {
            match service.status {
                ServiceStatus::Inactive => continue,
                // The service can no longer be used. If it stayed in the state, an interrupted deletion would never
                // converge.
                ServiceStatus::Draining => {
                    draining.insert(service.name);
                    continue;
                }
                ServiceStatus::Active => {}
            }
            let Some(key) = names.get(&service.name) else {
                continue;
            };
            let mut revision = self.described(&service.task_definition).await?;
            if let Some(revision) = &mut revision {
                revision.definition = revision.definition.clone().with_main_container(key);
            }
            all.insert(key.clone(), Found { service, revision });
        }
        Ok((all, draining))
    }

    /// Returns the keys of the bundle services in a cluster: services with the bundle tag, or, if none exist, services
    /// that belong to no bundle and whose names have the bundle prefix.
    ///
    /// # Errors
    /// Returns an error if a call to AWS fails or the cluster does not exist ([`BundleError::Aws`]).
    pub async fn discover(
        &self,
        cluster: &str,
        bundle: &str,
    ) -> Result<BTreeSet<String>, BundleError> {
        let doing = format!("list the services of {cluster}");
        let list = || self.api.service_arns(cluster);
        let arns = self.repeat(&doing, list).await?;
        let prefix = super::bundle::service_name(bundle, "");
        let named: Vec<String> = arns
            .iter()
            .map(|arn| Arn::name_in(arn).to_owned())
            .filter(|name| name.starts_with(&prefix))
            .collect();
        let services = self.services_of(cluster, &named).await?;
        let (ours, mut others): (Vec<Service>, Vec<Service>) = services
            .into_iter()
            .partition(|service| owns(bundle, service));
        others.retain(|service| !owned(service));
        let chosen = if ours.is_empty() { others } else { ours };
        let keys = chosen
            .iter()
            .filter_map(|service| service.name.strip_prefix(&prefix));
        Ok(keys.map(str::to_owned).collect())
    }

    /// Describes services by name, including services that are being deleted or no longer exist. Returns an empty list
    /// if the cluster does not exist.
    ///
    /// # Errors
    /// Returns an error if a call to AWS fails ([`BundleError::Aws`]) or the user interrupts the operation
    /// ([`BundleError::WaitEnded`]).
    pub(super) async fn services_of(
        &self,
        cluster: &str,
        names: &[String],
    ) -> Result<Vec<Service>, BundleError> {
        let describe = || async {
            match self.api.services(cluster, names).await {
                Err(error) if error.is("ClusterNotFoundException") => Ok(Vec::new()),
                other => other,
            }
        };
        self.repeat("describe the services", describe).await
    }
}

fn compare(bundle: &Bundle, spec: &ServiceSpec, found: &Found) -> Deployed {
    let mut deployed = Deployed::unread(&found.service);
    deployed.drift = spec.settings.changes_from(&found.service.settings).drift;
    if found.service.tags.contains_key(DELETING_TAG) {
        deployed.drift.push(Drift::DeletionStarted);
    }
    let runs = Arn::name_in(&found.service.task_definition);
    match (
        &found.revision,
        spec.pinned_revision(Some(&found.service.task_definition)),
    ) {
        (_, Some(pinned)) if pinned != runs => deployed.drift.push(Drift::Revision(Values {
            running: runs.to_owned(),
            planned: pinned,
        })),
        // A pinned revision is not compared with the configured definition.
        (Some(_), Some(_)) => {}
        (Some(revision), None) => {
            let wanted = spec.definition_for(Some(&revision.definition));
            deployed.drift.extend(mismatches(revision, &wanted));
        }
        (None, _) => deployed.drift.push(Drift::NoTaskDefinition),
    }
    if found.service.tags.contains_key(UNFINISHED_TAG) {
        deployed.drift.push(Drift::CreationStarted);
    }
    match deployed.status.as_str() {
        "FAILED" => deployed.drift.push(Drift::DeploymentFailed),
        // If the image is managed outside of this provider, deployments by other processes are not drift.
        "IN_PROGRESS" if bundle.wait && !spec.keeps_image => {
            deployed.drift.push(Drift::DeploymentInProgress);
        }
        _ => {}
    }
    deployed
}
