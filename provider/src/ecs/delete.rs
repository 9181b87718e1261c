//! Deleting services: none left running, none left draining, no revision of ours left registered.
//!
//! The order makes a deletion that ends anywhere converge when it is repeated. A service is first marked, then scaled to
//! zero; then the revisions are deregistered; then the service is deleted. As long as revisions may be left, the services
//! that the state knows still exist. A revision may be deregistered while a service runs it. Source:
//! DeregisterTaskDefinition, API reference.

use std::collections::{BTreeMap, BTreeSet};

use super::api::{Answer, EcsApi, Service, ServiceStatus, Tags, UpdateService};
use super::attempt::Made;
use super::bundle::{BUNDLE_TAG, DELETING_TAG, family_of, owned, owns};
use super::clock::Clock;
use super::error::BundleError;
use super::notice::Notice;
use super::ownership::mark_of;
use super::recorded::Recorded;
use super::retire::{Search, is_active, not_deregistered, revisions_in_use};
use super::rollout::Deployer;
use crate::aws::AwsError;

/// What is deleted.
#[derive(Clone, Debug)]
pub struct Deletion<'d> {
    /// Cluster, by name or ARN.
    pub cluster: &'d str,
    /// Name of the bundle.
    pub bundle: &'d str,
    /// Names of the services.
    pub names: BTreeSet<String>,
    /// Names of the services of the bundle that stay; what they run stays registered.
    pub staying: BTreeSet<String>,
    /// How many revisions of each task definition an apply keeps; 0 if it keeps all.
    pub keep_revisions: u32,
}

impl<A: EcsApi, C: Clock> Deployer<'_, A, C> {
    /// Deregisters our task definitions, deletes the services, and waits until they are gone. Answers what the user should
    /// know although nothing failed.
    ///
    /// What is gone already is no error, so that a repeated attempt ends well. A service of another bundle is left alone.
    ///
    /// # Errors
    /// [`BundleError::Aws`] if AWS refuses, [`BundleError::Impatient`] if waiting ends first.
    pub async fn delete(&self, deletion: &Deletion<'_>) -> Result<Vec<Notice>, BundleError> {
        let names: Vec<String> = deletion.names.iter().cloned().collect();
        let present = self.services_of(deletion.cluster, &names).await?;
        let (foreign, present): (Vec<Service>, Vec<Service>) = present
            .into_iter()
            .partition(|service| owned(service) && !owns(deletion.bundle, service));
        let mut notices: Vec<Notice> = foreign.iter().map(left_alone).collect();
        let active = || present.iter().filter(|service| is_active(service));
        for service in active() {
            notices.extend(self.stop(deletion.cluster, service).await?);
        }
        notices.extend(self.deregister_all(deletion, &present).await?);
        for service in active() {
            self.remove(deletion.cluster, &service.name).await?;
        }
        let going: Vec<String> = present.into_iter().map(|service| service.name).collect();
        self.await_gone(deletion.cluster, &going).await?;
        Ok(notices)
    }

    /// Marks a service and scales it to zero. Answers what the user should know where the service refuses the mark.
    ///
    /// Services whose ARN has the old short format have no tags, and TagResource refuses them. Sources: Developer Guide,
    /// "Access Amazon ECS features with account settings"; TagResource, API reference.
    async fn stop(&self, cluster: &str, service: &Service) -> Result<Option<Notice>, BundleError> {
        let mut notice = None;
        if !service.tags.contains_key(DELETING_TAG) {
            let doing = format!("delete the service {}", service.name);
            let count = service.settings.desired_count.unwrap_or_default();
            let mark = Tags::from([(DELETING_TAG.to_owned(), count.to_string())]);
            let mark = || async { tolerate_gone(self.api.retag(&service.arn, &mark, &[]).await) };
            match self.repeat(&doing, mark).await {
                Ok(()) => {}
                Err(BundleError::Aws { source, .. }) if !source.is_transient() => {
                    notice = Some(Notice::DeletionNotMarked {
                        service: service.name.clone(),
                        error: source,
                    });
                }
                Err(error) => return Err(error),
            }
        }
        self.scale_to_zero(cluster, &service.name).await?;
        Ok(notice)
    }

    async fn scale_to_zero(&self, cluster: &str, name: &str) -> Result<(), BundleError> {
        let to_zero = UpdateService {
            cluster: cluster.to_owned(),
            name: name.to_owned(),
            desired_count: Some(0),
            ..UpdateService::default()
        };
        let scale = || async { tolerate_gone(self.api.update_service(&to_zero).await.map(drop)) };
        self.repeat(&format!("delete the service {name}"), scale)
            .await
    }

    async fn remove(&self, cluster: &str, name: &str) -> Result<(), BundleError> {
        let remove = || async { tolerate_gone(self.api.delete_service(cluster, name).await) };
        self.repeat(&format!("delete the service {name}"), remove)
            .await
    }

    /// Deregisters all our revisions. What cannot be deregistered is answered as a notice, unless the attempt ends here:
    /// then the services stay, so that the next one finds them and goes on.
    async fn deregister_all(
        &self,
        deletion: &Deletion<'_>,
        present: &[Service],
    ) -> Result<Vec<Notice>, BundleError> {
        let brief = self.brief();
        let mut families: BTreeMap<String, Recorded> = BTreeMap::new();
        for service in present {
            let recorded = Recorded::of(&service.tags);
            let listed = recorded.families().map(str::to_owned);
            let run = [family_of(&service.task_definition).to_owned()];
            let all: Vec<String> = listed.chain(run).collect();
            families.extend(all.into_iter().map(|family| (family, recorded.clone())));
        }
        for name in &deletion.names {
            families.entry(name.clone()).or_default();
        }
        let mut notices = Vec::new();
        for (family, recorded) in &families {
            let search = Search {
                bundle: deletion.bundle,
                cluster: deletion.cluster,
                family,
                recorded,
                keep: usize::try_from(deletion.keep_revisions).unwrap_or(usize::MAX),
            };
            let Err(error) = brief.deregister_found(&search, &deletion.staying).await else {
                continue;
            };
            if let Err(why) = self.patience.left(self.clock) {
                let awaited = format!("the deregistration of revisions of {family}").into();
                return Err(BundleError::Impatient { awaited, why });
            }
            notices.push(not_deregistered(family, error));
        }
        Ok(notices)
    }

    /// Deregisters what a search finds, but for what these services run.
    async fn deregister_found(
        &self,
        search: &Search<'_>,
        staying: &BTreeSet<String>,
    ) -> Result<(), BundleError> {
        let ours = self.ours(search).await?;
        if ours.is_empty() {
            return Ok(());
        }
        let staying: Vec<String> = staying.iter().cloned().collect();
        let in_use = revisions_in_use(&self.services_of(search.cluster, &staying).await?);
        for arn in ours.values().filter(|arn| !in_use.contains(*arn)) {
            self.deregister(arn).await?;
        }
        Ok(())
    }

    /// Undoes what an attempt made, without waiting for the end: the next attempt waits if it must. Answers what
    /// could not be undone.
    pub async fn undo(&self, cluster: &str, made: &Made) -> Vec<Notice> {
        let (mut left, mut stopped) = (Vec::new(), BTreeSet::new());
        let described = match self.services_of(cluster, &made.services).await {
            Ok(described) => described,
            Err(_) if made.services.is_empty() => Vec::new(),
            // Without the marks it is not known whose the services are now.
            Err(error) => {
                let names = made.services.iter();
                return names.map(|name| not_deleted(name, error.clone())).collect();
            }
        };
        for name in &made.services {
            let outcome = match described.iter().find(|service| service.name == *name) {
                // Another attempt has claimed it meanwhile, or it is not unfinished any more.
                Some(service) if mark_of(service) != Some(&made.mark) => continue,
                // The mark is of no use where the deletion succeeds, and its refusal does not say more than that one.
                Some(service) if is_active(service) => self.stop(cluster, service).await.map(drop),
                Some(_) => Ok(()),
                // It was made a moment ago and need not be visible yet.
                None => self.scale_to_zero(cluster, name).await,
            };
            match outcome {
                Ok(()) => drop(stopped.insert(name.clone())),
                Err(error) => left.push(not_deleted(name, error)),
            }
        }
        for arn in &made.revisions {
            let unused = self.deregister_unused(cluster, made, &stopped, arn);
            if let Err(error) = unused.await {
                left.push(Notice::RevisionLeft {
                    arn: arn.clone(),
                    error,
                });
            }
        }
        for name in &stopped {
            let removed = self.remove(cluster, name).await;
            left.extend(removed.err().map(|error| not_deleted(name, error)));
        }
        left
    }

    /// Deregisters a revision, unless a service runs it that stays.
    async fn deregister_unused(
        &self,
        cluster: &str,
        made: &Made,
        stopped: &BTreeSet<String>,
        arn: &str,
    ) -> Result<(), BundleError> {
        let mut services: BTreeSet<String> = made.taken_over.iter().cloned().collect();
        services.extend(made.services.iter().cloned());
        services.insert(family_of(arn).to_owned());
        let stay: Vec<String> = services.difference(stopped).cloned().collect();
        let services = self.services_of(cluster, &stay).await?;
        if revisions_in_use(&services).contains(arn) {
            return Ok(());
        }
        self.deregister(arn).await
    }

    /// Waits until none of the services is active or draining.
    pub(super) async fn await_gone(
        &self,
        cluster: &str,
        names: &[String],
    ) -> Result<(), BundleError> {
        let mut pauses = self.schedule.pauses();
        loop {
            let services = self.services_of(cluster, names).await?;
            if services
                .iter()
                .all(|service| service.status == ServiceStatus::Inactive)
            {
                return Ok(());
            }
            if let Err(why) = self.patience.pause(self.clock, pauses.take()).await {
                let awaited = format!("the deletion of {}", names.join(", ")).into();
                return Err(BundleError::Impatient { awaited, why });
            }
        }
    }
}

fn left_alone(service: &Service) -> Notice {
    Notice::LeftAlone {
        service: service.name.clone(),
        owner: service.tags.get(BUNDLE_TAG).cloned().unwrap_or_default(),
    }
}

fn not_deleted(service: &str, error: BundleError) -> Notice {
    Notice::NotDeleted {
        service: service.to_owned(),
        error,
    }
}

fn tolerate_gone(answer: Answer<()>) -> Answer<()> {
    match answer {
        Err(error) if is_gone(&error) => Ok(()),
        other => other,
    }
}

/// Whether a refusal says that the service does not exist, or is being deleted.
fn is_gone(error: &AwsError) -> bool {
    // TagResource names a missing service by the last one.
    error.is("ServiceNotFoundException")
        || error.is("ServiceNotActiveException")
        || error.is("ResourceNotFoundException")
}
