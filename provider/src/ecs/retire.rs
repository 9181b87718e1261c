//! Deregisters revisions that a bundle registered: an apply deregisters revisions beyond the number to keep, and a
//! deletion deregisters all revisions.
//!
//! A family belongs to the account, not to a cluster, so two bundles with the same name in two clusters share a family.
//! A revision without the tags for this bundle and this cluster is never deregistered. The number of calls depends on
//! the number of revisions to keep, not on the number of revisions that other bundles registered.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::api::{EcsApi, Service, ServiceStatus};
use super::bundle::{Bundle, REVISIONS_TAG, family_of, registered_by};
use super::clock::Clock;
use super::error::BundleError;
use super::notice::Notice;
use super::recorded::{Recorded, parse};
use super::rollout::Deployer;

/// Time limit for deregistration. Deregistration is only cleanup, so it must not exhaust the time limit of the
/// operation.
const TIME: Duration = Duration::from_secs(120);
/// Number of unlisted revisions to examine in addition to the listed revisions. If an attempt ends before it writes the
/// record, the newest revisions in the family are unlisted.
const MARGIN: usize = 5;

/// Search for the revisions of a bundle.
pub(super) struct Search<'s> {
    /// Name of the bundle.
    pub(super) bundle: &'s str,
    /// Cluster, by name or ARN.
    pub(super) cluster: &'s str,
    /// Task definition family.
    pub(super) family: &'s str,
    /// Record in the tags of the service.
    pub(super) recorded: &'s Recorded,
    /// Number of revisions to keep. 0 keeps all revisions.
    pub(super) keep: usize,
}

impl Search<'_> {
    /// Returns the number of newest revisions to examine, or `None` to examine all revisions because the record is
    /// incomplete.
    fn window(&self) -> Option<usize> {
        let unknown = self.keep == 0 && !self.recorded.is_complete();
        let some = !unknown && !self.recorded.is_cut();
        some.then(|| self.keep.saturating_add(MARGIN))
    }
}

impl<A: EcsApi, C: Clock> Deployer<'_, A, C> {
    /// Deregisters revisions of the bundle beyond the number to keep. Errors are returned as notices, because
    /// deregistration is only cleanup.
    pub(super) async fn retire(&self, bundle: &Bundle) -> Vec<Notice> {
        if bundle.keep_revisions == 0 {
            return Vec::new();
        }
        let brief = self.brief();
        let keys = bundle.services.keys();
        let names: Vec<String> = keys.map(|key| bundle.service_name(key)).collect();
        let services = match brief.services_of(&bundle.cluster, &names).await {
            Ok(services) => services,
            Err(error) => return vec![not_deregistered(&names.join(", "), error)],
        };
        let in_use = revisions_in_use(&services);
        let mut notices = Vec::new();
        for service in services.iter().filter(|service| is_active(service)) {
            let retired = brief.retire_of(bundle, service, &in_use).await;
            let family = family_of(&service.task_definition);
            notices.extend(retired.err().map(|error| not_deregistered(family, error)));
        }
        notices
    }

    /// Deregisters old revisions of one service, and corrects the record if it is inaccurate.
    async fn retire_of(
        &self,
        bundle: &Bundle,
        service: &Service,
        in_use: &BTreeSet<String>,
    ) -> Result<(), BundleError> {
        let keep = usize::try_from(bundle.keep_revisions).unwrap_or(usize::MAX);
        let family = family_of(&service.task_definition);
        let mut recorded = Recorded::of(&service.tags);
        let search = Search {
            bundle: &bundle.name,
            cluster: &bundle.cluster,
            family,
            recorded: &recorded,
            keep,
        };
        let mut ours = self.ours(&search).await?;
        let old: Vec<u32> = ours.keys().rev().skip(keep).copied().collect();
        for number in old {
            if !in_use.contains(&ours[&number]) {
                self.deregister(&ours[&number]).await?;
                ours.remove(&number);
            }
        }
        let (there, listed): (BTreeSet<u32>, _) =
            (ours.into_keys().collect(), recorded.numbers(family));
        let misleads = !there.is_subset(&listed) || listed.len() > there.len() + keep + MARGIN;
        if !misleads && !recorded.is_cut() {
            return Ok(());
        }
        recorded.replace(family, there);
        let tags = [(REVISIONS_TAG.to_owned(), recorded.value())].into();
        self.write_tags(service, &tags, &[]).await
    }

    /// Returns the ARNs of the active revisions in a family that a bundle registered for a cluster, by number. Finds
    /// only revisions in the record or among the newest revisions.
    ///
    /// # Errors
    /// Returns an error if AWS rejects a call ([`BundleError::Aws`]), or if the user interrupts the operation or the
    /// deadline has passed ([`BundleError::WaitEnded`]).
    pub(super) async fn ours(
        &self,
        search: &Search<'_>,
    ) -> Result<BTreeMap<u32, String>, BundleError> {
        let window = search.window();
        let listed = self.listed_active(search.family, window).await?;
        let newest = listed
            .iter()
            .filter_map(|arn| Some((parse(arn)?.1, arn.clone())));
        let mut candidates: BTreeMap<u32, String> = newest.collect();
        // A revision that is not among the newest revisions is older or not active.
        let cut = window.is_some_and(|window| listed.len() >= window);
        let oldest = candidates.keys().next().copied().filter(|_| cut);
        let older = search.recorded.numbers(search.family).into_iter();
        for number in older.filter(|number| oldest.is_some_and(|oldest| *number < oldest)) {
            candidates.insert(number, format!("{}:{number}", search.family));
        }
        let mut ours = BTreeMap::new();
        for (number, id) in candidates {
            self.check_wait_limit(search.family)?;
            let revision = self.described(&id).await?.filter(|revision| {
                revision.active && registered_by(search.bundle, search.cluster, revision)
            });
            ours.extend(revision.map(|revision| (number, revision.arn)));
        }
        Ok(ours)
    }

    /// Deregisters a revision. Succeeds if the revision no longer exists.
    ///
    /// # Errors
    /// Returns an error in the same cases as [`Self::ours`].
    pub(super) async fn deregister(&self, arn: &str) -> Result<(), BundleError> {
        self.check_wait_limit(family_of(arn))?;
        let doing = format!("deregister the task definition {arn}");
        self.repeat(&doing, || self.api.deregister(arn)).await
    }

    fn check_wait_limit(&self, family: &str) -> Result<(), BundleError> {
        let left = self.wait_limit.left(self.clock);
        left.map(drop).map_err(|why| BundleError::WaitEnded {
            awaited: format!("the deregistration of revisions of {family}").into(),
            why,
        })
    }

    /// Returns this deployer with the time limit for deregistration.
    pub(super) fn brief(&self) -> Deployer<'_, A, C> {
        Deployer {
            api: self.api,
            clock: self.clock,
            wait_limit: self.wait_limit.at_most(self.clock, TIME),
            schedule: self.schedule,
        }
    }
}

/// Creates the notice for revisions of a family that could not be deregistered.
pub(super) fn not_deregistered(family: &str, error: BundleError) -> Notice {
    Notice::NotDeregistered {
        family: family.to_owned(),
        error,
    }
}

/// Returns the revisions that active services run, and the revisions in their current deployments.
pub(super) fn revisions_in_use(services: &[Service]) -> BTreeSet<String> {
    let active = services.iter().filter(|service| is_active(service));
    let arns = active.flat_map(|service| {
        let deployments = service.deployments.iter();
        let rolled = deployments.map(|deployment| &deployment.task_definition);
        rolled.chain([&service.task_definition])
    });
    arns.cloned().collect()
}

pub(super) fn is_active(service: &Service) -> bool {
    service.status == ServiceStatus::Active
}
