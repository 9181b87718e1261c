//! Deletes services. Afterward, none of the services is running or draining, and no revision of the bundle is
//! registered.
//!
//! The order of the steps ensures that a repeated deletion converges after an interruption at any point. Each service
//! is first marked and then scaled to zero. Then the revisions are deregistered. Finally, the services are deleted.
//! While any revision remains registered, the services in the state still exist. ECS allows deregistering a revision
//! while a service runs it. Source: DeregisterTaskDefinition, API reference.

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

/// Objects to delete.
#[derive(Clone, Debug)]
pub struct Deletion<'d> {
    /// Cluster, by name or ARN.
    pub cluster: &'d str,
    /// Name of the bundle.
    pub bundle: &'d str,
    /// Names of the services.
    pub names: BTreeSet<String>,
    /// Names of the bundle services that are kept. The revisions that they run stay registered.
    pub staying: BTreeSet<String>,
    /// Number of revisions of each task definition that an apply keeps. 0 keeps all revisions.
    pub keep_revisions: u32,
}

impl<A: EcsApi, C: Clock> Deployer<'_, A, C> {
    /// Deregisters the task definitions of the bundle, deletes the services, and waits until the services no longer
    /// exist. Returns notices for the user.
    ///
    /// Succeeds if objects no longer exist, so a repeated attempt also succeeds. Services of other bundles are not
    /// changed.
    ///
    /// # Errors
    /// Returns an error if AWS rejects a call ([`BundleError::Aws`]), or if waiting ends before the services are
    /// deleted ([`BundleError::WaitEnded`]).
    pub async fn delete(&self, deletion: &Deletion<'_>) -> Result<Vec<Notice>, BundleError> {
        let names: Vec<String> = deletion.names.iter().cloned().collect();
        let present = self.services_of(deletion.cluster, &names).await?;
        let (foreign, present): (Vec<Service>, Vec<Service>) = present
            .into_iter()
            .partition(|service| owned(service) && !owns(deletion.bundle, service));
        let mut notices: Vec<Notice> = foreign.iter().map(other_bundle).collect();
        let active = || present.iter().filter(|service| is_active(service));
        for service in active() {
            notices.extend(self.stop(deletion.cluster, service).await?);
        }
        notices.extend(self.deregister_all(deletion, &present).await?);
        for service in active() {
            self.remove(deletion.cluster, &service.name).await?;
        }
        let going: Vec<String> = present.into_iter().map(|service| service.name).collect();
        self.await_deletion(deletion.cluster, &going).await?;
        Ok(notices)
    }

    /// Marks a service and scales it to zero. Returns a notice if the service cannot be marked.
    ///
    /// Services with the old short ARN format cannot have tags, and TagResource rejects them. Sources: Developer Guide,
    /// "Access Amazon ECS features with account settings"; TagResource, API reference.
    async fn stop(&self, cluster: &str, service: &Service) -> Result<Option<Notice>, BundleError> {
        let mut notice = None;
        if !service.tags.contains_key(DELETING_TAG) {
            let doing = format!("delete the service {}", service.name);
            let count = service.settings.desired_count.unwrap_or_default();
            let mark = Tags::from([(DELETING_TAG.to_owned(), count.to_string())]);
            let mark = || async { ignore_missing(self.api.retag(&service.arn, &mark, &[]).await) };
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
        let scale = || async { ignore_missing(self.api.update_service(&to_zero).await.map(drop)) };
        self.repeat(&format!("delete the service {name}"), scale)
            .await
    }

    async fn remove(&self, cluster: &str, name: &str) -> Result<(), BundleError> {
        let remove = || async { ignore_missing(self.api.delete_service(cluster, name).await) };
        self.repeat(&format!("delete the service {name}"), remove)
            .await
    }

    /// Deregisters all revisions of the bundle. Returns a notice for each family whose revisions cannot be
    /// deregistered. If waiting ends, returns an error instead and keeps the services, so the next attempt finds the
    /// services and continues.
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
            if let Err(why) = self.wait_limit.left(self.clock) {
                let awaited = format!("the deregistration of revisions of {family}").into();
                return Err(BundleError::WaitEnded { awaited, why });
            }
            notices.push(not_deregistered(family, error));
        }
        Ok(notices)
    }

    /// Deregisters the revisions that a search finds, except revisions that the specified services run.
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

    /// Deletes the objects that an attempt created. Does not wait for the deletion to complete; the next attempt waits
    /// if necessary. Returns notices about objects that could not be deleted.
    pub async fn undo(&self, cluster: &str, made: &Made) -> Vec<Notice> {
        let (mut left, mut stopped) = (Vec::new(), BTreeSet::new());
        let described = match self.services_of(cluster, &made.services).await {
            Ok(described) => described,
            Err(_) if made.services.is_empty() => Vec::new(),
            // The marks that identify the owner of the services cannot be read.
            Err(error) => {
                let names = made.services.iter();
                return names.map(|name| not_deleted(name, error.clone())).collect();
            }
        };
        for name in &made.services {
            let outcome = match described.iter().find(|service| service.name == *name) {
                // Another attempt has claimed the service in the meantime, or the service is no longer unfinished.
                Some(service) if mark_of(service) != Some(&made.mark) => continue,
                // If the deletion succeeds, the mark is irrelevant. If the deletion fails, its error is reported.
                Some(service) if is_active(service) => self.stop(cluster, service).await.map(drop),
                Some(_) => Ok(()),
                // The service was recently created and might not be visible yet.
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

    /// Deregisters a revision, unless a remaining service runs it.
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
    pub(super) async fn await_deletion(
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
            if let Err(why) = self.wait_limit.pause(self.clock, pauses.take()).await {
                let awaited = format!("the deletion of {}", names.join(", ")).into();
                return Err(BundleError::WaitEnded { awaited, why });
            }
        }
    }
}

fn other_bundle(service: &Service) -> Notice {
    Notice::OtherBundleNotDeleted {
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

fn ignore_missing(answer: Answer<()>) -> Answer<()> {
    match answer {
        Err(error) if is_missing(&error) => Ok(()),
        other => other,
    }
}

/// Returns whether an error means that the service does not exist or is being deleted.
fn is_missing(error: &AwsError) -> bool {
    // TagResource returns the last code if the service is missing.
    error.is("ServiceNotFoundException")
        || error.is("ServiceNotActiveException")
        || error.is("ResourceNotFoundException")
}
