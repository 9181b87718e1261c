//! ECS features without an API: the emulator runs no containers, so a test scripts the outcome of a rollout.

use super::LocalAws;
use crate::gateway::script::{Failed, Outcome, StoppedTask};

/// Scripts for the rollouts of an account.
pub struct Ecs<'a> {
    aws: &'a LocalAws,
}

impl<'a> Ecs<'a> {
    pub(super) fn new(aws: &'a LocalAws) -> Self {
        Self { aws }
    }

    /// Starts a script for the next deployment of a service, by cluster and service name. Without a script, a
    /// deployment is in progress at the first poll and successful at the second. Several scripts are used in order.
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

/// Script of the next deployment of a service. The last method of the chain sets the outcome.
pub struct RolloutScript<'a> {
    aws: &'a LocalAws,
    cluster: String,
    service: String,
    failed: Failed,
}

impl RolloutScript<'_> {
    /// Adds a message to the event log of the service when the deployment fails.
    #[must_use]
    pub fn event(mut self, message: &str) -> Self {
        self.failed.events.push(message.to_owned());
        self
    }

    /// Adds a stopped task when the deployment fails.
    #[must_use]
    pub fn stopped_task(mut self, task: StoppedTask) -> Self {
        self.failed.tasks.push(task);
        self
    }

    /// The circuit breaker triggers, and ECS rolls back to the last successful deployment (`ROLLBACK_SUCCESSFUL`), or
    /// fails to if there is none (`ROLLBACK_FAILED`). `reason` is the `statusReason`.
    pub fn fails_with(mut self, reason: &str) {
        reason.clone_into(&mut self.failed.reason);
        let failed = std::mem::take(&mut self.failed);
        self.decide(Outcome::Fails(failed));
    }

    /// The deployment succeeds, as it does without a script.
    pub fn succeeds(self) {
        self.decide(Outcome::Succeeds);
    }

    /// The deployment remains in progress.
    pub fn hangs(self) {
        self.decide(Outcome::Hangs);
    }

    fn decide(&self, outcome: Outcome) {
        let ecs = &self.aws.machine().gateway().shared().corrections.ecs;
        ecs.script(self.aws.id(), &self.cluster, &self.service, outcome);
    }
}
