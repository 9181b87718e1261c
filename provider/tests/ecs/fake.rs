//! ECS in memory, with the manners of the real one: eventual answers, deployments that take several looks, rollbacks
//! that end steady, services that drain, tasks that are forgotten, and a process that dies in the middle of a call.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use skreg::aws::AwsError;
use skreg::ecs::api::*;
use skreg::ecs::clock::Clock;
use skreg::ecs::definition::TaskDefinition;
use skreg::ecs::service::{Capacity, Platform};
use tokio::sync::Notify;

/// A clock that moves when somebody sleeps, and remembers for how long.
pub(crate) struct FakeClock(Mutex<(Timestamp, Vec<Duration>)>);

impl FakeClock {
    pub(crate) fn new() -> Self {
        Self(Mutex::new((
            Timestamp::from_second(1_800_000_000).expect("a moment"),
            Vec::new(),
        )))
    }

    pub(crate) fn slept(&self) -> Duration {
        self.0.lock().expect("no panic while held").1.iter().sum()
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Timestamp {
        self.0.lock().expect("no panic while held").0
    }

    fn left_until(&self, deadline: Instant) -> Duration {
        deadline.saturating_duration_since(Instant::now())
    }

    async fn sleep(&self, duration: Duration) {
        let mut inner = self.0.lock().expect("no panic while held");
        inner.0 += duration;
        inner.1.push(duration);
    }
}

/// How a deployment ends.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum End {
    Succeeds,
    RollsBack,
    StaysFailed,
    Hangs,
}

/// How a service behaves.
#[derive(Clone)]
pub(crate) struct Script {
    /// Looks until a deployment ends.
    pub(crate) looks: usize,
    pub(crate) end: End,
    /// Looks during which a new service is missing.
    pub(crate) missing: usize,
    /// Looks during which a deleted service drains.
    pub(crate) drains: usize,
    /// Tasks that stop during a deployment; each is shown once and then forgotten.
    pub(crate) tasks: Vec<StoppedTask>,
    /// Events during a deployment.
    pub(crate) events: Vec<&'static str>,
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

/// What becomes of the service deployment API.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum DeploymentsApi {
    Available,
    Denied,
    Empty,
    /// The first lists after a deployment began do not show it yet.
    Behind,
}

/// When the process dies, relative to the effect of a call.
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

/// The version of the platform that `LATEST` is.
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
    /// Lines by the beginning of `<group>:<stream>`.
    pub(crate) log_lines: BTreeMap<String, Vec<String>>,
    /// Tags of log groups that were made.
    pub(crate) made_log_groups: BTreeMap<String, Tags>,
    service_revisions: Vec<ServiceRevision>,
    /// Every update, as it was asked for.
    pub(crate) updates: Vec<UpdateService>,
    pub(crate) scripts: BTreeMap<String, Script>,
    pub(crate) errors: BTreeMap<&'static str, VecDeque<AwsError>>,
    /// Actions whose next answer is lost, after the effect.
    pub(crate) lost: BTreeMap<&'static str, AwsError>,
    pub(crate) calls: Vec<&'static str>,
}

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
        change(&mut self.state.lock().expect("no panic while held"))
    }

    pub(crate) fn script(&self, service: &str, script: Script) {
        self.with(|state| state.scripts.insert(service.to_owned(), script));
    }

    /// Lets the process die at a call, counted from now.
    pub(crate) fn crash_at(&self, call: usize, moment: Moment) {
        let call = self.count.load(Ordering::SeqCst) + call;
        *self.crash.lock().expect("no panic while held") = Some((call, moment));
    }

    /// Lets the process die after the next call of this action has had its effect.
    pub(crate) fn crash_after(&self, action: &'static str) {
        *self.fatal.lock().expect("no panic while held") = Some(action);
    }

    /// Runs until the end or the crash; `None` if it crashed.
    pub(crate) async fn survive<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            done = work => Some(done),
            () = self.died.notified() => None,
        }
    }

    /// The calls since the last time, and forgets them.
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
        let crash = *self.crash.lock().expect("no panic while held");
        if crash == Some((number, Moment::Before)) {
            self.die().await;
        }
        let answer = self.with(|state| {
            state.now = Some(self.clock.now());
            state.calls.push(action);
            match state.errors.get_mut(action).and_then(VecDeque::pop_front) {
                Some(error) => Err(error),
                None => {
                    let answer = effect(state);
                    state.lost.remove(action).map_or(answer, Err)
                }
            }
        });
        let fatal = self
            .fatal
            .lock()
            .expect("no panic while held")
            .take_if(|fatal| *fatal == action);
        if crash == Some((number, Moment::After)) || fatal.is_some() {
            self.die().await;
        }
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

/// The ARN of the one cluster.
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

    fn check_revision(&self, action: &'static str, arn: &str) -> Answer<()> {
        match self.revisions.iter().find(|revision| revision.arn == arn) {
            Some(revision) if revision.active => Ok(()),
            Some(_) => refuse(action, "ClientException", "TaskDefinition is inactive"),
            None => refuse(action, "ClientException", "TaskDefinition not found."),
        }
    }

    /// Starts a deployment of what the service says now.
    fn deploy(&mut self, name: &str, previous: Option<String>) {
        let (id, now, script) = (self.id(), self.now(), self.script_of(name));
        let arn =
            format!("arn:aws:ecs:eu-central-1:123456789012:service-deployment/main/{name}/{id}");
        let deployment_id = format!("ecs-svc/{id}");
        let revision = arn.replace("service-deployment", "service-revision");
        let running = &self.services[name].service.task_definition;
        let running = self
            .revisions
            .iter()
            .find(|revision| revision.arn == *running);
        let container = running.map(|revision| &revision.definition.container);
        let digest = container.map(|container| {
            let digest = format!("sha256:{:0>64}", container.image.len());
            (container.name.clone(), digest)
        });
        self.service_revisions.push(ServiceRevision {
            arn: revision.clone(),
            digests: digest.into_iter().collect(),
        });
        let entry = self.services.get_mut(name).expect("the service");
        for deployment in &mut entry.service.deployments {
            deployment.is_primary = false;
        }
        entry.service.deployments.insert(
            0,
            Deployment {
                id: deployment_id.clone(),
                is_primary: true,
                task_definition: entry.service.task_definition.clone(),
                rollout: Some(Rollout::InProgress),
                reason: None,
                platform_version: Some(PLATFORM.to_owned()),
                failed_tasks: 0,
                created_at: Some(now),
            },
        );
        let platform = &mut entry.service.settings.platform;
        if let Some(platform) = platform {
            platform.runs = match platform.asked == Platform::LATEST {
                true => Some(PLATFORM.to_owned()),
                false => Some(platform.asked.clone()),
            };
        }
        entry.service.current_deployment = Some(arn.clone());
        let previous_revision = entry.service.current_revision.replace(revision.clone());
        let replaced = entry.going.take();
        entry.going = Some(Going {
            looks: script.looks,
            end: script.end,
            previous,
            service_deployment: arn.clone(),
            previous_revision,
        });
        if let Some(replaced) = replaced {
            self.set_status(
                &replaced.service_deployment,
                "STOPPED",
                Some("superseded by a new deployment"),
            );
        }
        self.service_deployments.push((
            name.to_owned(),
            ServiceDeployment {
                arn,
                status: "IN_PROGRESS".into(),
                reason: None,
                rollback_reason: None,
                circuit_breaker: Some(BreakerCount {
                    status: "MONITORING".into(),
                    failures: 0,
                    threshold: 3,
                }),
                revision: Some(revision),
            },
        ));
        let tasks = script.tasks.into_iter().map(|task| StoppedTask {
            arn: format!("{}-{id}", task.arn),
            started_by: Some(deployment_id.clone()),
            ..task
        });
        let tasks = tasks.collect();
        self.tasks.insert(name.to_owned(), tasks);
        for text in script.events {
            self.event(name, text);
        }
    }

    fn event(&mut self, name: &str, text: &str) {
        let (id, at) = (self.id().to_string(), self.now());
        let entry = self.services.get_mut(name).expect("the service");
        let message = format!("(service {name}) {text}");
        entry.service.events.insert(0, Event { id, at, message });
    }

    fn set_status(&mut self, arn: &str, status: &str, reason: Option<&str>) {
        for (_, deployment) in &mut self.service_deployments {
            if deployment.arn == arn {
                deployment.status = status.into();
                deployment.reason = reason.map(Into::into);
                if let (Some(breaker), true) =
                    (&mut deployment.circuit_breaker, status != "SUCCESSFUL")
                {
                    *breaker = BreakerCount {
                        status: "TRIGGERED".into(),
                        failures: 3,
                        threshold: 3,
                    };
                }
            }
        }
    }

    /// What happens between two looks.
    fn tick(&mut self, name: &str) {
        let Some(entry) = self.services.get_mut(name) else {
            return;
        };
        if entry.service.status == ServiceStatus::Draining {
            match entry.drains.checked_sub(1) {
                Some(left) => entry.drains = left,
                None => entry.service.status = ServiceStatus::Inactive,
            }
            return;
        }
        match &mut entry.going {
            None => return,
            Some(going) if going.looks > 0 || going.end == End::Hangs => {
                going.looks = going.looks.saturating_sub(1);
                return;
            }
            Some(_) => {}
        }
        let going = entry.going.take().expect("checked above");
        self.end(name, &going);
    }

    fn end(&mut self, name: &str, going: &Going) {
        const BREAKER: &str = "ECS deployment circuit breaker: tasks failed to start.";
        let id = self.id();
        let entry = self.services.get_mut(name).expect("the service");
        let service = &mut entry.service;
        service.current_deployment = None;
        let status = match (going.end, &going.previous) {
            (End::Succeeds, _) => {
                service.deployments.truncate(1);
                service.deployments[0].rollout = Some(Rollout::Completed);
                service.running_count = service.settings.desired_count.unwrap_or_default();
                "SUCCESSFUL"
            }
            (End::RollsBack, Some(previous)) => {
                // Steady again, and nothing in the counts tells that the rollout failed.
                service.task_definition.clone_from(previous);
                service
                    .current_revision
                    .clone_from(&going.previous_revision);
                service.deployments = vec![Deployment {
                    id: format!("ecs-svc/{id}"),
                    task_definition: previous.clone(),
                    rollout: Some(Rollout::Completed),
                    reason: Some(format!("{BREAKER} rolled back")),
                    ..service.deployments[0].clone()
                }];
                "ROLLBACK_SUCCESSFUL"
            }
            _ => {
                service.deployments[0].rollout = Some(Rollout::Failed);
                service.deployments[0].reason = Some(BREAKER.into());
                "STOPPED"
            }
        };
        let reason = (status != "SUCCESSFUL").then_some(BREAKER);
        self.set_status(&going.service_deployment, status, reason);
        self.event(name, "has reached a steady state.");
    }
}

impl EcsApi for Fake<'_> {
    async fn cluster(&self, cluster: &str) -> Answer<Option<Cluster>> {
        let known = [CLUSTER_ARN, "main"].contains(&cluster);
        let found = |state: &mut State| {
            known.then(|| Cluster {
                arn: CLUSTER_ARN.into(),
                status: "ACTIVE".into(),
                capacity_providers: state.capacity_providers.clone(),
            })
        };
        self.call("ecs:DescribeClusters", |state| Ok(found(state)))
            .await
    }

    async fn register(&self, definition: &TaskDefinition, tags: &Tags) -> Answer<String> {
        self.call("ecs:RegisterTaskDefinition", |state| {
            let family = &definition.family;
            let number = state
                .revisions
                .iter()
                .filter(|revision| revision.arn.contains(&format!("/{family}:")))
                .count()
                + 1;
            let arn =
                format!("arn:aws:ecs:eu-central-1:123456789012:task-definition/{family}:{number}");
            let (definition, tags) = (definition.clone(), tags.clone());
            state.revisions.push(Revision {
                arn: arn.clone(),
                definition,
                tags,
                active: true,
            });
            Ok(arn)
        })
        .await
    }

    async fn revision(&self, id: &str) -> Answer<Option<Revision>> {
        self.call("ecs:DescribeTaskDefinition", |state| {
            let newest_first = state.revisions.iter().rev();
            let mut fitting = newest_first.filter(|revision| {
                revision.arn.ends_with(&format!("/{id}"))
                    || revision.arn == id
                    || (revision.active && revision.definition.family == id)
            });
            Ok(fitting.next().cloned())
        })
        .await
    }

    async fn active_revisions(&self, family: &str) -> Answer<Vec<String>> {
        self.call("ecs:ListTaskDefinitions", |state| {
            let newest_first = state.revisions.iter().rev();
            let active = newest_first
                .filter(|revision| revision.active && revision.definition.family == family);
            Ok(active.map(|revision| revision.arn.clone()).collect())
        })
        .await
    }

    async fn deregister(&self, arn: &str) -> Answer<()> {
        self.call("ecs:DeregisterTaskDefinition", |state| {
            let found = state
                .revisions
                .iter_mut()
                .filter(|revision| revision.arn == arn);
            found.for_each(|revision| revision.active = false);
            Ok(())
        })
        .await
    }

    fn client_token(&self) -> Answer<String> {
        Ok(format!("token-{}", self.with(State::id)))
    }

    async fn create_service(&self, request: &CreateService) -> Answer<Service> {
        const ACTION: &str = "ecs:CreateService";
        self.call(ACTION, |state| {
            assert!(
                request.client_token.len() <= 36,
                "the API takes 36 characters"
            );
            state.check_revision(ACTION, &request.task_definition)?;
            match state
                .services
                .get(&request.name)
                .map(|entry| (entry.service.status, &entry.token))
            {
                Some((ServiceStatus::Active, token)) if *token == request.client_token => {
                    return Ok(state.services[&request.name].service.clone());
                }
                Some((ServiceStatus::Active, _)) => {
                    return refuse(
                        ACTION,
                        "InvalidParameterException",
                        "Creation of service was not idempotent.",
                    );
                }
                // ECS remembers a token longer than the service.
                Some((ServiceStatus::Inactive, token)) if *token == request.client_token => {
                    return Ok(state.services[&request.name].service.clone());
                }
                Some((ServiceStatus::Draining, _)) => {
                    let text = "Unable to Start a service that is still Draining.";
                    return refuse(ACTION, "InvalidParameterException", text);
                }
                _ => {}
            }
            let script = state.script_of(&request.name);
            let mut settings = request.settings.clone();
            settings.desired_count.get_or_insert(1);
            settings.platform.get_or_insert_with(|| Platform {
                asked: Platform::LATEST.to_owned(),
                runs: None,
            });
            let service = Service {
                arn: format!(
                    "arn:aws:ecs:eu-central-1:123456789012:service/main/{}",
                    request.name
                ),
                name: request.name.clone(),
                cluster_arn: CLUSTER_ARN.into(),
                status: ServiceStatus::Active,
                settings,
                task_definition: request.task_definition.clone(),
                running_count: 0,
                deployments: Vec::new(),
                events: Vec::new(),
                current_deployment: None,
                current_revision: None,
                created_at: Some(state.now()),
                tags: request.tags.clone(),
            };
            let token = request.client_token.clone();
            let (missing, drains) = (script.missing, script.drains);
            state.services.insert(
                request.name.clone(),
                Entry {
                    service,
                    token,
                    going: None,
                    missing,
                    drains,
                },
            );
            state.deploy(&request.name, None);
            Ok(state.services[&request.name].service.clone())
        })
        .await
    }

    async fn update_service(&self, request: &UpdateService) -> Answer<Service> {
        const ACTION: &str = "ecs:UpdateService";
        self.call(ACTION, |state| {
            if let Some(arn) = &request.task_definition {
                state.check_revision(ACTION, arn)?;
            }
            let Some(entry) = state.services.get_mut(&request.name) else {
                return refuse(ACTION, "ServiceNotFoundException", "Service not found.");
            };
            if entry.service.status != ServiceStatus::Active {
                return refuse(
                    ACTION,
                    "ServiceNotActiveException",
                    "Service was not ACTIVE.",
                );
            }
            state.updates.push(request.clone());
            if request.capacity.is_some() && !request.force_new_deployment {
                let text = "Changing the capacity provider strategy needs forceNewDeployment.";
                return refuse(ACTION, "InvalidParameterException", text);
            }
            let service = &mut entry.service;
            let previous = service.task_definition.clone();
            if let Some(settings) = &request.settings {
                let kept = service.settings.clone();
                let (network, balancers) = (
                    service.settings.network.clone(),
                    service.settings.load_balancers.clone(),
                );
                let desired_count = service.settings.desired_count;
                service.settings = settings.clone();
                service.settings.network = network;
                service.settings.load_balancers = balancers;
                service.settings.desired_count = desired_count;
                service.settings.capacity = kept.capacity;
                service.settings.platform = kept.platform;
                service.settings.service_connect = kept.service_connect;
            }
            if let Some(capacity) = &request.capacity {
                service.settings.capacity = Some(match capacity {
                    Capacity::Providers(shares) => Capacity::Providers(shares.clone()),
                    Capacity::LaunchType(_) => Capacity::LaunchType("FARGATE".to_owned()),
                });
            }
            if let Some(asked) = &request.platform_version {
                let asked = asked.clone();
                service.settings.platform = Some(Platform { asked, runs: None });
            }
            if let Some(connect) = &request.service_connect {
                service.settings.service_connect = connect.clone();
            }
            if let Some(network) = &request.network {
                service.settings.network = network.clone();
            }
            if let Some(balancers) = &request.load_balancers {
                service.settings.load_balancers = balancers.clone();
            }
            if let Some(count) = request.desired_count {
                service.settings.desired_count = Some(count);
            }
            if let Some(arn) = &request.task_definition {
                service.task_definition.clone_from(arn);
            }
            if request.starts_deployment() {
                state.deploy(&request.name, Some(previous));
            }
            Ok(state.services[&request.name].service.clone())
        })
        .await
    }

    async fn delete_service(&self, _cluster: &str, service: &str) -> Answer<()> {
        const ACTION: &str = "ecs:DeleteService";
        self.call(ACTION, |state| match state.services.get_mut(service) {
            None => refuse(ACTION, "ServiceNotFoundException", "Service not found."),
            Some(entry) if entry.service.status != ServiceStatus::Active => refuse(
                ACTION,
                "ServiceNotActiveException",
                "Service was not ACTIVE.",
            ),
            Some(entry) => {
                assert_eq!(
                    entry.service.settings.desired_count,
                    Some(0),
                    "scaled to zero first"
                );
                entry.service.status = ServiceStatus::Draining;
                entry.going = None;
                Ok(())
            }
        })
        .await
    }

    async fn services(&self, _cluster: &str, names: &[String]) -> Answer<Vec<Service>> {
        self.call("ecs:DescribeServices", |state| {
            let mut all = Vec::new();
            for name in names {
                state.tick(name);
                let Some(entry) = state.services.get_mut(name) else {
                    continue;
                };
                match entry.missing.checked_sub(1) {
                    Some(left) => entry.missing = left,
                    None => all.push(entry.service.clone()),
                }
            }
            Ok(all)
        })
        .await
    }

    async fn service_arns(&self, _cluster: &str) -> Answer<Vec<String>> {
        let services = self.active_services();
        self.call("ecs:ListServices", |_| {
            Ok(services.into_iter().map(|service| service.arn).collect())
        })
        .await
    }

    async fn retag(&self, arn: &str, set: &Tags, remove: &[String]) -> Answer<()> {
        self.call("ecs:TagResource", |state| {
            let entries = state
                .services
                .values_mut()
                .filter(|entry| entry.service.arn == arn);
            for entry in entries {
                entry.service.tags.retain(|key, _| !remove.contains(key));
                entry.service.tags.extend(set.clone());
            }
            Ok(())
        })
        .await
    }

    async fn service_deployments(
        &self,
        _cluster: &str,
        service: &str,
    ) -> Answer<Vec<ListedDeployment>> {
        const ACTION: &str = "ecs:ListServiceDeployments";
        let refusal = self.deployments_error(ACTION);
        let empty = self.deployments_api == DeploymentsApi::Empty;
        let behind = self.deployments_api == DeploymentsApi::Behind;
        self.call(ACTION, |state| {
            refusal.map_or(Ok(()), Err)?;
            let going = state
                .services
                .get(service)
                .and_then(|entry| entry.going.as_ref());
            let hidden = going
                .filter(|going| behind && going.looks > 0)
                .map(|going| going.service_deployment.clone());
            let newest_first = state.service_deployments.iter().rev();
            let all = newest_first.filter(|(name, _)| name == service && !empty);
            let all = all.map(|(_, deployment)| ListedDeployment {
                arn: deployment.arn.clone(),
                status: deployment.status.clone(),
                created_at: None,
            });
            Ok(all
                .filter(|listed| hidden.as_ref() != Some(&listed.arn))
                .collect())
        })
        .await
    }

    async fn service_deployment(&self, arn: &str) -> Answer<Option<ServiceDeployment>> {
        self.call("ecs:DescribeServiceDeployments", |state| {
            let mut all = state.service_deployments.iter();
            Ok(all
                .find(|(_, deployment)| deployment.arn == arn)
                .map(|(_, deployment)| deployment.clone()))
        })
        .await
    }

    async fn service_revisions(&self, arns: &[String]) -> Answer<Vec<ServiceRevision>> {
        self.call("ecs:DescribeServiceRevisions", |state| {
            let all = state.service_revisions.iter();
            Ok(all
                .filter(|revision| arns.contains(&revision.arn))
                .cloned()
                .collect())
        })
        .await
    }

    async fn has_log_group(&self, group: &LogGroup) -> Answer<bool> {
        self.call("logs:DescribeLogGroups", |state| {
            Ok(state.log_groups.contains(&group.name))
        })
        .await
    }

    async fn create_log_group(&self, group: &LogGroup, tags: &Tags) -> Answer<()> {
        self.call("logs:CreateLogGroup", |state| {
            if state.log_groups.insert(group.name.clone()) {
                state
                    .made_log_groups
                    .insert(group.name.clone(), tags.clone());
            }
            Ok(())
        })
        .await
    }

    async fn log_tail(&self, group: &LogGroup, stream: &str, lines: u32) -> Answer<Vec<String>> {
        const ACTION: &str = "logs:GetLogEvents";
        self.call(ACTION, |state| {
            // Ids of tasks are not known beforehand.
            let asked = format!("{}:{stream}", group.name);
            let mut streams = state.log_lines.iter();
            let Some((_, all)) = streams.find(|(name, _)| asked.starts_with(*name)) else {
                let text = "The specified log stream does not exist.";
                return refuse(ACTION, "ResourceNotFoundException", text);
            };
            let skipped = all.len().saturating_sub(lines as usize);
            Ok(all[skipped..].to_vec())
        })
        .await
    }

    async fn stopped_tasks(&self, _cluster: &str, service: &str) -> Answer<Vec<StoppedTask>> {
        self.call("ecs:ListTasks", |state| {
            Ok(state.tasks.remove(service).unwrap_or_default())
        })
        .await
    }

    async fn target_groups(&self, arns: &[String]) -> Answer<Vec<TargetGroup>> {
        self.call("elasticloadbalancing:DescribeTargetGroups", |state| {
            Ok(state
                .target_groups
                .iter()
                .filter(|group| arns.contains(&group.arn))
                .cloned()
                .collect())
        })
        .await
    }

    async fn target_health(&self, _target_group: &str) -> Answer<Vec<TargetHealth>> {
        let unhealthy = TargetHealth {
            target: "10.0.10.7:8080".into(),
            state: "unhealthy".into(),
            reason: Some(
                "Target.ResponseCodeMismatch: Health checks failed with these codes: [502]".into(),
            ),
        };
        self.call("elasticloadbalancing:DescribeTargetHealth", |_| {
            Ok(vec![unhealthy])
        })
        .await
    }
}
