//! A failed rollout in words: what happened, why as far as it is known, what runs now, and what to do.

use std::fmt;

use super::explained::Explained;
use super::remedies::percentages;
use crate::ecs::api::{BreakerCount, StoppedContainer};
use crate::ecs::service::Room;
use crate::ecs::verdict::{NO_ROOM, RolloutFailure, STUCK};

/// How many kinds of stopped tasks are shown.
const TASK_GROUPS: usize = 3;
/// How many events are shown.
const EVENTS: usize = 5;
/// How many targets that are not healthy are shown.
const TARGETS: usize = 5;

impl Explained for RolloutFailure {
    /// One line: which service, and how its rollout ended.
    fn summary(&self) -> String {
        let how = match self.status.as_str() {
            "ROLLBACK_SUCCESSFUL" => "failed and was rolled back",
            "ROLLBACK_FAILED" => "failed, and so did the rollback",
            "STOPPED" => "was stopped",
            "REPLACED" => "was replaced by another deployment",
            "TIMED_OUT" => "is not done in time",
            STUCK => "cannot replace a task",
            _ => "failed",
        };
        format!("Rollout of {} {how}", self.service)
    }

    fn detail(&self) -> String {
        Text(self).to_string()
    }
}

/// What to do, by the first cause that is recognised.
fn hint(failure: &RolloutFailure) -> &'static str {
    let tasks = failure.tasks.iter().flat_map(|group| {
        let containers = group.containers.iter();
        let reasons = containers
            .clone()
            .filter_map(|container| container.reason.as_deref());
        let exits = containers.filter_map(|container| exit_meaning(container.exit_code?));
        group
            .reason
            .as_deref()
            .into_iter()
            .chain(reasons)
            .chain(exits)
    });
    let events = failure.events.iter().map(|event| event.message.as_str());
    let said: Vec<&str> = tasks
        .chain(events)
        .chain(failure.reason.as_deref())
        .collect();
    let known = HINTS
        .iter()
        .find(|(fragment, _)| said.iter().any(|text| text.contains(fragment)));
    known.map_or(
        "Check the events and the log of the service, correct the cause, then apply again.",
        |(_, hint)| hint,
    )
}

/// Fragments of what ECS says, the most telling first, and what to do.
const HINTS: [(&str, &str); 17] = [
    (
        "exec format error",
        "The image is built for another architecture: build it for cpu_architecture, or change that.",
    ),
    (
        "CannotPullContainerError",
        "The image cannot be pulled. Check that repository and tag exist, that the execution role may pull, and that the \
         subnets reach the registry (NAT gateway, or endpoints for ecr.api, ecr.dkr and s3).",
    ),
    (
        "ResourceInitializationError",
        "The task cannot be prepared. Check that the execution role may read the secrets, that the log group exists, \
         and that the subnets reach Secrets Manager and CloudWatch Logs.",
    ),
    (
        "CannotStartContainerError",
        "The container cannot be started: check command and entry_point against the image.",
    ),
    (
        "OutOfMemory",
        "A container ran out of memory: raise `memory`.",
    ),
    (
        "out of memory or did not stop in time",
        "Raise `memory`, or let the program end on SIGTERM within stop_timeout.",
    ),
    (
        "failed ELB health checks",
        "The load balancer finds the tasks unhealthy. Check path and port of the health check, the security groups, \
         and health_check_grace_period_seconds.",
    ),
    (
        "is unhealthy in (target-group",
        "The load balancer finds the tasks unhealthy. Check path and port of the health check, the security groups, \
         and health_check_grace_period_seconds.",
    ),
    (
        "failed container health checks",
        "The container's own health_check fails: try its command in the image.",
    ),
    (
        "Essential container in task exited",
        "The program in an essential container exited. Check its log.",
    ),
    (
        "limit on the number of",
        "The Fargate quota of the account is exhausted. Request an increase in Service Quotas, or run fewer tasks.",
    ),
    (
        "is above your limit",
        "The Fargate quota of the account is exhausted. Request an increase in Service Quotas, or run smaller tasks.",
    ),
    (
        "no container instance met all of its requirements",
        "The service requires EC2 capacity, because it was not created for Fargate.",
    ),
    (
        NO_ROOM,
        "minimum_healthy_percent and maximum_percent leave no room to replace a task.",
    ),
    (
        "number of protected tasks",
        "Protected tasks are running: end their protection.",
    ),
    (
        "operations are being throttled",
        "ECS is limiting this service for a while: apply again later.",
    ),
    (
        "is unable to consistently start tasks",
        "Tasks keep stopping: look at the reasons above and at the log.",
    ),
];

/// What an exit code usually means.
fn exit_meaning(code: i32) -> Option<&'static str> {
    Some(match code {
        0 => "exited without an error",
        1 => "error of the program",
        126 | 127 => "command not found or not executable",
        134 => "aborted",
        137 => "killed: out of memory or did not stop in time",
        139 => "segmentation fault",
        143 => "ended by SIGTERM",
        _ => return None,
    })
}

/// The body of a diagnostic.
struct Text<'f>(&'f RolloutFailure);

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Service {}, deployment {}: {}",
            self.0.service, self.0.deployment, self.0.status
        )?;
        match &self.0.reason {
            Some(reason) => writeln!(f, ": {reason}")?,
            None => writeln!(f)?,
        }
        if let Some(breaker) = &self.0.circuit_breaker {
            let BreakerCount {
                status,
                failures,
                threshold,
            } = breaker;
            writeln!(
                f,
                "Circuit breaker: {failures} of {threshold} failed tasks ({status})"
            )?;
        }
        if let Some(room) = &self.0.no_room {
            write_room(f, room)?;
        }
        self.write_tasks(f)?;
        self.write_logs(f)?;
        self.write_targets(f)?;
        self.write_events(f)?;
        for blind_spot in &self.0.blind_spots {
            writeln!(f, "Not seen: {blind_spot}")?;
        }
        match &self.0.runs {
            Some(revision) => writeln!(f, "The service now runs {revision}.")?,
            None => writeln!(f, "The service now runs nothing.")?,
        }
        write!(f, "\n{}", hint(self.0))?;
        match &self.0.console {
            Some(console) => write!(f, "\n{console}"),
            None => Ok(()),
        }
    }
}

impl Text<'_> {
    fn write_tasks(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.0.tasks.is_empty() {
            writeln!(f, "Stopped tasks:")?;
        }
        for group in self.0.tasks.iter().take(TASK_GROUPS) {
            write!(
                f,
                "  {} x {}",
                group.count,
                group.stop_code.as_deref().unwrap_or("stopped")
            )?;
            match &group.reason {
                Some(reason) => writeln!(f, ": {reason}")?,
                None => writeln!(f)?,
            }
            for container in &group.containers {
                write_container(f, container)?;
            }
        }
        match self.0.tasks.len().saturating_sub(TASK_GROUPS) {
            0 => Ok(()),
            more => writeln!(f, "  and {more} other reasons"),
        }
    }

    fn write_logs(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for log in &self.0.logs {
            writeln!(
                f,
                "Log of container {} of task {}:",
                log.container, log.task
            )?;
            for line in &log.lines {
                writeln!(f, "  {line}")?;
            }
        }
        Ok(())
    }

    fn write_targets(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.0.targets.is_empty() {
            writeln!(f, "Load balancer targets:")?;
        }
        for target in self.0.targets.iter().take(TARGETS) {
            write!(f, "  {} is {}", target.target, target.state)?;
            match &target.reason {
                Some(reason) => writeln!(f, ": {reason}")?,
                None => writeln!(f)?,
            }
        }
        Ok(())
    }

    fn write_events(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.0.events.is_empty() {
            writeln!(f, "Events since the deployment began:")?;
        }
        let skipped = self.0.events.len().saturating_sub(EVENTS);
        for event in &self.0.events[skipped..] {
            writeln!(f, "  {} {}", event.at.strftime("%H:%M:%S"), event.message)?;
        }
        Ok(())
    }
}

/// The percentages, and which ones would do.
fn write_room(f: &mut fmt::Formatter<'_>, room: &Room) -> fmt::Result {
    let Room {
        minimum,
        maximum,
        count,
    } = room;
    write!(
        f,
        "No task can be replaced: minimum_healthy_percent = {minimum} and maximum_percent = {maximum} with a desired \
         count of {count}."
    )?;
    match room.check() {
        Err(error) => writeln!(f, " {}", percentages(error, Some(*count))),
        Ok(()) => writeln!(f),
    }
}

fn write_container(f: &mut fmt::Formatter<'_>, container: &StoppedContainer) -> fmt::Result {
    write!(f, "      container {}: ", container.name)?;
    match container.exit_code {
        Some(code) => {
            write!(f, "exit code {code}")?;
            if let Some(meaning) = exit_meaning(code) {
                write!(f, " ({meaning})")?;
            }
        }
        None => write!(f, "never started")?,
    }
    match &container.reason {
        Some(reason) => writeln!(f, ": {reason}"),
        None => writeln!(f),
    }
}
