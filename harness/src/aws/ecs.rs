//! ECS beyond its API: no emulator runs containers, so a test says what a rollout comes to.

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

    /// Begins a script for the next deployment of a service, by the names of cluster and service. Without a script
    /// a deployment is in progress at the first look and successful at the second. Scripts are used in turn.
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

/// What the next deployment of a service comes to; the last method of the chain decides.
pub struct RolloutScript<'a> {
    aws: &'a LocalAws,
    cluster: String,
    service: String,
    failed: Failed,
}

impl RolloutScript<'_> {
    /// Adds a message to the service's event log, seen when the deployment fails.
    #[must_use]
    pub fn event(mut self, message: &str) -> Self {
        self.failed.events.push(message.to_owned());
        self
    }

    /// Adds a task that stopped, seen when the deployment fails.
    #[must_use]
    pub fn stopped_task(mut self, task: StoppedTask) -> Self {
        self.failed.tasks.push(task);
        self
    }

    /// The circuit breaker triggers and ECS goes back to the last successful deployment (`ROLLBACK_SUCCESSFUL`),
    /// or has none to go back to (`ROLLBACK_FAILED`). `reason` becomes the `statusReason`.
    pub fn fails_with(mut self, reason: &str) {
        reason.clone_into(&mut self.failed.reason);
        let failed = std::mem::take(&mut self.failed);
        self.decide(Outcome::Fails(failed));
    }

    /// The deployment succeeds, as without a script.
    pub fn succeeds(self) {
        self.decide(Outcome::Succeeds);
    }

    /// The deployment never ends.
    pub fn hangs(self) {
        self.decide(Outcome::Hangs);
    }

    fn decide(&self, outcome: Outcome) {
        let ecs = &self.aws.machine().gateway().shared().corrections.ecs;
        ecs.script(self.aws.id(), &self.cluster, &self.service, outcome);
    }
}
