//! Rollout to wait for, and the data that identifies its service deployment.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::api::{ListedDeployment, Rollout, Service};

/// Rollout to wait for.
#[derive(Clone, Debug)]
pub struct Target {
    /// Cluster, by name or ARN.
    pub cluster: String,
    /// Name of the service.
    pub service: String,
    /// ID of the deployment, such as `ecs-svc/123`. `None` if ECS did not return an ID.
    pub deployment: Option<String>,
    /// ARN of the task definition to roll out.
    pub task_definition: String,
    /// ARN of the task definition that ECS rolls back to if the rollout fails. `None` if no such definition exists.
    pub previous: Option<String>,
    /// Start time of the deployment according to the ECS clock.
    pub since: Option<Timestamp>,
    /// Creation time of the service. Earlier service deployments belong to a deleted service with the same name.
    pub not_before: Option<Timestamp>,
    /// ARNs of service deployments that do not belong to this rollout. `None` if the service deployments could not be
    /// listed. In that case, the service deployment of this rollout cannot be identified.
    pub known: Option<BTreeSet<String>>,
    /// Maximum number of log lines from failed tasks in an error.
    pub log_lines: u32,
}

impl Target {
    /// Creates the target for a rollout that `UpdateService` or `CreateService` has started or that is already in
    /// progress.
    ///
    /// ECS rolls back only to a completed deployment, and not to a deployment that failed or was replaced before it
    /// completed. Source: "How the Amazon ECS deployment circuit breaker detects failures", Developer Guide.
    #[must_use]
    pub fn of(cluster: &str, service: &Service, known: Option<BTreeSet<String>>) -> Self {
        let primary = service.primary();
        let completed = service.deployments.iter().filter(|deployment| {
            !deployment.is_primary && deployment.rollout == Some(Rollout::Completed)
        });
        let completed = completed.max_by_key(|deployment| deployment.created_at);
        Self {
            cluster: cluster.to_owned(),
            service: service.name.clone(),
            deployment: primary.map(|deployment| deployment.id.clone()),
            task_definition: service.task_definition.clone(),
            previous: completed.map(|deployment| deployment.task_definition.clone()),
            since: primary.and_then(|deployment| deployment.created_at),
            not_before: service.created_at,
            known,
            log_lines: 0,
        }
    }

    /// Returns whether a service deployment was not listed before the rollout started.
    pub(super) fn is_new(&self, arn: &str) -> bool {
        self.known
            .as_ref()
            .is_some_and(|known| !known.contains(arn))
    }

    /// Returns whether a listed service deployment may belong to this rollout.
    pub(super) fn may_match(&self, deployment: &ListedDeployment) -> bool {
        let older = deployment
            .created_at
            .zip(self.not_before)
            .is_some_and(|(made, service)| made < service);
        !older && self.is_new(&deployment.arn)
    }
}
