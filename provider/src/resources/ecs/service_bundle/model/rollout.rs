//! Schema of releases, capacity, rollouts and the resulting deployments.

use std::collections::BTreeMap;
use tfplugin::validate::{each, elements, one_of, range};

use tfplugin::Schema;

use super::defaults;
use super::rules::{EXTERNAL, FAIL, FARGATE, REPLACE, TERRAFORM, TERRAFORM_ONCE, WAIT};
use crate::ecs::service;

/// Release configuration: the process that decides the image, and revisions to roll back to.
#[derive(Schema)]
pub struct Release {
    /// Process that decides the image. With `terraform`, services run the configured image, and an apply reverts
    /// deployments of other processes. With `external`, another process deploys: services keep their image, and only other
    /// changes register a revision. `terraform_once` is like `external`, but a new service starts with the configured
    /// image, which must have a tag or a digest. Sidecars always run the configured image.
    #[attr(optional, default = TERRAFORM, validate = one_of(&[TERRAFORM, EXTERNAL, TERRAFORM_ONCE]))]
    pub owner: String,
    /// Revisions of task definitions to roll back to, by key of the service, such as `{ api = 12 }`. The service runs this
    /// revision until you remove the entry, regardless of its configured image and containers.
    #[attr(optional, default = BTreeMap::<String, u32>::new(), validate = each(range(1..=2_147_483_647)))]
    pub rollback_to: BTreeMap<String, u32>,
}

/// Capacity that tasks run on. Exactly one of the attributes must be set.
#[derive(Schema)]
pub struct Capacity {
    /// Launch type. To use Fargate Spot or EC2, specify capacity providers, because the launch type of a service cannot be
    /// changed in place.
    #[attr(optional, validate = one_of(&[FARGATE]))]
    pub launch_type: Option<String>,
    /// Capacity providers of the cluster by name, such as `FARGATE` and `FARGATE_SPOT`.
    #[attr(optional, validate = elements(1..=20))]
    pub providers: Option<BTreeMap<String, CapacityProvider>>,
}

/// Share of a capacity provider.
#[derive(Schema)]
pub struct CapacityProvider {
    /// Relative share of the tasks beyond the base.
    #[attr(optional, default = 1_u32, validate = range(0..=1000))]
    pub weight: u32,
    /// Minimum number of tasks on this capacity provider. Only one capacity provider can have a base.
    #[attr(optional, default = 0_u32, validate = range(0..=100_000))]
    pub base: u32,
}

/// Configuration of rollouts.
#[derive(Schema)]
pub struct Deployment {
    /// Minimum number of healthy tasks during a rollout, as a percentage of the desired count.
    #[attr(optional, default = defaults::MINIMUM_HEALTHY_PERCENT, validate = range(0..=100))]
    pub minimum_healthy_percent: u32,
    /// Maximum number of running tasks during a rollout, as a percentage of the desired count.
    #[attr(optional, default = defaults::MAXIMUM_PERCENT, validate = range(100..=200))]
    pub maximum_percent: u32,
    /// Deployment circuit breaker.
    #[attr(optional)]
    pub circuit_breaker: Option<CircuitBreaker>,
    /// Keys of services in the order of their rollouts. Services that are not listed follow: first services without a load
    /// balancer, then services with one.
    #[attr(optional)]
    pub order: Option<Vec<String>>,
    /// Whether to wait for the end of each rollout. If false, the apply does not report failed rollouts.
    #[attr(optional, default = defaults::WAITS)]
    pub wait: bool,
    /// How a deployment in progress that another process started is handled: `wait` for its end, `fail`, or `replace` it. A
    /// deployment that this resource started is always replaced.
    #[attr(optional, default = defaults::CONCURRENT, validate = one_of(&[WAIT, FAIL, REPLACE]))]
    pub concurrent: String,
    /// Arbitrary text. Changing it deploys all services again. Removing it does not start a deployment.
    #[attr(optional)]
    pub force_new_deployment_trigger: Option<String>,
}

/// Deployment circuit breaker.
#[derive(Schema)]
pub struct CircuitBreaker {
    /// Whether ECS stops a rollout whose tasks fail.
    #[attr(optional, default = service::CircuitBreaker::DEFAULT.enable)]
    pub enable: bool,
    /// Whether ECS then rolls back to the last completed deployment.
    #[attr(optional, default = service::CircuitBreaker::DEFAULT.rollback)]
    pub rollback: bool,
    /// Unit of `threshold_value`: failed tasks (`COUNT`), or percent of the desired count with at least 3 and at most 200
    /// tasks (`BOUNDED_PERCENT`) or without bounds (`UNBOUNDED_PERCENT`).
    #[attr(optional, validate = one_of(&["COUNT", "BOUNDED_PERCENT", "UNBOUNDED_PERCENT"]))]
    pub threshold_type: Option<String>,
    /// Threshold of failed tasks. Defaults to 50 with `BOUNDED_PERCENT` if both arguments are omitted.
    #[attr(optional, validate = range(1..=2_147_483_647))]
    pub threshold_value: Option<u32>,
    /// Whether a healthy task resets the count of failed tasks.
    #[attr(optional, default = service::CircuitBreaker::DEFAULT.reset_on_healthy_task)]
    pub reset_on_healthy_task: bool,
}

/// Current deployment of a service.
#[derive(Schema, Clone, PartialEq)]
pub struct DeploymentState {
    /// ARN of the service.
    #[attr(computed)]
    pub service_arn: String,
    /// ARN of the last service deployment that an apply waited for, if ECS reports it.
    #[attr(computed)]
    pub service_deployment_arn: Option<String>,
    /// ARN of the current service revision, if ECS reports it.
    #[attr(computed)]
    pub service_revision_arn: Option<String>,
    /// Digest of the current image, if ECS reports it.
    #[attr(computed)]
    pub running_digest: Option<String>,
    /// Status of the current deployment, such as `SUCCESSFUL`, `IN_PROGRESS` or `ROLLBACK_SUCCESSFUL`.
    #[attr(computed)]
    pub status: String,
    /// Reason that ECS reports for the status.
    #[attr(computed)]
    pub status_reason: Option<String>,
    /// Differences between the running and the configured service. A difference plans an update.
    #[attr(computed)]
    pub drift: Vec<String>,
}

impl Default for Deployment {
    fn default() -> Self {
        Self {
            minimum_healthy_percent: defaults::MINIMUM_HEALTHY_PERCENT,
            maximum_percent: defaults::MAXIMUM_PERCENT,
            circuit_breaker: None,
            order: None,
            wait: defaults::WAITS,
            concurrent: defaults::CONCURRENT.to_owned(),
            force_new_deployment_trigger: None,
        }
    }
}

impl Default for CircuitBreaker {
    fn default() -> Self {
        let breaker = service::CircuitBreaker::DEFAULT;
        Self {
            enable: breaker.enable,
            rollback: breaker.rollback,
            threshold_type: None,
            threshold_value: None,
            reset_on_healthy_task: breaker.reset_on_healthy_task,
        }
    }
}
