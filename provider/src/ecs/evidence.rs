//! Evidence that is collected during a rollout. ECS keeps stopped tasks for about an hour and keeps a limited number of
//! events. Therefore, the evidence is collected at every poll instead of at the end.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::api::{EcsApi, Event, Service, StoppedContainer, StoppedTask, TargetHealth};
use super::target::Target;
use super::verdict::TaskGroup;

/// Tolerance for the difference between the ECS clock and the clock of the event log.
const CLOCK_SLACK: SignedDuration = SignedDuration::from_secs(5);

/// Evidence from one rollout.
#[derive(Debug, Default)]
pub(super) struct Evidence {
    events: BTreeMap<(Timestamp, String), Event>,
    tasks: BTreeMap<String, StoppedTask>,
    targets: Vec<TargetHealth>,
    unavailable: BTreeSet<String>,
}

impl Evidence {
    /// Collects the events in the service description, and the tasks that stopped since the last poll.
    pub(super) async fn gather<A: EcsApi>(&mut self, api: &A, target: &Target, service: &Service) {
        let since = target.since.map(|since| since - CLOCK_SLACK);
        let new = service
            .events
            .iter()
            .filter(|event| since.is_none_or(|since| event.at >= since));
        self.events
            .extend(new.map(|event| ((event.at, event.id.clone()), event.clone())));
        match api.stopped_tasks(&target.cluster, &target.service).await {
            Ok(tasks) => {
                let ours = tasks.into_iter().filter(|task| belongs(task, target));
                self.tasks.extend(ours.map(|task| (task.arn.clone(), task)));
            }
            Err(error) => self.note_unavailable(&format!("stopped tasks ({error})")),
        }
    }

    /// Collects the unhealthy load balancer targets. Called once, after the rollout has failed.
    pub(super) async fn gather_targets<A: EcsApi>(&mut self, api: &A, service: &Service) {
        for group in service
            .settings
            .load_balancers
            .iter()
            .map(|balancer| &balancer.target_group_arn)
        {
            match api.target_health(group).await {
                Ok(targets) => self.targets.extend(
                    targets
                        .into_iter()
                        .filter(|target| target.state != "healthy"),
                ),
                Err(error) => self.note_unavailable(&format!("targets of {group} ({error})")),
            }
        }
    }

    /// Records which data could not be read, and why.
    pub(super) fn note_unavailable(&mut self, what: &str) {
        self.unavailable.insert(what.to_owned());
    }

    /// Returns one task for each kind of failure, most frequent first.
    pub(super) fn samples(&self) -> Vec<StoppedTask> {
        let groups = self.task_groups();
        let sample = |group: &TaskGroup| {
            let mut alike = self.tasks.values().filter(|task| {
                task.stop_code == group.stop_code
                    && task.reason == group.reason
                    && task.containers == group.containers
            });
            alike.next().cloned()
        };
        groups.iter().filter_map(sample).collect()
    }

    pub(super) fn events(&self) -> Vec<Event> {
        self.events.values().cloned().collect()
    }

    pub(super) fn targets(&self) -> Vec<TargetHealth> {
        self.targets.clone()
    }

    pub(super) fn unavailable(&self) -> Vec<String> {
        self.unavailable.iter().cloned().collect()
    }

    /// Returns the stopped tasks grouped by cause, most frequent first. Omits tasks that ECS stopped only to scale the
    /// service.
    pub(super) fn task_groups(&self) -> Vec<TaskGroup> {
        type Cause<'a> = (Option<&'a str>, Option<&'a str>, &'a [StoppedContainer]);
        let mut groups: BTreeMap<Cause<'_>, usize> = BTreeMap::new();
        for task in self.tasks.values().filter(|task| !is_scaling(task)) {
            let cause = (
                task.stop_code.as_deref(),
                task.reason.as_deref(),
                task.containers.as_slice(),
            );
            *groups.entry(cause).or_default() += 1;
        }
        let mut groups: Vec<TaskGroup> = groups
            .into_iter()
            .map(|((stop_code, reason, containers), count)| TaskGroup {
                count,
                stop_code: stop_code.map(str::to_owned),
                reason: reason.map(str::to_owned),
                containers: containers.to_vec(),
            })
            .collect();
        groups.sort_by_key(|group| std::cmp::Reverse(group.count));
        groups
    }
}

/// Returns whether this deployment started the task. If ECS does not report which deployment started the task, compares
/// the revisions instead.
fn belongs(task: &StoppedTask, target: &Target) -> bool {
    match (&task.started_by, &target.deployment) {
        (Some(started_by), Some(deployment)) => started_by == deployment,
        _ => task.task_definition == target.task_definition,
    }
}

fn is_scaling(task: &StoppedTask) -> bool {
    task.stop_code.as_deref() == Some("ServiceSchedulerInitiated")
        && task
            .reason
            .as_deref()
            .is_some_and(|reason| reason.starts_with("Scaling activity initiated by"))
}
