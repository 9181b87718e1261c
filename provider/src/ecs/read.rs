//! What runs, compared with what should run.

use std::collections::{BTreeMap, BTreeSet};

use super::api::{EcsApi, Revision, Rollout, Service, ServiceStatus};
use super::bundle::{Bundle, Deployed, ServiceSpec, misfits, owns};
use super::clock::Clock;
use super::error::BundleError;
use super::rollout::Deployer;

/// The drift of a service whose rollout is not over.
const GOING_ON: &str = "a deployment is going on";

/// A service and the task definition it runs.
#[derive(Clone, Debug)]
pub struct Found {
    /// The service.
    pub service: Service,
    /// The revision, if it can still be described.
    pub revision: Option<Revision>,
}

impl Deployed {
    /// What is known of a service without looking at its task definition.
    pub(super) fn unread(service: &Service) -> Self {
        let primary = service.primary();
        let status = match primary.and_then(|primary| primary.rollout) {
            Some(Rollout::InProgress) => "IN_PROGRESS",
            Some(Rollout::Failed) => "FAILED",
            Some(Rollout::Completed) | None => "SUCCESSFUL",
        };
        Self {
            service_arn: service.arn.clone(),
            task_definition_arn: service.task_definition.clone(),
            service_deployment_arn: service.current_deployment.clone(),
            status: status.to_owned(),
            status_reason: primary.and_then(|primary| primary.reason.clone()),
            drift: Vec::new(),
        }
    }

    /// Takes over the verdict of a rollout that was waited for.
    pub(super) fn settle(&mut self, status: &str, reason: Option<String>) {
        self.status = status.to_owned();
        self.status_reason = reason;
        self.drift.retain(|drift| drift != GOING_ON);
    }
}

impl<A: EcsApi, C: Clock> Deployer<'_, A, C> {
    /// What is there of a bundle, by key. A service that is missing or inactive is left out.
    ///
    /// # Errors
    /// [`BundleError::Draining`] if a service is being deleted, [`BundleError::Aws`] if AWS does not answer.
    pub async fn read(&self, bundle: &Bundle) -> Result<BTreeMap<String, Deployed>, BundleError> {
        let keys = bundle.services.keys().cloned().collect();
        let found = self.find(&bundle.cluster, &bundle.name, &keys).await?;
        let deployed = found.into_iter().map(|(key, found)| {
            let deployed = compare(bundle, &bundle.services[&key], &found);
            (key, deployed)
        });
        Ok(deployed.collect())
    }

    /// Finds the services of these keys and what they run.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub async fn find(
        &self,
        cluster: &str,
        bundle: &str,
        keys: &BTreeSet<String>,
    ) -> Result<BTreeMap<String, Found>, BundleError> {
        let names: BTreeMap<String, &String> = keys
            .iter()
            .map(|key| (super::bundle::service_name(bundle, key), key))
            .collect();
        let asked: Vec<String> = names.keys().cloned().collect();
        let services = match self.api.services(cluster, &asked).await {
            // Without the cluster there are no services.
            Err(error) if error.is("ClusterNotFoundException") => Vec::new(),
            other => other.map_err(BundleError::aws("describe the services"))?,
        };
        let mut all = BTreeMap::new();
        for service in services {
            match service.status {
                ServiceStatus::Inactive => continue,
                ServiceStatus::Draining => return Err(self.draining(&service)),
                ServiceStatus::Active => {}
            }
            let Some(key) = names.get(&service.name) else {
                continue;
            };
            let revision = self.api.revision(&service.task_definition).await;
            let doing = || format!("describe the task definition {}", service.task_definition);
            let revision = revision.map_err(|error| BundleError::aws(doing())(error))?;
            all.insert((*key).clone(), Found { service, revision });
        }
        Ok(all)
    }

    /// The keys of a bundle's services in a cluster: those with our tag, or else those whose names begin like it.
    ///
    /// # Errors
    /// [`BundleError::Aws`] if AWS does not answer, also when there is no such cluster.
    pub async fn discover(
        &self,
        cluster: &str,
        bundle: &str,
    ) -> Result<BTreeSet<String>, BundleError> {
        let arns = self.api.service_arns(cluster).await;
        let arns = arns.map_err(BundleError::aws(format!("list the services of {cluster}")))?;
        let prefix = super::bundle::service_name(bundle, "");
        let named: Vec<String> = arns
            .iter()
            .map(|arn| super::bundle::short(arn).to_owned())
            .filter(|name| name.starts_with(&prefix))
            .collect();
        let services = self.api.services(cluster, &named).await;
        let services = services.map_err(BundleError::aws("describe the services"))?;
        let (ours, others): (Vec<Service>, Vec<Service>) = services
            .into_iter()
            .partition(|service| owns(bundle, service));
        let chosen = if ours.is_empty() { others } else { ours };
        let keys = chosen
            .iter()
            .filter_map(|service| service.name.strip_prefix(&prefix));
        Ok(keys.map(str::to_owned).collect())
    }

    fn draining(&self, service: &Service) -> BundleError {
        let since = service
            .events
            .iter()
            .map(|event| event.at)
            .max()
            .or(service.created_at);
        let minutes = since.map_or(0, |since| self.clock.now().duration_since(since).as_mins());
        BundleError::Draining {
            service: service.name.clone(),
            minutes,
        }
    }
}

fn compare(bundle: &Bundle, spec: &ServiceSpec, found: &Found) -> Deployed {
    let mut deployed = Deployed::unread(&found.service);
    deployed.drift = spec
        .settings
        .changes_from(&found.service.settings)
        .described;
    match &found.revision {
        Some(revision) => deployed.drift.extend(misfits(revision, &spec.definition)),
        None => deployed
            .drift
            .push("the task definition is not there any more".to_owned()),
    }
    match deployed.status.as_str() {
        "FAILED" => deployed.drift.push("the last deployment failed".to_owned()),
        "IN_PROGRESS" if bundle.wait => deployed.drift.push(GOING_ON.to_owned()),
        _ => {}
    }
    deployed
}
