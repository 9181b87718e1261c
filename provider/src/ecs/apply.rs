//! Applies a bundle. Create and update are the same operation. Every step first reads the current state, so a repeated
//! attempt resumes where the previous attempt ended and does not create duplicates.

use std::collections::{BTreeMap, BTreeSet};

use super::api::{EcsApi, Service, ServiceStatus};
use super::attempt::{Applied, Attempt, Made};
use super::bundle::{Bundle, Deployed};
use super::clock::Clock;
use super::delete::Deletion;
use super::drift::Drift;
use super::error::{BundleError, Migration};
use super::ownership::Ownership;
use super::retire::is_active;
use super::rollout::Deployer;
use crate::aws::arn::Arn;

/// Rejects services in the state that have a short ARN (`service/NAME`, without the cluster), because ECS cannot tag
/// them. Services that are not in the state either have tags or are rejected when they are claimed. Source: "Migrate an
/// Amazon ECS short service ARN to a long ARN", Amazon ECS Developer Guide.
fn check_taggable(attempt: &Attempt<'_>) -> Result<(), BundleError> {
    let present = attempt.present.values().filter(|it| is_active(it));
    for service in present.filter(|it| attempt.ownership.is_in_state(&it.name)) {
        let arn = Arn::parse(&service.arn);
        let Some(short_arn) = arn.filter(|arn| arn.resource.split('/').count() == 2) else {
            continue;
        };
        let cluster = Arn::name_in(&service.cluster_arn);
        let migration = Box::new(Migration {
            arn: Arn {
                resource: format!("service/{cluster}/{}", service.name),
                ..short_arn
            },
            bundle: attempt.bundle.name.clone(),
        });
        return Err(BundleError::Untaggable {
            service: service.name.clone(),
            arn: service.arn.clone(),
            migration,
        });
    }
    Ok(())
}

impl<A: EcsApi, C: Clock> Deployer<'_, A, C> {
    /// Applies a bundle. `in_state` contains the names of the services in the state. Services that the bundle no longer
    /// contains are deleted after the other services are deployed.
    pub async fn apply(&self, bundle: &Bundle, in_state: &BTreeSet<String>) -> Applied {
        let mark = match self.api.client_token() {
            Ok(mark) => mark,
            Err(error) => {
                return Applied::nothing(BundleError::aws("generate an ID for the attempt")(error));
            }
        };
        let mut attempt = Attempt {
            bundle,
            ownership: Ownership::new(in_state, mark.clone()),
            present: BTreeMap::new(),
            touched: false,
            progress: BTreeMap::new(),
            made: Made {
                mark,
                ..Made::default()
            },
            notices: Vec::new(),
        };
        let result = self.run(&mut attempt).await;
        let services = self.inventory(&attempt, &result).await;
        let not_removed = match result {
            Ok(()) => BTreeSet::new(),
            Err(_) => {
                self.still_existing(&bundle.cluster, attempt.removed())
                    .await
            }
        };
        Applied {
            services,
            not_removed,
            tagged: attempt.is_noted_for_all(|progress| progress.tagged),
            forced: attempt.is_noted_for_all(|progress| progress.deployed),
            untouched: !attempt.touched,
            made: attempt.made,
            notices: attempt.notices,
            result,
        }
    }

    async fn run(&self, attempt: &mut Attempt<'_>) -> Result<(), BundleError> {
        let bundle = attempt.bundle;
        attempt.notices.extend(self.verify(bundle).await?);
        attempt.present = self.present(bundle).await?;
        check_taggable(attempt)?;
        self.claim(attempt).await?;
        self.create_log_groups(bundle).await?;
        attempt.touched = true;
        for (key, spec) in &bundle.services {
            self.prepare(attempt, key, spec).await?;
        }
        for key in bundle.rollout_order() {
            self.deploy_service(attempt, key, &bundle.services[key])
                .await?;
        }
        let removed = attempt.removed();
        if !removed.is_empty() {
            let deletion = Deletion {
                cluster: &bundle.cluster,
                bundle: &bundle.name,
                names: removed,
                staying: bundle.service_names(bundle.services.keys()),
                keep_revisions: bundle.keep_revisions,
            };
            attempt.notices.extend(self.delete(&deletion).await?);
        }
        attempt.notices.extend(self.retire(bundle).await);
        self.finish(attempt).await
    }

    async fn create_log_groups(&self, bundle: &Bundle) -> Result<(), BundleError> {
        for group in &bundle.log_groups {
            let doing = format!("create the log group {}", group.name);
            let create = || self.api.create_log_group(group, &bundle.tags);
            self.repeat(&doing, create).await?;
        }
        Ok(())
    }

    pub(super) async fn present(
        &self,
        bundle: &Bundle,
    ) -> Result<BTreeMap<String, Service>, BundleError> {
        let names: Vec<String> = bundle
            .services
            .keys()
            .map(|key| bundle.service_name(key))
            .collect();
        let services = self.services_of(&bundle.cluster, &names).await?;
        let existing = services
            .into_iter()
            .filter(|service| service.status != ServiceStatus::Inactive);
        let mut by_name: BTreeMap<String, Service> = existing
            .map(|service| (service.name.clone(), service))
            .collect();
        let by_key = bundle.services.keys().filter_map(|key| {
            let service = by_name.remove(&bundle.service_name(key))?;
            Some((key.clone(), service))
        });
        Ok(by_key.collect())
    }

    /// Returns the services that still exist, or all services if they cannot be described.
    async fn still_existing(&self, cluster: &str, names: BTreeSet<String>) -> BTreeSet<String> {
        let asked: Vec<String> = names.iter().cloned().collect();
        if asked.is_empty() {
            return names;
        }
        let Ok(services) = self.services_of(cluster, &asked).await else {
            return names;
        };
        let existing = services
            .into_iter()
            .filter(|service| service.status != ServiceStatus::Inactive);
        existing.map(|service| service.name).collect()
    }

    /// Returns the services that exist after an attempt, regardless of its result. This function must not fail.
    /// Services that cannot be described keep their previous values.
    async fn inventory(
        &self,
        attempt: &Attempt<'_>,
        result: &Result<(), BundleError>,
    ) -> BTreeMap<String, Deployed> {
        let bundle = attempt.bundle;
        let read = self.read(bundle).await;
        let read = read.map(|reading| reading.services);
        let mut services = read.unwrap_or_else(|_| {
            let known = attempt
                .present
                .iter()
                .map(|(key, service)| (key.clone(), Deployed::unread(service)));
            known.collect()
        });
        if result.is_ok() {
            // The state must contain the ARN of every service.
            for (key, service) in attempt.present.iter().filter(|(_, it)| is_active(it)) {
                services.entry(key.clone()).or_insert_with(|| {
                    let mut deployed = Deployed::unread(service);
                    deployed.drift.push(Drift::NotDescribed);
                    deployed
                });
            }
        }
        // This state must not contain services of another state. Otherwise, the provider would change and delete them.
        services.retain(|key, deployed| attempt.holds(key, deployed, result));
        for (key, deployed) in &mut services {
            // A deployment by another process must not be stored as ours, because the next attempt would replace it.
            let progress = attempt.progress.get(key);
            let started = progress.is_some_and(|progress| progress.started);
            let ours = |arn: &String| started || bundle.own_deployments.contains(arn);
            deployed.service_deployment_arn = deployed.service_deployment_arn.take().filter(ours);
            if let Some(rolled) = progress.and_then(|progress| progress.rolled.as_ref()) {
                deployed.settle("SUCCESSFUL", rolled.reason.clone());
                deployed.service_deployment_arn = rolled.service_deployment_arn.clone();
            }
            if let Err(BundleError::Rollout(failure)) = result
                && failure.service == bundle.service_name(key)
            {
                deployed.settle(&failure.status, failure.reason.clone());
                deployed.drift.push(Drift::DeploymentFailed);
            }
        }
        services
    }
}
