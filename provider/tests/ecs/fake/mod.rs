//! In-memory ECS that behaves like the real service: eventually consistent responses, deployments that take several
//! polls, rollbacks that end in a steady state, draining services, and stopped tasks that disappear. The fake can also
//! kill the process during a call.

mod api;
mod deployments;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use skreg::aws::AwsError;
use skreg::ecs::api::*;
use skreg::ecs::clock::Clock;
use skreg::ecs::definition::TaskDefinition;
use tokio::sync::Notify;

/// Clock that advances during sleeps and records their total duration. While two processes run concurrently, the clock
/// advances when both sleep.
pub(crate) struct FakeClock(Mutex<Time>);

struct Time {
    now: Timestamp,
    slept: Vec<Duration>,
    /// State of the random number generator for call latencies, if two processes run.
    shared: Option<u64>,
    /// Next time at which a process wakes.
    next: Timestamp,
}

impl FakeClock {
    pub(crate) fn new() -> Self {
        let now = Timestamp::from_second(1_800_000_000).expect("a moment");
        Self(Mutex::new(Time {
            now,
            slept: Vec::new(),
            shared: None,
            next: Timestamp::MAX,
        }))
    }

    fn time<T>(&self, look: impl FnOnce(&mut Time) -> T) -> T {
        look(&mut self.0.lock().expect("lock is not poisoned"))
    }

    pub(crate) fn slept(&self) -> Duration {
        self.time(|time| time.slept.iter().sum())
    }

    /// Runs two processes concurrently. The latency of each call depends on the seed.
    pub(crate) async fn together<A, B>(
        &self,
        seed: u64,
        first: impl Future<Output = A>,
        second: impl Future<Output = B>,
    ) -> (A, B) {
        self.time(|time| time.shared = Some(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1));
        let (mut first, mut second) = (std::pin::pin!(first), std::pin::pin!(second));
        let (mut one, mut other) = (None, None);
        std::future::poll_fn(|context| {
            loop {
                self.time(|time| time.next = Timestamp::MAX);
                if one.is_none()
                    && let Poll::Ready(done) = first.as_mut().poll(context)
                {
                    one = Some(done);
                }
                if other.is_none()
                    && let Poll::Ready(done) = second.as_mut().poll(context)
                {
                    other = Some(done);
                }
                if one.is_some() && other.is_some() {
                    break Poll::Ready(());
                }
                self.time(|time| {
                    assert_ne!(
                        time.next,
                        Timestamp::MAX,
                        "both processes are waiting indefinitely"
                    );
                    time.now = time.now.max(time.next);
                });
            }
        })
        .await;
        self.time(|time| time.shared = None);
        (one.expect("finished"), other.expect("finished"))
    }

    /// Waits for the latency of a call, if two processes run.
    async fn latency(&self) {
        let latency = self.time(|time| {
            let random = time.shared.as_mut()?;
            *random ^= *random << 13;
            *random ^= *random >> 7;
            *random ^= *random << 17;
            Some(Duration::from_millis(5 + *random % 200))
        });
        if let Some(latency) = latency {
            self.sleep(latency).await;
        }
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Timestamp {
        self.time(|time| time.now)
    }

    fn left_until(&self, deadline: Instant) -> Duration {
        deadline.saturating_duration_since(Instant::now())
    }

    async fn sleep(&self, duration: Duration) {
        let wake = self.time(|time| {
            time.slept.push(duration);
            let wake = time.now + duration;
            if time.shared.is_none() {
                time.now = wake;
            }
            wake
        });
        std::future::poll_fn(|_| {
            self.time(|time| {
                if time.now >= wake {
                    return Poll::Ready(());
                }
                time.next = time.next.min(wake);
                Poll::Pending
            })
        })
        .await;
    }
}

/// Result of a deployment.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum End {
    Succeeds,
    RollsBack,
    StaysFailed,
    Hangs,
}

/// Behavior of a service.
#[derive(Clone)]
pub(crate) struct Script {
    /// Number of polls until a deployment ends.
    pub(crate) looks: usize,
    pub(crate) end: End,
    /// Number of polls during which a new service is missing.
    pub(crate) missing: usize,
    /// Number of polls during which a deleted service drains.
    pub(crate) drains: usize,
    /// Tasks that stop during a deployment. Each task is returned only once.
    pub(crate) tasks: Vec<StoppedTask>,
    /// Events during a deployment.
    pub(crate) events: Vec<&'static str>,
}

impl Script {
    /// Returns a script whose deployments end in this way.
    pub(crate) fn ending(end: End) -> Self {
        Self {
            end,
            ..Self::default()
        }
    }
}

impl Default for Script {
    fn default() -> Self {
        Self {
            looks: 2,
            end: End::Succeeds,
            missing: 0,
            drains: 2,
            tasks: Vec::new(),
            events: Vec::new(),
        }
    }
}

/// Behavior of the service deployment API.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum DeploymentsApi {
    Available,
    Denied,
    Empty,
    /// The first responses after the start of a deployment omit the deployment.
    Behind,
    /// Every deployment is described as in progress, even after it has ended.
    Stale,
}

/// Time at which the process is killed, relative to the effect of a call.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Moment {
    Before,
    After,
}

struct Entry {
    service: Service,
    token: String,
    going: Option<Going>,
    missing: usize,
    drains: usize,
}

struct Going {
    looks: usize,
    end: End,
    previous: Option<String>,
    service_deployment: String,
    previous_revision: Option<String>,
}

/// Platform version that `LATEST` resolves to.
pub(crate) const PLATFORM: &str = "1.4.0";

#[derive(Default)]
pub(crate) struct State {
    now: Option<Timestamp>,
    next: u64,
    pub(crate) revisions: Vec<Revision>,
    services: BTreeMap<String, Entry>,
    service_deployments: Vec<(String, ServiceDeployment)>,
    tasks: BTreeMap<String, Vec<StoppedTask>>,
    pub(crate) target_groups: Vec<TargetGroup>,
    pub(crate) capacity_providers: Vec<String>,
    pub(crate) log_groups: BTreeSet<String>,
    /// Log lines by prefix of `<group>:<stream>`.
    pub(crate) log_lines: BTreeMap<String, Vec<String>>,
    /// Tags of created log groups.
    pub(crate) made_log_groups: BTreeMap<String, Tags>,
    service_revisions: Vec<ServiceRevision>,
    /// Every update request.
    pub(crate) updates: Vec<UpdateService>,
    pub(crate) scripts: BTreeMap<String, Script>,
    pub(crate) errors: BTreeMap<&'static str, VecDeque<AwsError>>,
    /// Actions whose next response is lost after the call takes effect.
    pub(crate) lost: BTreeMap<&'static str, AwsError>,
    /// Errors that calls to an action return, by call number.
    pub(crate) faults: BTreeMap<&'static str, (Range<usize>, AwsError)>,
    /// Changes that other processes make after a call to an action, by call number.
    meanwhile: BTreeMap<(&'static str, usize), Vec<Change>>,
    /// Number of calls to each action.
    counts: BTreeMap<&'static str, usize>,
    pub(crate) calls: Vec<&'static str>,
    /// Whether a create request for an identical existing service returns that service instead of an error.
    pub(crate) answers_equal_creations: bool,
    /// Number of polls that return the previous tags of a service.
    pub(crate) tags_behind: usize,
    /// Number of polls that return a new service without its tags. The create response also omits the tags.
    pub(crate) created_tags_behind: usize,
    /// Previous tags by service, and the number of polls that still return them.
    stale_tags: BTreeMap<String, (Tags, usize)>,
}

/// Change by another process.
type Change = Box<dyn FnOnce(&mut State) + Send>;

pub(crate) struct Fake<'c> {
    clock: &'c FakeClock,
    state: Mutex<State>,
    count: AtomicUsize,
    crash: Mutex<Option<(usize, Moment)>>,
    fatal: Mutex<Option<&'static str>>,
    died: Notify,
    pub(crate) deployments_api: DeploymentsApi,
}

impl<'c> Fake<'c> {
    pub(crate) fn new(clock: &'c FakeClock) -> Self {
        let state = State {
            target_groups: vec![TargetGroup {
                arn: "arn:tg/api".into(),
                load_balancers: vec!["arn:lb".into()],
                target_type: Some("ip".into()),
            }],
            log_groups: ["/ecs/skreg", "/ecs/skreg-api", "/ecs/skreg-worker"]
                .map(str::to_owned)
                .into(),
            ..State::default()
        };
        Self {
            clock,
            state: Mutex::new(state),
            count: AtomicUsize::new(0),
            crash: Mutex::new(None),
            fatal: Mutex::new(None),
            died: Notify::new(),
            deployments_api: DeploymentsApi::Available,
        }
    }

    pub(crate) fn with<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.state.lock().expect("lock is not poisoned"))
    }

    pub(crate) fn script(&self, service: &str, script: Script) {
        self.with(|state| state.scripts.insert(service.to_owned(), script));
    }

    /// Kills the process at a call. Earlier calls are not counted.
    pub(crate) fn crash_at(&self, call: usize, moment: Moment) {
        let call = self.count.load(Ordering::SeqCst) + call;
        *self.crash.lock().expect("lock is not poisoned") = Some((call, moment));
    }

    /// Kills the process after the next call to this action takes effect.
    pub(crate) fn crash_after(&self, action: &'static str) {
        *self.fatal.lock().expect("lock is not poisoned") = Some(action);
    }

    /// Makes another process change the state after the next call to this action.
    pub(crate) fn meanwhile(
        &self,
        action: &'static str,
        change: impl FnOnce(&mut State) + Send + 'static,
    ) {
        self.meanwhile_at(action, 0, change);
    }

    /// Makes another process change the state after a call to this action. Earlier calls are not counted.
    pub(crate) fn meanwhile_at(
        &self,
        action: &'static str,
        call: usize,
        change: impl FnOnce(&mut State) + Send + 'static,
    ) {
        self.with(|state| {
            let made = state.counts.get(action).copied().unwrap_or_default();
            let changes = state.meanwhile.entry((action, made + call)).or_default();
            changes.push(Box::new(change));
        });
    }

    /// Makes a range of calls to an action fail. Earlier calls are not counted.
    pub(crate) fn refuse(&self, action: &'static str, calls: Range<usize>, code: &str) {
        self.with(|state| {
            let made = state.counts.get(action).copied().unwrap_or_default();
            let end = calls.end.saturating_add(made);
            let error = AwsError::service(action, code, "not now");
            state
                .faults
                .insert(action, (calls.start + made..end, error));
        });
    }

    /// Runs the work until it ends or the process is killed. Returns `None` if the process was killed.
    pub(crate) async fn survive<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        let done = tokio::select! {
            done = work => Some(done),
            () = self.died.notified() => None,
        };
        // The next process is not killed.
        *self.crash.lock().expect("lock is not poisoned") = None;
        *self.fatal.lock().expect("lock is not poisoned") = None;
        done
    }

    /// Returns and clears the recorded calls.
    pub(crate) fn calls(&self) -> Vec<&'static str> {
        self.with(|state| std::mem::take(&mut state.calls))
    }

    pub(crate) fn active_services(&self) -> Vec<Service> {
        self.with(|state| {
            let active = state
                .services
                .values()
                .filter(|entry| entry.service.status == ServiceStatus::Active);
            active.map(|entry| entry.service.clone()).collect()
        })
    }

    pub(crate) fn service(&self, name: &str) -> Service {
        self.with(|state| state.services[name].service.clone())
    }

    pub(crate) fn change_service(&self, name: &str, change: impl FnOnce(&mut Service)) {
        self.with(|state| change(&mut state.services.get_mut(name).expect("the service").service));
    }

    pub(crate) fn revisions(&self) -> Vec<Revision> {
        self.with(|state| {
            state
                .revisions
                .iter()
                .filter(|revision| revision.active)
                .cloned()
                .collect()
        })
    }

    async fn call<T>(
        &self,
        action: &'static str,
        effect: impl FnOnce(&mut State) -> Answer<T>,
    ) -> Answer<T> {
        let number = self.count.fetch_add(1, Ordering::SeqCst);
        self.clock.latency().await;
        let crash = *self.crash.lock().expect("lock is not poisoned");
        if crash == Some((number, Moment::Before)) {
            self.die().await;
        }
        let answer = self.with(|state| {
            state.now = Some(self.clock.now());
            state.calls.push(action);
            let count = state.counts.entry(action).or_default();
            let here = *count;
            *count += 1;
            let fault = state.faults.get(action);
            if let Some((_, error)) = fault.filter(|(calls, _)| calls.contains(&here)) {
                return Err(error.clone());
            }
            let answer = match state.errors.get_mut(action).and_then(VecDeque::pop_front) {
                Some(error) => Err(error),
                None => {
                    let answer = effect(state);
                    state.lost.remove(action).map_or(answer, Err)
                }
            };
            let changes = state.meanwhile.remove(&(action, here));
            for change in changes.into_iter().flatten() {
                change(state);
            }
            answer
        });
        let fatal = self
            .fatal
            .lock()
            .expect("lock is not poisoned")
            .take_if(|fatal| *fatal == action);
        if crash == Some((number, Moment::After)) || fatal.is_some() {
            self.die().await;
        }
        self.clock.latency().await;
        answer
    }

    async fn die(&self) {
        self.died.notify_one();
        std::future::pending().await
    }

    fn deployments_error(&self, action: &'static str) -> Option<AwsError> {
        let denied = self.deployments_api == DeploymentsApi::Denied;
        denied.then(|| AwsError::service(action, "AccessDeniedException", "not allowed"))
    }
}

/// ARN of the only cluster.
pub(crate) const CLUSTER_ARN: &str = "arn:aws:ecs:eu-central-1:123456789012:cluster/main";

fn refuse<T>(action: &'static str, code: &str, message: &str) -> Answer<T> {
    Err(AwsError::service(action, code, message))
}

impl State {
    fn id(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    fn now(&self) -> Timestamp {
        self.now.expect("set by every call")
    }

    fn script_of(&self, name: &str) -> Script {
        self.scripts.get(name).cloned().unwrap_or_default()
    }

    fn check_cluster(action: &'static str, cluster: &str) -> Answer<()> {
        match [CLUSTER_ARN, "main"].contains(&cluster) {
            true => Ok(()),
            false => refuse(action, "ClusterNotFoundException", "Cluster not found."),
        }
    }

    /// Removes a deleted service, as ECS does after some time.
    pub(crate) fn forget(&mut self, name: &str) {
        self.services.remove(name);
    }

    /// Hides a service for the specified number of polls.
    pub(crate) fn hide(&mut self, name: &str, looks: usize) {
        self.services.get_mut(name).expect("the service").missing = looks;
    }

    /// Simulates another process that changes a service.
    pub(crate) fn change(&mut self, name: &str, change: impl FnOnce(&mut Service)) {
        change(&mut self.services.get_mut(name).expect("the service").service);
    }

    /// Simulates another process that deletes a service.
    pub(crate) fn drain(&mut self, name: &str) {
        let entry = self.services.get_mut(name).expect("the service");
        entry.service.status = ServiceStatus::Draining;
        entry.going = None;
    }

    /// Simulates another process that registers the current revision of a service with a different image and deploys
    /// it.
    pub(crate) fn release(&mut self, name: &str, image: &str) {
        let running = self.services[name].service.task_definition.clone();
        let running = self
            .revisions
            .iter()
            .find(|revision| revision.arn == running);
        let mut definition = running.expect("running revision").definition.clone();
        definition.container.image = image.into();
        let arn = self.register(&definition, &Tags::new());
        let entry = self.services.get_mut(name).expect("the service");
        entry.service.task_definition = arn;
        self.deploy(name);
    }

    /// Registers a revision. Also simulates registrations by other processes.
    pub(crate) fn register(&mut self, definition: &TaskDefinition, tags: &Tags) -> String {
        let family = &definition.family;
        let prefix = format!("/{family}:");
        let same = self
            .revisions
            .iter()
            .filter(|revision| revision.arn.contains(&prefix));
        let number = same.count() + 1;
        let arn =
            format!("arn:aws:ecs:eu-central-1:123456789012:task-definition/{family}:{number}");
        self.revisions.push(Revision {
            arn: arn.clone(),
            definition: definition.clone(),
            tags: tags.clone(),
            active: true,
        });
        arn
    }

    fn check_revision(&self, action: &'static str, arn: &str) -> Answer<()> {
        match self.revisions.iter().find(|revision| revision.arn == arn) {
            Some(revision) if revision.active => Ok(()),
            Some(_) => refuse(action, "ClientException", "TaskDefinition is inactive"),
            None => refuse(action, "ClientException", "TaskDefinition not found."),
        }
    }
}
