//! Scripted outcomes for rollouts. Data only.

use serde_json::{Value, json};

/// Outcome of the next deployment for a service.
#[derive(Clone, Debug)]
pub(crate) enum Outcome {
    /// `SUCCESSFUL`, after one poll that returns `IN_PROGRESS`.
    Succeeds,
    /// The circuit breaker triggers: `ROLLBACK_SUCCESSFUL`, or `ROLLBACK_FAILED` if no previous deployment exists.
    Fails(Failed),
    /// `IN_PROGRESS` forever.
    Hangs,
}

/// Effects of a failed rollout that the API returns.
#[derive(Clone, Debug, Default)]
pub(crate) struct Failed {
    /// `statusReason` of the service deployment.
    pub(crate) reason: String,
    /// Messages in the event log of the service, oldest first.
    pub(crate) events: Vec<String>,
    /// Stopped tasks.
    pub(crate) tasks: Vec<StoppedTask>,
}

/// A task that stopped in a failed rollout.
#[derive(Clone, Debug)]
pub struct StoppedTask {
    stop_code: String,
    stopped_reason: String,
    containers: Vec<Value>,
}

impl StoppedTask {
    /// Creates a stopped task with a `stopCode` (such as `EssentialContainerExited`) and a `stoppedReason`.
    #[must_use]
    pub fn new(stop_code: &str, stopped_reason: &str) -> Self {
        Self {
            stop_code: stop_code.to_owned(),
            stopped_reason: stopped_reason.to_owned(),
            containers: Vec::new(),
        }
    }

    /// Adds a container. A container that did not start has no exit code.
    #[must_use]
    pub fn container(mut self, name: &str, exit_code: Option<i64>, reason: Option<&str>) -> Self {
        let mut container = json!({ "name": name, "lastStatus": "STOPPED" });
        if let Some(code) = exit_code {
            container["exitCode"] = json!(code);
        }
        if let Some(reason) = reason {
            container["reason"] = json!(reason);
        }
        self.containers.push(container);
        self
    }

    /// Returns the task in the format of the data type Task.
    pub(super) fn json(
        &self,
        arn: &str,
        cluster: &str,
        definition: &str,
        deployment: &str,
        service: &str,
    ) -> Value {
        json!({
            "taskArn": arn, "clusterArn": cluster, "taskDefinitionArn": definition,
            "startedBy": deployment, "group": format!("service:{service}"),
            "lastStatus": "STOPPED", "desiredStatus": "STOPPED", "launchType": "FARGATE",
            "stopCode": self.stop_code, "stoppedReason": self.stopped_reason, "containers": self.containers,
        })
    }
}
