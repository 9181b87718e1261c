//! Deregistering the revisions of a bundle: those beyond the number that is kept, or all of them in a deletion.
//!
//! A family belongs to the account and not to a cluster, so two bundles of one name in two clusters share it. What is
//! not tagged as this bundle's in this cluster is never deregistered. The number of calls depends on how many revisions
//! are kept, and not on how many others registered.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::api::{EcsApi, Service, ServiceStatus};
use super::bundle::{Bundle, REVISIONS_TAG, family_of, registered_by};
use super::clock::Clock;
use super::error::BundleError;
use super::notice::Notice;
use super::recorded::{Recorded, parse};
use super::rollout::Deployer;

/// How long deregistering may take. It is a matter of tidiness, so it must not use up the time of the operation.
const TIME: Duration = Duration::from_secs(120);
/// How many revisions beyond those that are kept are examined although no record lists them: an attempt that ended
/// before it wrote the record leaves the newest ones of the family.
const MARGIN: usize = 5;

/// Where revisions of a bundle are looked for.
pub(super) struct Search<'s> {
    /// Name of the bundle.
    pub(super) bundle: &'s str,
    /// Cluster, by name or ARN.
    pub(super) cluster: &'s str,
    /// The family.
    pub(super) family: &'s str,
    /// The record of the service that runs them.
    pub(super) recorded: &'s Recorded,
    /// How many of them are kept; 0 keeps all.
    pub(super) keep: usize,
}

impl Search<'_> {
    /// How many of the newest revisions are examined; `None` for all, because no record says which are ours.
    fn window(&self) -> Option<usize> {
        let unknown = self.keep == 0 && !self.recorded.is_complete();
        let some = !unknown && !self.recorded.is_cut();
        some.then(|| self.keep.saturating_add(MARGIN))
    }
}

impl<A: EcsApi, C: Clock> Deployer<'_, A, C> {
    /// Deregisters our own revisions that are too old to be kept. Their number is a matter of tidiness: failures are
    /// answered as notices.
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

    /// Deregisters old revisions of one service, and corrects its record where that misleads.
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

    /// ARNs of the active revisions of a family that a bundle registered for a cluster, by number, as far as a record
    /// lists them or they are among the newest.
    ///
    /// # Errors
    /// [`BundleError::Aws`] if AWS refuses, [`BundleError::Impatient`] if the user interrupts or time is up.
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
        // What is not listed among the newest is older than they are, or not active.
        let cut = window.is_some_and(|window| listed.len() >= window);
        let oldest = candidates.keys().next().copied().filter(|_| cut);
        let older = search.recorded.numbers(search.family).into_iter();
        for number in older.filter(|number| oldest.is_some_and(|oldest| *number < oldest)) {
            candidates.insert(number, format!("{}:{number}", search.family));
        }
        let mut ours = BTreeMap::new();
        for (number, id) in candidates {
            self.check_patience(search.family)?;
            let revision = self.described(&id).await?.filter(|revision| {
                revision.active && registered_by(search.bundle, search.cluster, revision)
            });
            ours.extend(revision.map(|revision| (number, revision.arn)));
        }
        Ok(ours)
    }

    /// Deregisters a revision; one that is gone already is no error.
    ///
    /// # Errors
    /// As [`Self::ours`].
    pub(super) async fn deregister(&self, arn: &str) -> Result<(), BundleError> {
        self.check_patience(family_of(arn))?;
        let doing = format!("deregister the task definition {arn}");
        self.repeat(&doing, || self.api.deregister(arn)).await
    }

    fn check_patience(&self, family: &str) -> Result<(), BundleError> {
        let left = self.patience.left(self.clock);
        left.map(drop).map_err(|why| BundleError::Impatient {
            awaited: format!("the deregistration of revisions of {family}").into(),
            why,
        })
    }

    /// The same work with less time for it.
    pub(super) fn brief(&self) -> Deployer<'_, A, C> {
        Deployer {
            api: self.api,
            clock: self.clock,
            patience: self.patience.at_most(self.clock, TIME),
            schedule: self.schedule,
        }
    }
}

/// The notice that revisions of a family are left.
pub(super) fn not_deregistered(family: &str, error: BundleError) -> Notice {
    Notice::NotDeregistered {
        family: family.to_owned(),
        error,
    }
}

/// The revisions that active services run or have in a deployment that is still there.
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
