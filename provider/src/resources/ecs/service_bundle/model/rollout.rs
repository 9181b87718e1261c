//! Releases, rollouts, and the resulting deployments: the schema, and the conversion of the rollout configuration to
//! and from the settings of a service.

use std::collections::BTreeMap;
use tfplugin::validate::{each, one_of, range};

use tfplugin::Schema;

use super::defaults;
use super::rules::{EXTERNAL, FAIL, REPLACE, TERRAFORM, TERRAFORM_ONCE, WAIT};
use crate::ecs::service::{self, DeploymentConfiguration, Threshold, ThresholdKind};

/// Release configuration: the process that controls the image, and the revisions to roll back to.
#[derive(Schema)]
pub struct Release {
    /// Process that controls the image. With `terraform`, services run the configured image, and an apply reverts
    /// deployments by other processes. With `external`, another process deploys the image: an apply keeps the image of
    /// each service and registers a revision only if other settings change. `terraform_once` is like `external`, but a
    /// new service starts with the configured image, which must have a tag or a digest. Sidecars always run their
    /// configured images.
    #[attr(optional, default = TERRAFORM, validate = one_of(&[TERRAFORM, EXTERNAL, TERRAFORM_ONCE]))]
    pub owner: String,
    /// Task definition revisions to roll back to, by service key, such as `{ api = 12 }`. A service runs the specified
    /// revision until you remove the entry, regardless of its configured image and containers.
    #[attr(optional, default = BTreeMap::<String, u32>::new(), validate = each(range(1..=2_147_483_647)))]
    pub rollback_to: BTreeMap<String, u32>,
}

/// Rollout configuration.
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
    /// Service keys in rollout order. Unlisted services follow: first services without a load balancer, and then
    /// services with a load balancer.
    #[attr(optional)]
    pub order: Option<Vec<String>>,
    /// Whether to wait until each rollout ends. If `false`, the apply does not report failed rollouts.
    #[attr(optional, default = defaults::WAITS)]
    pub wait: bool,
    /// How a deployment in progress that another process started is handled: `wait` waits until it ends, `fail` reports
    /// an error, and `replace` replaces it. A deployment that this resource started is always replaced.
    #[attr(optional, default = defaults::CONCURRENT, validate = one_of(&[WAIT, FAIL, REPLACE]))]
    pub concurrent: String,
    /// Arbitrary string. Changing this redeploys all services. Removing it does not start a deployment.
    #[attr(optional)]
    pub force_new_deployment_trigger: Option<String>,
}

/// Deployment circuit breaker.
#[derive(Schema, PartialEq)]
pub struct CircuitBreaker {
    /// Whether ECS stops a rollout if its tasks fail repeatedly.
    #[attr(optional, default = service::CircuitBreaker::DEFAULT.enable)]
    pub enable: bool,
    /// Whether ECS rolls back a stopped rollout to the last completed deployment.
    #[attr(optional, default = service::CircuitBreaker::DEFAULT.rollback)]
    pub rollback: bool,
    /// Unit of `threshold_value`: `COUNT` (number of failed tasks), `BOUNDED_PERCENT` (percentage of the desired count,
    /// limited to between 3 and 200 tasks), or `UNBOUNDED_PERCENT` (percentage of the desired count, without limits).
    #[attr(optional, validate = one_of(&["COUNT", "BOUNDED_PERCENT", "UNBOUNDED_PERCENT"]))]
    pub threshold_type: Option<String>,
    /// Threshold for failed tasks, in the unit that `threshold_type` specifies. If both arguments are omitted, the
    /// threshold is 50 with `BOUNDED_PERCENT`.
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
    /// Digest of the running image, if ECS reports it.
    #[attr(computed)]
    pub running_digest: Option<String>,
    /// Status of the current deployment, such as `SUCCESSFUL`, `IN_PROGRESS`, or `ROLLBACK_SUCCESSFUL`.
    #[attr(computed)]
    pub status: String,
    /// Reason that ECS reports for the status.
    #[attr(computed)]
    pub status_reason: Option<String>,
    /// Differences between the running service and the configuration. A difference results in a planned update.
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
