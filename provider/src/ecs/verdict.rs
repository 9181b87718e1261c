//! Failed rollouts: the failure, its known causes, and the state of the service.

use super::api::{BreakerCount, Event, StoppedContainer, TargetHealth};
use super::service::TaskLimits;

/// Status of a rollout that ECS would continue indefinitely without replacing a task.
pub const STUCK: &str = "STUCK";

/// Returns whether an event reports that the percentages of a service prevent the deployment. Source: "Amazon ECS
/// service event messages", Amazon ECS Developer Guide.
#[must_use]
pub fn reports_blocked_deployment(event: &Event) -> bool {
    event.message.contains(BLOCKED_DEPLOYMENT)
}

/// Fragment of the ECS event message for a deployment that the percentages of a service prevent.
pub const BLOCKED_DEPLOYMENT: &str = "because of the service deployment configuration";

/// A rollout that did not succeed, with all collected evidence.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RolloutFailure {
    /// Name of the service.
    pub service: String,
    /// ID or ARN of the deployment.
    pub deployment: String,
    /// Status of the deployment, such as `ROLLBACK_SUCCESSFUL`.
    pub status: String,
    /// Reason for the status, as reported by ECS.
    pub reason: Option<String>,
    /// Failure count of the circuit breaker.
    pub circuit_breaker: Option<BreakerCount>,
    /// Stopped tasks, grouped by cause, most frequent first.
    pub tasks: Vec<TaskGroup>,
    /// Last log lines from some of these tasks.
    pub logs: Vec<LogTail>,
    /// Task limits for the rollout, if ECS reports that they prevent the deployment.
    pub blocked_limits: Option<TaskLimits>,
    /// Targets that are not healthy.
    pub targets: Vec<TargetHealth>,
    /// Events since the deployment began, oldest first.
    pub events: Vec<Event>,
    /// Running revision, such as `skreg-api:7`. `None` if no task is running.
    pub runs: Option<String>,
    /// Data that could not be read, with the reason.
    pub unavailable: Vec<String>,
    /// Console URL of the service.
    pub console: Option<String>,
}

/// Tasks that stopped for the same reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskGroup {
    /// Number of tasks.
    pub count: usize,
    /// `stopCode`, such as `EssentialContainerExited`.
    pub stop_code: Option<String>,
    /// `stoppedReason`.
    pub reason: Option<String>,
    /// Containers in one of these tasks.
    pub containers: Vec<StoppedContainer>,
}

/// Last log lines from a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogTail {
    /// Name of the container.
    pub container: String,
    /// Task ID.
    pub task: String,
    /// Lines, oldest first.
    pub lines: Vec<String>,
}
