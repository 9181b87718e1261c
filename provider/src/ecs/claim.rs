//! Claims services that an earlier attempt did not finish, and removes their marks at the end.
//!
//! Two attempts to apply one bundle from two states can run at the same time. The second attempt waits until no
//! deployment of an unfinished service is in progress and no further changes occur within the time that the first
//! attempt may require to detect the end of the deployment. Then the second attempt writes its ID to the tag
//! [`UNFINISHED_TAG`]. An attempt that finds a different ID in the tag, or no tag, has lost the service. It fails and
//! does not delete the service. The tag API has no conditional write, so the first service by name is the decisive
//! service. It is claimed first and finished first, and the last attempt to write its tag owns the bundle.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::SignedDuration;

use super::api::{EcsApi, Service, Tags};
use super::attempt::Attempt;
use super::bundle::{BUNDLE_TAG, Concurrent, UNFINISHED_TAG};
use super::clock::Clock;
use super::concurrent::{deployment_name, is_rolling};
use super::error::{Awaited, BundleError, Taken};
use super::notice::Notice;
use super::ownership::{Ownership, exists, mark_of, taken};
use super::retire::is_active;
use super::rollout::Deployer;

/// Period during which ECS can still return the previous value of a tag.
const TAG_LAG: SignedDuration = SignedDuration::from_secs(30);

/// Time limit for the calls that an attempt makes between two polls.
const LAST_CALLS: Duration = Duration::from_secs(3);

/// Mark and deployment of each unfinished service, by key. A change indicates that another attempt is still in
/// progress.
type Traces = BTreeMap<String, (Option<String>, Option<String>)>;

impl<A: EcsApi, C: Clock> Deployer<'_, A, C> {
    /// Claims the services that an earlier attempt did not finish, after their deployments have ended.
    ///
    /// # Errors
    /// Returns an error if a service cannot be claimed ([`BundleError::Exists`]), if a deployment of an unfinished
    /// service does not end ([`BundleError::Concurrent`] or [`BundleError::WaitEnded`]), or if a call to AWS fails
    /// ([`BundleError::Aws`]).
    pub(super) async fn claim(&self, attempt: &mut Attempt<'_>) -> Result<(), BundleError> {
        if unclaimed(attempt, &attempt.present)?.is_empty() {
            return Ok(());
        }
        let abandoned = self.await_abandoned(attempt).await?;
        self.write_marks(attempt, &abandoned).await?;
        for service in abandoned.into_values() {
            attempt.ownership.note(&service.name);
            attempt.notices.push(Notice::TakenOver {
                service: service.name.clone(),
            });
            attempt.made.taken_over.push(service.name);
        }
        Ok(())
    }

    /// Writes the mark of this attempt to services, beginning with the decisive service, and describes all services
    /// again.
    async fn write_marks(
        &self,
        attempt: &mut Attempt<'_>,
        abandoned: &BTreeMap<String, Service>,
    ) -> Result<(), BundleError> {
        let mut services: Vec<&Service> = abandoned.values().collect();
        services.sort_by_key(|service| &service.name);
        let decisive = services.len().min(1);
        let (first, others) = services.split_at(decisive);
        let mark = attempt.ownership.mark().to_owned();
        let tag = Tags::from([(UNFINISHED_TAG.to_owned(), mark)]);
        for part in [first, others] {
            for service in part {
                self.write_tags(service, &tag, &[]).await?;
            }
            match self.await_marks(attempt, part).await {
                Ok(present) => attempt.present = present,
                Err(error) => {
                    self.withdraw_mark(attempt, first).await?;
                    return Err(error);
                }
            }
        }
        Ok(())
    }

    /// Removes the mark of this attempt from the decisive service if the other attempt has finished in the meantime. If
    /// the mark stayed, the service would remain unfinished. In all other cases, the mark stays, because the other
    /// attempt has overwritten it or the services are unfinished.
    async fn withdraw_mark(
        &self,
        attempt: &Attempt<'_>,
        decisive: &[&Service],
    ) -> Result<(), BundleError> {
        let bundle = &attempt.bundle.name;
        let present = self.present(attempt.bundle).await?;
        let has_finished = |service: &Service| {
            let in_state = attempt.ownership.is_in_state(&service.name);
            !in_state && taken(bundle, service) == Some(Taken::OtherState)
        };
        if !present.values().any(has_finished) {
            return Ok(());
        }
        let is_decisive = |service: &&Service| decisive.iter().any(|it| it.name == service.name);
        for service in present.values().filter(is_decisive) {
            if attempt.ownership.has_marked(service) {
                let mark = [UNFINISHED_TAG.to_owned()];
                self.write_tags(service, &Tags::new(), &mark).await?;
            }
        }
        Ok(())
    }

    pub(super) async fn write_tags(
        &self,
        service: &Service,
        set: &Tags,
        remove: &[String],
    ) -> Result<(), BundleError> {
        let doing = format!("tag the service {}", service.name);
        let write = || self.api.retag(&service.arn, set, remove);
        self.repeat(&doing, write).await
    }

    /// Waits until no other attempt changes the unfinished services. Returns the services by key.
    async fn await_abandoned(
        &self,
        attempt: &Attempt<'_>,
    ) -> Result<BTreeMap<String, Service>, BundleError> {
        let bundle = attempt.bundle;
        let mut pauses = self.schedule.pauses();
        let mut before: Option<Traces> = None;
        loop {
            let present = self.present(bundle).await?;
            let unclaimed = unclaimed(attempt, &present)?;
            if unclaimed.is_empty() || bundle.concurrent == Concurrent::Replace {
                return Ok(unclaimed);
            }
            let rolling = unclaimed.iter().find(|(_, service)| is_rolling(service));
            if let (Some((key, service)), Concurrent::Fail) = (rolling, bundle.concurrent) {
                return Err(BundleError::Concurrent {
                    key: key.clone(),
                    service: service.name.clone(),
                    deployment: deployment_name(service),
                });
            }
            let pause = if rolling.is_some() {
                before = None;
                pauses.take()
            } else {
                let traces = traces(&unclaimed);
                if before.as_ref() == Some(&traces) {
                    return Ok(unclaimed);
                }
                before = Some(traces);
                self.schedule.pause_after(self.age(&unclaimed)) + LAST_CALLS
            };
            if let Err(why) = self.wait_limit.pause(self.clock, pause).await {
                let names = unclaimed.values().map(|service| service.name.as_str());
                let awaited = Awaited::OtherAttempt(names.map(str::to_owned).collect());
                return Err(BundleError::WaitEnded { awaited, why });
            }
        }
    }

    /// Returns the age of the newest deployment among these services.
    fn age(&self, services: &BTreeMap<String, Service>) -> Duration {
        let began = services.values().filter_map(|service| {
            let primary = service.primary()?;
            primary.created_at
        });
        let age = began
            .max()
            .map(|began| self.clock.now().duration_since(began));
        age.map_or(Duration::MAX, |age| {
            Duration::try_from(age).unwrap_or_default()
        })
    }

    /// Waits until ECS returns the marks that this attempt wrote. Returns the descriptions of all services at that
    /// time.
    async fn await_marks(
        &self,
        attempt: &Attempt<'_>,
        written: &[&Service],
    ) -> Result<BTreeMap<String, Service>, BundleError> {
        let bundle = attempt.bundle;
        let began = self.clock.now();
        let mut pauses = self.schedule.pauses();
        loop {
            let present = self.present(bundle).await?;
            // The other attempt may have finished other services.
            unclaimed(attempt, &present)?;
            let lag = self.clock.now().duration_since(began) < TAG_LAG;
            let mut behind = false;
            for (key, service) in present.iter().filter(|(_, service)| is_active(service)) {
                let before = written.iter().find(|before| before.name == service.name);
                let Some(before) = before.filter(|_| !attempt.ownership.has_marked(service)) else {
                    continue;
                };
                if mark_of(service) != mark_of(before) || !lag {
                    return Err(lost(attempt, key, service));
                }
                behind = true;
            }
            if !behind {
                return Ok(present);
            }
            if let Err(why) = self.wait_limit.pause(self.clock, pauses.take()).await {
                let awaited =
                    Awaited::Other("the tags of the services that were taken over".to_owned());
                return Err(BundleError::WaitEnded { awaited, why });
            }
        }
    }

    /// Returns whether this attempt created the service that `CreateService` returned. If an identical service already
    /// exists, ECS returns that service instead of an error. Therefore, the mark identifies the creator.
    ///
    /// # Errors
    /// Returns an error if a call to AWS fails ([`BundleError::Aws`]) or the user interrupts the operation
    /// ([`BundleError::WaitEnded`]).
    pub(super) async fn has_created(
        &self,
        attempt: &Attempt<'_>,
        key: &str,
        answered: &Service,
    ) -> Result<bool, BundleError> {
        if mark_of(answered).is_some() {
            return Ok(attempt.ownership.has_marked(answered));
        }
        // The response can omit the tags, and the tags can become visible late.
        let began = self.clock.now();
        let mut pauses = self.schedule.pauses();
        loop {
            let present = self.present(attempt.bundle).await?;
            let Some(service) = present.get(key) else {
                return Ok(true);
            };
            if attempt.ownership.has_marked(service) {
                return Ok(true);
            }
            let lag = self.clock.now().duration_since(began) < TAG_LAG;
            // A create call writes all tags together, so a service that has only other tags was created by another
            // attempt.
            if service.tags.contains_key(BUNDLE_TAG) || !lag {
                return Ok(false);
            }
            if let Err(why) = self.wait_limit.pause(self.clock, pauses.take()).await {
                let awaited = format!("the tags of the service {}", service.name).into();
                return Err(BundleError::WaitEnded { awaited, why });
            }
        }
    }

    /// Removes the marks of this attempt, beginning with the decisive service. Afterward, no service is unfinished. A
    /// mark that cannot be removed is reported as a notice.
    ///
    /// # Errors
    /// Returns an error if another attempt has claimed a service ([`BundleError::Exists`]) or a call to AWS fails
    /// ([`BundleError::Aws`]).
    pub(super) async fn finish(&self, attempt: &mut Attempt<'_>) -> Result<(), BundleError> {
        let marked = attempt.ownership.marked().clone();
        let decisive = marked.first().into_iter().cloned().collect();
        if !marked.is_empty() {
            attempt.present = self.present(attempt.bundle).await?;
            check_marks(attempt, &marked, |ownership, service| {
                ownership.has_marked(service)
            })?;
            self.unmark(attempt, &decisive).await;
            // Another attempt may have claimed the service between the check and the removal.
            attempt.present = self.present(attempt.bundle).await?;
            check_marks(attempt, &decisive, |ownership, service| {
                mark_of(service).is_none() || ownership.has_marked(service)
            })?;
        }
        let mut others = marked;
        others.extend(attempt.ownership.in_state().iter().cloned());
        others.retain(|name| !decisive.contains(name));
        self.unmark(attempt, &others).await;
        Ok(())
    }

    /// Removes the marks from the specified services.
    async fn unmark(&self, attempt: &mut Attempt<'_>, names: &BTreeSet<String>) {
        let services = attempt.present.values();
        let marked =
            services.filter(|service| names.contains(&service.name) && mark_of(service).is_some());
        for service in marked {
            let mark = [UNFINISHED_TAG.to_owned()];
            if let Err(error) = self.write_tags(service, &Tags::new(), &mark).await {
                attempt.notices.push(still_marked(&service.name, error));
            }
        }
    }

    /// Removes marks after an attempt that ended early, so that no other attempt claims services in the state. Removes
    /// the mark of this attempt from services that are now in the state, and any mark from services that were already
    /// in the state (`held`). Services in `held` belong to the state even if they have marks from other attempts.
    /// Returns notices for the user.
    pub async fn leave_to_state(
        &self,
        cluster: &str,
        mark: &str,
        claimed: &BTreeSet<String>,
        held: &BTreeSet<String>,
    ) -> Vec<Notice> {
        let names: BTreeSet<&String> = claimed.iter().chain(held).collect();
        let asked: Vec<String> = names.iter().copied().cloned().collect();
        let described = match self.services_of(cluster, &asked).await {
            Ok(described) => described,
            Err(error) => {
                let notices = names.iter().map(|name| still_marked(name, error.clone()));
                return notices.collect();
            }
        };
        let mut notices = Vec::new();
        for service in described.iter().filter(|service| is_active(service)) {
            let ours = |tag: &String| tag == mark || held.contains(&service.name);
            if !mark_of(service).is_some_and(ours) {
                continue;
            }
            let tag = [UNFINISHED_TAG.to_owned()];
            let removed = self.write_tags(service, &Tags::new(), &tag).await;
            notices.extend(
                removed
                    .err()
                    .map(|error| still_marked(&service.name, error)),
            );
        }
        notices
    }
}

/// Returns an error if another attempt has claimed one of these services.
fn check_marks(
    attempt: &Attempt<'_>,
    names: &BTreeSet<String>,
    is_ours: fn(&Ownership<'_>, &Service) -> bool,
) -> Result<(), BundleError> {
    let mut marked = attempt
        .present
        .iter()
        .filter(|(_, service)| names.contains(&service.name));
    match marked.find(|(_, service)| !is_ours(&attempt.ownership, service)) {
        Some((key, service)) => Err(lost(attempt, key, service)),
        None => Ok(()),
    }
}

/// Returns the services, by key, that are not in the state and have a mark from another attempt.
fn unclaimed(
    attempt: &Attempt<'_>,
    present: &BTreeMap<String, Service>,
) -> Result<BTreeMap<String, Service>, BundleError> {
    let (bundle, ownership) = (attempt.bundle, &attempt.ownership);
    let mut unclaimed = BTreeMap::new();
    for (key, service) in present {
        let ours = ownership.is_in_state(&service.name) || ownership.has_marked(service);
        if ours || !is_active(service) {
            continue;
        }
        if let Some(taken) = taken(&bundle.name, service) {
            return Err(exists(bundle, key, taken, !ownership.in_state().is_empty()));
        }
        unclaimed.insert(key.clone(), service.clone());
    }
    Ok(unclaimed)
}

fn lost(attempt: &Attempt<'_>, key: &str, service: &Service) -> BundleError {
    let bundle = attempt.bundle;
    let taken = taken(&bundle.name, service).unwrap_or(Taken::OtherState);
    let update = !attempt.ownership.in_state().is_empty();
    exists(bundle, key, taken, update)
}

fn still_marked(service: &str, error: BundleError) -> Notice {
    Notice::StillMarked {
        service: service.to_owned(),
        error,
    }
}

fn traces(services: &BTreeMap<String, Service>) -> Traces {
    let trace = |service: &Service| {
        let deployment = service.primary().map(|primary| primary.id.clone());
        (mark_of(service).cloned(), deployment)
    };
    let traces = services.iter();
    traces
        .map(|(key, service)| (key.clone(), trace(service)))
        .collect()
}
