//! A failed rollout: what happened, why as far as it is known, and what runs now.

use super::api::{BreakerCount, Event, StoppedContainer, TargetHealth};
use super::service::Room;

/// The status of a rollout that ECS would go on with for ever without replacing a task.
pub const STUCK: &str = "STUCK";

/// Whether an event says that the percentages of a service leave no room.
/// Source: "Amazon ECS service event messages", Amazon ECS Developer Guide.
#[must_use]
pub fn says_no_room(event: &Event) -> bool {
    event.message.contains(NO_ROOM)
}

/// What ECS says where the percentages of a service leave no room.
pub const NO_ROOM: &str = "because of the service deployment configuration";

/// A rollout that did not succeed, with everything that was seen while it failed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RolloutFailure {
    /// Name of the service.
    pub service: String,
    /// Id or ARN of the deployment.
    pub deployment: String,
    /// Its status, such as `ROLLBACK_SUCCESSFUL`.
    pub status: String,
    /// What ECS says about the status.
    pub reason: Option<String>,
    /// The circuit breaker's count.
    pub circuit_breaker: Option<BreakerCount>,
    /// Stopped tasks, alike ones together, most frequent first.
    pub tasks: Vec<TaskGroup>,
    /// The last lines of the logs of some of these tasks.
    pub logs: Vec<LogTail>,
    /// The room of the rollout, where ECS says that it has none.
    pub no_room: Option<Room>,
    /// Targets that are not healthy.
    pub targets: Vec<TargetHealth>,
    /// Events since the deployment began, oldest first.
    pub events: Vec<Event>,
    /// The revision the service runs now, such as `skreg-api:7`; `None` if it runs nothing.
    pub runs: Option<String>,
    /// What could not be looked at, and why.
    pub blind_spots: Vec<String>,
    /// Where to look further.
    pub console: Option<String>,
}

/// Tasks that stopped for the same reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskGroup {
    /// How many.
    pub count: usize,
    /// `stopCode`, such as `EssentialContainerExited`.
    pub stop_code: Option<String>,
    /// `stoppedReason`.
    pub reason: Option<String>,
    /// Containers of one of them.
    pub containers: Vec<StoppedContainer>,
}

/// The end of the log of a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogTail {
    /// Name of the container.
    pub container: String,
    /// Id of its task.
    pub task: String,
    /// The lines, oldest first.
    pub lines: Vec<String>,
}
