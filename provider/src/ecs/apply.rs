//! Making what should run out of what runs. Create and update are the same here: every step first looks at what is
//! there, so that a repeated attempt goes on where the last one ended and makes nothing twice.

use std::collections::{BTreeMap, BTreeSet};

use super::api::{EcsApi, Service, ServiceStatus};
use super::bundle::{Bundle, Deployed};
use super::clock::Clock;
use super::definition::TaskDefinition;
use super::delete::Deletion;
use super::error::{BundleError, Migration};
use super::notice::Notice;
use super::ownership::Ownership;
use super::retire::is_active;
use super::rollout::{Deployer, Rolled};
use crate::aws::arn::Arn;

/// How an attempt to apply a bundle ended, and what it left.
#[derive(Debug)]
pub struct Applied {
    /// What is there now, by key.
    pub services: BTreeMap<String, Deployed>,
    /// What this attempt made.
    pub made: Made,
    /// What the user should know although nothing failed.
    pub notices: Vec<Notice>,
    /// Names of services that the state knows and the bundle has no more, and that still exist.
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

impl Applied {
    /// An attempt that could not begin.
    fn nothing(error: BundleError) -> Self {
        Self {
            services: BTreeMap::new(),
            made: Made::default(),
            notices: Vec::new(),
            not_removed: BTreeSet::new(),
            tagged: false,
            forced: false,
            untouched: true,
            result: Err(error),
        }
    }
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
    /// Value of the tag of the services that this attempt created. A service with another value was taken over since.
    pub mark: String,
}

/// The state of an attempt.
pub(super) struct Attempt<'b> {
    pub(super) bundle: &'b Bundle,
    pub(super) ownership: Ownership<'b>,
    pub(super) present: BTreeMap<String, Service>,
    /// Whether anything may have been made or changed.
    touched: bool,
    /// What the services shall run, by key.
    pub(super) prepared: BTreeMap<String, Prepared>,
    /// Keys of services of which a deployment was asked for, whether or not the answer came.
    pub(super) started: BTreeSet<String>,
    /// Keys of services that were deployed anew, as far as that was waited for.
    pub(super) deployed: BTreeSet<String>,
    /// Statuses of rollouts that were waited for, by key.
    pub(super) rolled: BTreeMap<String, Rolled>,
    /// Keys of services that have the tags of the bundle.
    pub(super) tagged: BTreeSet<String>,
    pub(super) made: Made,
    pub(super) notices: Vec<Notice>,
}

/// A revision that a service shall run.
#[derive(Clone)]
pub(super) struct Prepared {
    /// What it says, or would say if it were not pinned.
    pub(super) definition: TaskDefinition,
    /// Its ARN.
    pub(super) arn: String,
    /// Whether this bundle registered it.
    pub(super) ours: bool,
}

impl Attempt<'_> {
    /// Names of services that the state knows and the bundle has no more. The name is the identity of a service: its key
    /// may change.
    fn removed(&self) -> BTreeSet<String> {
        let wanted = self.bundle.service_names(self.bundle.services.keys());
        self.ownership.in_state() - &wanted
    }

    /// Returns whether the service of a key is ours at the end of the attempt.
    fn holds(&self, key: &str, deployed: &Deployed, result: &Result<(), BundleError>) -> bool {
        let name = self.bundle.service_name(key);
        let lost = matches!(result, Err(BundleError::Exists { service, .. }) if *service == name);
        let in_state = self.ownership.is_in_state(&name);
        in_state || !lost && self.ownership.holds(&name, &deployed.tags)
    }

    /// Returns whether the state knows the service of a key.
    pub(super) fn is_in_state(&self, key: &str) -> bool {
        self.ownership.is_in_state(&self.bundle.service_name(key))
    }
}

/// Refuses a service of the state whose ARN is of the short format, `service/NAME` without the cluster: tags cannot be
/// written to it. Others have tags, or are refused when they are claimed. Source: "Migrate an Amazon ECS short service ARN to a
/// long ARN", Amazon ECS Developer Guide.
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
    /// Makes a bundle run. `in_state` are the names of the services that the state knows; those that the bundle has
    /// no more are deleted after the others run.
    pub async fn apply(&self, bundle: &Bundle, in_state: &BTreeSet<String>) -> Applied {
        let mark = match self.api.client_token() {
            Ok(mark) => mark,
            Err(error) => return Applied::nothing(BundleError::aws("name the attempt")(error)),
        };
        let mut attempt = Attempt {
            bundle,
            ownership: Ownership::new(in_state, mark.clone()),
            present: BTreeMap::new(),
            touched: false,
            started: BTreeSet::new(),
            deployed: BTreeSet::new(),
            prepared: BTreeMap::new(),
            rolled: BTreeMap::new(),
            tagged: BTreeSet::new(),
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
            Err(_) => self.still_there(&bundle.cluster, attempt.removed()).await,
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
        check_taggable(attempt)?;
        self.claim(attempt).await?;
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

    /// Those of these services that are not gone; all if that cannot be found out.
    async fn still_there(&self, cluster: &str, names: BTreeSet<String>) -> BTreeSet<String> {
        let asked: Vec<String> = names.iter().cloned().collect();
        if asked.is_empty() {
            return names;
        }
        let Ok(services) = self.services_of(cluster, &asked).await else {
            return names;
        };
        let there = services
            .into_iter()
            .filter(|service| service.status != ServiceStatus::Inactive);
        there.map(|service| service.name).collect()
    }

    /// What is there after an attempt, good or bad. It must not fail: what cannot be described is as it was.
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
            // Without its ARN the state would not hold it.
            for (key, service) in attempt.present.iter().filter(|(_, it)| is_active(it)) {
                services.entry(key.clone()).or_insert_with(|| {
                    let mut deployed = Deployed::unread(service);
                    let drift = "the service has not been described since the last apply";
                    deployed.drift.push(drift.to_owned());
                    deployed
                });
            }
        }
        // What another state holds would be changed and deleted by this one if it were stored.
        services.retain(|key, deployed| attempt.holds(key, deployed, result));
        for (key, deployed) in &mut services {
            // That of another process would pass for ours in the next attempt, which would replace it.
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
