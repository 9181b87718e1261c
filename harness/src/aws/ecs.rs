//! ECS functionality that has no API. The emulator runs no containers, so a test scripts the outcome of a rollout.

use super::LocalAws;
use crate::gateway::script::{Failed, Outcome, StoppedTask};

/// Scripts for the rollouts in an account.
pub struct Ecs<'a> {
    aws: &'a LocalAws,
}

impl<'a> Ecs<'a> {
    pub(super) fn new(aws: &'a LocalAws) -> Self {
        Self { aws }
    }

    /// Starts a script for the next deployment of a service, by cluster name and service name. A deployment without a
    /// script is in progress at the first poll and successful at the second. Multiple scripts are used in order.
    #[must_use]
    pub fn rollout(&self, cluster: &str, service: &str) -> RolloutScript<'a> {
        RolloutScript {
            aws: self.aws,
            cluster: cluster.to_owned(),
            service: service.to_owned(),
            failed: Failed::default(),
        }
    }
}

/// Script for the next deployment of a service. The last method of the chain sets the outcome.
pub struct RolloutScript<'a> {
    aws: &'a LocalAws,
    cluster: String,
    service: String,
    failed: Failed,
}

impl RolloutScript<'_> {
    /// Adds a message to the event log of the service if the deployment fails.
    #[must_use]
    pub fn event(mut self, message: &str) -> Self {
        self.failed.events.push(message.to_owned());
        self
    }

    /// Adds a stopped task if the deployment fails.
    #[must_use]
    pub fn stopped_task(mut self, task: StoppedTask) -> Self {
        self.failed.tasks.push(task);
        self
    }

    /// Triggers the circuit breaker. ECS rolls back to the last successful deployment (`ROLLBACK_SUCCESSFUL`). If none
    /// exists, the rollback fails (`ROLLBACK_FAILED`). `reason` is the `statusReason`.
    pub fn fails_with(mut self, reason: &str) {
        reason.clone_into(&mut self.failed.reason);
        let failed = std::mem::take(&mut self.failed);
        self.decide(Outcome::Fails(failed));
    }

    /// Completes the deployment successfully, which is also the outcome without a script.
    pub fn succeeds(self) {
        self.decide(Outcome::Succeeds);
    }

    /// Keeps the deployment in progress.
    pub fn hangs(self) {
        self.decide(Outcome::Hangs);
    }

    fn decide(&self, outcome: Outcome) {
        let ecs = &self.aws.machine().gateway().shared().corrections.ecs;
        ecs.script(self.aws.id(), &self.cluster, &self.service, outcome);
    }
}
