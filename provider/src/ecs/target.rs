//! The rollout that is waited for, and which service deployments may be its own.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::api::{ListedDeployment, Rollout, Service};

/// The rollout that is waited for.
#[derive(Clone, Debug)]
pub struct Target {
    /// Cluster, by name or ARN.
    pub cluster: String,
    /// Name of the service.
    pub service: String,
    /// Id of the deployment, such as `ecs-svc/123`; `None` if ECS did not tell.
    pub deployment: Option<String>,
    /// ARN of the task definition that is rolled out.
    pub task_definition: String,
    /// ARN of the one that ECS goes back to if the rollout fails; `None` if there is none.
    pub previous: Option<String>,
    /// When the deployment began, by the clock of ECS.
    pub since: Option<Timestamp>,
    /// When the service was made: service deployments before that belong to another of the same name.
    pub not_before: Option<Timestamp>,
    /// ARNs of service deployments that are known to be others; `None` if they could not be listed, so that none
    /// can be told to be ours.
    pub known: Option<BTreeSet<String>>,
    /// How many lines of the logs of its failed tasks are shown.
    pub log_lines: u32,
}

impl Target {
    /// The rollout that `UpdateService` or `CreateService` has just started or that is going on.
    ///
    /// ECS goes back to a deployment that was completed, and to none that failed or was replaced before its end. Source: "How
    /// the Amazon ECS deployment circuit breaker detects failures", Developer Guide.
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

    /// Whether a service deployment was not listed before the rollout began.
    pub(super) fn is_news(&self, arn: &str) -> bool {
        self.known
            .as_ref()
            .is_some_and(|known| !known.contains(arn))
    }

    /// Whether a service deployment that is listed now can be that of this rollout.
    pub(super) fn may_be(&self, deployment: &ListedDeployment) -> bool {
        let older = deployment
            .created_at
            .zip(self.not_before)
            .is_some_and(|(made, service)| made < service);
        !older && self.is_news(&deployment.arn)
    }
}
