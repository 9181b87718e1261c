//! Making what should run out of what runs. Create and update are the same here: every step first looks at what is
//! there, so that a repeated attempt goes on where the last one ended and makes nothing twice.

use std::collections::{BTreeMap, BTreeSet};

use super::api::{EcsApi, Service, ServiceStatus};
use super::bundle::{Bundle, Deployed, owns};
use super::clock::Clock;
use super::error::BundleError;
use super::rollout::{Deployer, Rolled};

/// How an attempt to apply a bundle ended, and what it left.
#[derive(Debug)]
pub struct Applied {
    /// What is there now, by key.
    pub services: BTreeMap<String, Deployed>,
    /// What this attempt made.
    pub made: Made,
    /// What the user should know although nothing failed.
    pub notices: Vec<String>,
    /// Keys that the state knows and the bundle has no more, whose services are still there.
    pub not_removed: BTreeSet<String>,
    /// Whether every service has the tags of the bundle.
    pub tagged: bool,
    /// Whether every service was deployed anew, where that was asked for.
    pub forced: bool,
    /// Whether nothing was made or changed.
    pub untouched: bool,
    /// Why it did not end well.
    pub result: Result<(), BundleError>,
}

/// What an attempt made, in case it must be undone.
#[derive(Debug, Default)]
pub struct Made {
    /// Names of services.
    pub services: Vec<String>,
    /// ARNs of task definitions.
    pub revisions: Vec<String>,
    /// Names of services that the state does not know, made by an earlier attempt and taken over by this one.
    pub taken_over: Vec<String>,
}

/// The state of an attempt.
pub(super) struct Attempt<'b> {
    pub(super) bundle: &'b Bundle,
    /// Keys of services that the state knows: ours even without a tag, because they were imported.
    pub(super) adopted: &'b BTreeSet<String>,
    pub(super) present: BTreeMap<String, Service>,
    /// Whether anything may have been made or changed.
    touched: bool,
    pub(super) revisions: BTreeMap<String, String>,
    /// Keys of services of which a deployment was asked for, whether or not the answer came.
    pub(super) started: BTreeSet<String>,
    /// Keys of services that were deployed anew, as far as that was waited for.
    pub(super) deployed: BTreeSet<String>,
    /// Statuses of rollouts that were waited for, by key.
    pub(super) rolled: BTreeMap<String, Rolled>,
    /// Keys of services that have the tags of the bundle.
    pub(super) tagged: BTreeSet<String>,
    pub(super) made: Made,
    pub(super) notices: Vec<String>,
}

impl Attempt<'_> {
    /// Keys that the state knows and the bundle has no more.
    fn removed(&self) -> BTreeSet<String> {
        let wanted = &self.bundle.services;
        let removed = self.adopted.iter().filter(|key| !wanted.contains_key(*key));
        removed.cloned().collect()
    }
}

impl<A: EcsApi, C: Clock> Deployer<'_, A, C> {
    /// Makes a bundle run. `in_state` are the keys of the services that the state knows; those that the bundle has
    /// no more are deleted after the others run.
    pub async fn apply(&self, bundle: &Bundle, in_state: &BTreeSet<String>) -> Applied {
        let mut attempt = Attempt {
            bundle,
            adopted: in_state,
            present: BTreeMap::new(),
            touched: false,
            started: BTreeSet::new(),
            deployed: BTreeSet::new(),
            revisions: BTreeMap::new(),
            rolled: BTreeMap::new(),
            tagged: BTreeSet::new(),
            made: Made::default(),
            notices: Vec::new(),
        };
        let result = self.run(&mut attempt).await;
        let services = self.inventory(&attempt, &result).await;
        let not_removed = match result {
            Ok(()) => BTreeSet::new(),
            Err(_) => self.still_there(bundle, attempt.removed()).await,
        };
        Applied {
            services,
            not_removed,
            tagged: attempt.tagged.len() == bundle.services.len(),
            forced: attempt.deployed.len() == bundle.services.len(),
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
        for (key, service) in &attempt.present {
            check_ownership(bundle, key, service, attempt.adopted)?;
        }
        let unknown = attempt.present.iter().filter(|(key, service)| {
            service.status == ServiceStatus::Active && !attempt.adopted.contains(*key)
        });
        attempt.made.taken_over = unknown.map(|(_, service)| service.name.clone()).collect();
        self.create_log_groups(bundle).await?;
        attempt.touched = true;
        for (key, spec) in &bundle.services {
            self.prepare(attempt, key, spec).await?;
        }
        for key in bundle.rollout_order() {
            self.bring_up(attempt, key, &bundle.services[key]).await?;
        }
        let removed = attempt.removed();
        if !removed.is_empty() {
            let names = bundle.service_names(&removed);
            self.delete(&bundle.cluster, &bundle.name, &names).await?;
        }
        let retired = self.retire(bundle, &attempt.revisions).await;
        attempt.notices.extend(retired);
        Ok(())
    }

    async fn create_log_groups(&self, bundle: &Bundle) -> Result<(), BundleError> {
        for group in &bundle.log_groups {
            let created = self.api.create_log_group(group, &bundle.tags).await;
            let doing = format!("create the log group {}", group.name);
            created.map_err(BundleError::aws(doing))?;
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
        let services = self.api.services(&bundle.cluster, &names).await;
        let services = services.map_err(BundleError::aws("describe the services"))?;
        let there = services
            .into_iter()
            .filter(|service| service.status != ServiceStatus::Inactive);
        let mut by_name: BTreeMap<String, Service> = there
            .map(|service| (service.name.clone(), service))
            .collect();
        let by_key = bundle.services.keys().filter_map(|key| {
            let service = by_name.remove(&bundle.service_name(key))?;
            Some((key.clone(), service))
        });
        Ok(by_key.collect())
    }

    /// Those of these keys whose services are not gone; all if that cannot be found out.
    async fn still_there(&self, bundle: &Bundle, keys: BTreeSet<String>) -> BTreeSet<String> {
        let names: Vec<String> = keys.iter().map(|key| bundle.service_name(key)).collect();
        if names.is_empty() {
            return keys;
        }
        let Ok(services) = self.api.services(&bundle.cluster, &names).await else {
            return keys;
        };
        let there = services
            .into_iter()
            .filter(|service| service.status != ServiceStatus::Inactive);
        let there: BTreeSet<String> = there.map(|service| service.name).collect();
        let remain = |key: &String| there.contains(&bundle.service_name(key));
        keys.into_iter().filter(remain).collect()
    }

    /// What is there after an attempt, good or bad. It must not fail: what cannot be described is as it was.
    async fn inventory(
        &self,
        attempt: &Attempt<'_>,
        result: &Result<(), BundleError>,
    ) -> BTreeMap<String, Deployed> {
        let bundle = attempt.bundle;
        let read = self.read(bundle).await;
        let mut services = read.unwrap_or_else(|_| {
            let known = attempt
                .present
                .iter()
                .map(|(key, service)| (key.clone(), Deployed::unread(service)));
            known.collect()
        });
        for (key, deployed) in &mut services {
            // Somebody else's would pass for ours in the next attempt, which would take its place.
            let ours = |arn: &String| {
                attempt.started.contains(key) || bundle.own_deployments.contains(arn)
            };
            deployed.service_deployment_arn = deployed.service_deployment_arn.take().filter(ours);
            if let Some(rolled) = attempt.rolled.get(key) {
                deployed.settle("SUCCESSFUL", rolled.reason.clone());
                deployed.service_deployment_arn = rolled.service_deployment_arn.clone();
            }
            if let Err(BundleError::Rollout(failure)) = result
                && failure.service == bundle.service_name(key)
            {
                deployed.settle(&failure.status, failure.reason.clone());
                deployed.drift.push("the last deployment failed".to_owned());
            }
        }
        services
    }
}

pub(super) fn check_ownership(
    bundle: &Bundle,
    key: &str,
    service: &Service,
    adopted: &BTreeSet<String>,
) -> Result<(), BundleError> {
    if adopted.contains(key)
        || owns(&bundle.name, service)
        || service.status == ServiceStatus::Draining
    {
        return Ok(());
    }
    Err(BundleError::Exists {
        key: key.to_owned(),
        service: service.name.clone(),
        import_id: bundle.import_id(),
    })
}
