//! Releases, rollouts and the resulting deployments: the schema, and the conversion of the configuration of
//! rollouts to and from the settings of a service.

use std::collections::BTreeMap;
use tfplugin::validate::{each, one_of, range};

use tfplugin::Schema;

use super::defaults;
use super::rules::{EXTERNAL, FAIL, REPLACE, TERRAFORM, TERRAFORM_ONCE, WAIT};
use crate::ecs::service::{self, DeploymentConfiguration, Threshold, ThresholdKind};

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

/// Configuration of rollouts.
#[derive(Schema, PartialEq)]
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
#[derive(Schema, PartialEq)]
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

impl Deployment {
    /// Returns the settings of the services.
    #[must_use]
    pub fn configuration(&self) -> DeploymentConfiguration {
        let breaker = self.circuit_breaker.as_ref();
        DeploymentConfiguration {
            minimum_healthy_percent: Some(self.minimum_healthy_percent),
            maximum_percent: Some(self.maximum_percent),
            circuit_breaker: Some(breaker.map_or_else(Default::default, CircuitBreaker::settings)),
        }
    }

    /// Returns the configuration of a running service, or `None` if all values are the defaults.
    #[must_use]
    pub fn of(found: &DeploymentConfiguration) -> Option<Self> {
        let defaults = Self::default();
        let breaker = found
            .circuit_breaker
            .filter(|breaker| *breaker != service::CircuitBreaker::DEFAULT);
        let minimum = found.minimum_healthy_percent;
        let configured = Self {
            minimum_healthy_percent: minimum.unwrap_or(defaults.minimum_healthy_percent),
            maximum_percent: found.maximum_percent.unwrap_or(defaults.maximum_percent),
            circuit_breaker: breaker.map(CircuitBreaker::of),
            ..Self::default()
        };
        (configured != defaults).then_some(configured)
    }
}

impl CircuitBreaker {
    fn settings(&self) -> service::CircuitBreaker {
        let kind = self.threshold_type.as_deref().and_then(ThresholdKind::of);
        let threshold = kind
            .zip(self.threshold_value)
            .and_then(|(kind, value)| Threshold { kind, value }.canonical());
        service::CircuitBreaker {
            enable: self.enable,
            rollback: self.rollback,
            threshold,
            reset_on_healthy_task: self.reset_on_healthy_task,
        }
    }

    fn of(found: service::CircuitBreaker) -> Self {
        let threshold = found.threshold;
        Self {
            enable: found.enable,
            rollback: found.rollback,
            threshold_type: threshold.map(|threshold| threshold.kind.word().to_owned()),
            threshold_value: threshold.map(|threshold| threshold.value),
            reset_on_healthy_task: found.reset_on_healthy_task,
        }
    }
}

impl Default for CircuitBreaker {
    fn default() -> Self {
        Self::of(service::CircuitBreaker::DEFAULT)
    }
}
