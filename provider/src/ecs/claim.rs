//! Claiming services that an earlier attempt left unfinished, and removing the marks at the end.
//!
//! Two attempts at one bundle from two states may run at the same time. The second one waits until no deployment of an
//! unfinished service is in progress and nothing has changed for as long as the first one may take to notice that. Then it
//! writes its own name into the tag. An attempt that finds another name in the tag, or no tag, has lost the service: it
//! ends, and does not delete it. The tag API has no conditional write, so one service decides: the first one by name is
//! claimed first and finished first, and the attempt that writes its tag last has it.

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

/// How long a tag that was written may still be described as it was.
const TAG_LAG: SignedDuration = SignedDuration::from_secs(30);

/// How long the calls of an attempt may take between two of its looks at what it waits for.
const LAST_CALLS: Duration = Duration::from_secs(3);

/// What is compared of unfinished services to see whether another attempt still works on them: mark and deployment, by
/// key.
type Traces = BTreeMap<String, (Option<String>, Option<String>)>;

impl<A: EcsApi, C: Clock> Deployer<'_, A, C> {
    /// Claims the services that an earlier attempt left unfinished, after its deployments have ended.
    ///
    /// # Errors
    /// [`BundleError::Exists`] if a service is not ours, [`BundleError::Concurrent`] or [`BundleError::Impatient`] if a
    /// deployment of an unfinished one does not end, [`BundleError::Aws`] if AWS does not answer.
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

    /// Writes the mark of this attempt to services, first to the one that decides, and looks at all services again.
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
                    self.take_back(attempt, first).await?;
                    return Err(error);
                }
            }
        }
        Ok(())
    }

    /// Removes the mark of this attempt from the service that decides where the other attempt has finished meanwhile, so
    /// that nothing is unfinished. Otherwise the mark stays: it is the winner's now, or the services are unfinished.
    async fn take_back(
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

    /// Waits until no other attempt works on the unfinished services. Answers them by key.
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
            if let Err(why) = self.patience.pause(self.clock, pause).await {
                let names = unclaimed.values().map(|service| service.name.as_str());
                let awaited = Awaited::OtherAttempt(names.map(str::to_owned).collect());
                return Err(BundleError::Impatient { awaited, why });
            }
        }
    }

    /// How long ago the newest deployment of these services began.
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

    /// Waits until the marks that were written are described. Answers all services as they are then.
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
            // The other attempt may have finished with other services.
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
            if let Err(why) = self.patience.pause(self.clock, pauses.take()).await {
                let awaited =
                    Awaited::Other("the tags of services that were taken over".to_owned());
                return Err(BundleError::Impatient { awaited, why });
            }
        }
    }

    /// Returns whether a service that `CreateService` answered is the one that this attempt created. ECS answers an equal
    /// service that exists already instead of refusing, so the mark decides.
    ///
    /// # Errors
    /// [`BundleError::Aws`] if AWS does not answer, [`BundleError::Impatient`] if the user interrupts.
    pub(super) async fn has_created(
        &self,
        attempt: &Attempt<'_>,
        key: &str,
        answered: &Service,
    ) -> Result<bool, BundleError> {
        if mark_of(answered).is_some() {
            return Ok(attempt.ownership.has_marked(answered));
        }
        // The answer need not carry tags, and they may be described late.
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
            // A creation writes all tags at once, so with another one another attempt created the service.
            if service.tags.contains_key(BUNDLE_TAG) || !lag {
                return Ok(false);
            }
            if let Err(why) = self.patience.pause(self.clock, pauses.take()).await {
                let awaited = format!("the tags of the service {}", service.name).into();
                return Err(BundleError::Impatient { awaited, why });
            }
        }
    }

    /// Removes the marks of this attempt, first from the service that decides: nothing is unfinished any more. A mark that
    /// cannot be removed is told.
    ///
    /// # Errors
    /// [`BundleError::Exists`] if another attempt has claimed a service, [`BundleError::Aws`] if AWS does not answer.
    pub(super) async fn finish(&self, attempt: &mut Attempt<'_>) -> Result<(), BundleError> {
        let marked = attempt.ownership.marked().clone();
        let decisive = marked.first().into_iter().cloned().collect();
        if !marked.is_empty() {
            attempt.present = self.present(attempt.bundle).await?;
            check_marks(attempt, &marked, |ownership, service| {
                ownership.has_marked(service)
            })?;
            self.unmark(attempt, &decisive).await;
            // Another attempt may have claimed it between the look and the removal.
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

    /// Removes the marks of those of these services that have one.
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

    /// Removes marks after an attempt that ended early, so that no other attempt claims services of a state: the mark of
    /// this attempt from services that the state holds now, and any mark from services that it `held` before, which are
    /// its own whatever another attempt has written. Answers what the user should know.
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

/// Refuses if one of these services is another attempt's now.
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

/// The services that the state does not know and that bear the mark of another attempt, by key.
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
