//! Diagnostics for a failed rollout: its result, the known causes, the running revision, and the remedy.

use std::fmt;

use super::explained::Explained;
use super::remedies::percentages;
use crate::ecs::api::{BreakerCount, StoppedContainer};
use crate::ecs::service::TaskLimits;
use crate::ecs::verdict::{BLOCKED_DEPLOYMENT, RolloutFailure, STUCK};

/// Maximum number of stopped task groups in a diagnostic.
const TASK_GROUPS: usize = 3;
/// Maximum number of events in a diagnostic.
const EVENTS: usize = 5;
/// Maximum number of unhealthy targets in a diagnostic.
const TARGETS: usize = 5;

impl Explained for RolloutFailure {
    fn summary(&self) -> String {
        let result = match self.status.as_str() {
            "ROLLBACK_SUCCESSFUL" => "failed and was rolled back",
            "ROLLBACK_FAILED" => "failed, and the rollback also failed",
            "STOPPED" => "was stopped",
            "REPLACED" => "was replaced by another deployment",
            "TIMED_OUT" => "did not complete in time",
            STUCK => "cannot replace a task",
            _ => "failed",
        };
        format!("Rollout of {} {result}", self.service)
    }

    fn detail(&self) -> String {
        Text(self).to_string()
    }
}

/// Returns the remedy for the first known cause.
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
    let texts: Vec<&str> = tasks
        .chain(events)
        .chain(failure.reason.as_deref())
        .collect();
    let known = HINTS
        .iter()
        .find(|(fragment, _)| texts.iter().any(|text| text.contains(fragment)));
    known.map_or(
        "Check the service events and logs, correct the cause, and apply again.",
        |(_, hint)| hint,
    )
}

/// Fragments of ECS messages and their remedies, most specific first.
const HINTS: [(&str, &str); 17] = [
    (
        "exec format error",
        "The image is built for a different CPU architecture. Build the image for the architecture in \
         cpu_architecture, or change cpu_architecture.",
    ),
    (
        "CannotPullContainerError",
        "The image cannot be pulled. Check that the repository and the tag exist, that the execution role can pull images, \
         and that the subnets can reach the registry (NAT gateway, or endpoints for ecr.api, ecr.dkr and s3).",
    ),
    (
        "ResourceInitializationError",
        "The task cannot be initialized. Check that the execution role can read the secrets, that the log group exists, \
         and that the subnets can reach Secrets Manager and CloudWatch Logs.",
    ),
    (
        "CannotStartContainerError",
        "The container cannot be started. Check that command and entry_point are valid for the image.",
    ),
    (
        "OutOfMemory",
        "A container ran out of memory. Increase `memory`.",
    ),
    (
        "out of memory or did not stop in time",
        "Increase `memory`, or make sure that the application exits within stop_timeout seconds after SIGTERM.",
    ),
    (
        "failed ELB health checks",
        "The load balancer health checks fail. Check the path and the port of the health check, the security groups, \
         and health_check_grace_period_seconds.",
    ),
    (
        "is unhealthy in (target-group",
        "The load balancer health checks fail. Check the path and the port of the health check, the security groups, \
         and health_check_grace_period_seconds.",
    ),
    (
        "failed container health checks",
        "The container health check fails. Test the command in health_check in the image.",
    ),
    (
        "Essential container in task exited",
        "The application in an essential container exited. Check the container log.",
    ),
    (
        "limit on the number of",
        "The Fargate quota of the account is exhausted. Request a quota increase in Service Quotas, or run fewer tasks.",
    ),
    (
        "is above your limit",
        "The Fargate quota of the account is exhausted. Request a quota increase in Service Quotas, or run smaller tasks.",
    ),
    (
        "no container instance met all of its requirements",
        "The service requires EC2 capacity, because it was not created for Fargate.",
    ),
    (
        BLOCKED_DEPLOYMENT,
        "minimum_healthy_percent and maximum_percent do not allow ECS to replace a task.",
    ),
    (
        "number of protected tasks",
        "Tasks with scale-in protection are running. Remove the protection from these tasks.",
    ),
    (
        "operations are being throttled",
        "ECS is throttling this service. Apply again later.",
    ),
    (
        "is unable to consistently start tasks",
        "Tasks stop repeatedly. Check the reasons in this message and the log.",
    ),
];

/// Returns the usual meaning of an exit code.
fn exit_meaning(code: i32) -> Option<&'static str> {
    Some(match code {
        0 => "exited without an error",
        1 => "application error",
        126 | 127 => "command not found or not executable",
        134 => "aborted",
        137 => "killed: out of memory or did not stop in time",
        139 => "segmentation fault",
        143 => "terminated by SIGTERM",
        _ => return None,
    })
}

/// Detail of the diagnostic.
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
        if let Some(limits) = &self.0.blocked_limits {
            write_limits(f, limits)?;
        }
        self.write_tasks(f)?;
        self.write_logs(f)?;
        self.write_targets(f)?;
        self.write_events(f)?;
        for item in &self.0.unavailable {
            writeln!(f, "Not available: {item}")?;
        }
        match &self.0.runs {
            Some(revision) => writeln!(f, "The service now runs {revision}.")?,
            None => writeln!(f, "The service is not running any revision.")?,
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
                "Log of container {} in task {}:",
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

/// Writes the configured percentages, and percentages that would allow ECS to replace a task.
fn write_limits(f: &mut fmt::Formatter<'_>, limits: &TaskLimits) -> fmt::Result {
    let TaskLimits {
        minimum,
        maximum,
        count,
    } = limits;
    write!(
        f,
        "No task can be replaced: minimum_healthy_percent = {minimum} and maximum_percent = {maximum} with a desired \
         count of {count}."
    )?;
    match limits.check() {
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
