//! Deployment configuration of a service.
//!
//! For each setting, this file contains all ECS code: the field, the comparison, the conversion to `CreateService` and
//! `UpdateService` requests, and the conversion from `DescribeServices` responses.

use aws_sdk_ecs::types as ecs;

use crate::ecs::drift::Differences;
use crate::ecs::number::{count, number};

/// Deployment configuration. In the current configuration, `None` means that ECS does not report the setting. `None` never
/// counts as a difference.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeploymentConfiguration {
    /// Minimum number of healthy tasks during a rollout, as a percentage of the desired count.
    pub minimum_healthy_percent: Option<u32>,
    /// Maximum number of running tasks during a rollout, as a percentage of the desired count.
    pub maximum_percent: Option<u32>,
    /// Deployment circuit breaker.
    pub circuit_breaker: Option<CircuitBreaker>,
}

impl DeploymentConfiguration {
    /// Adds the differences from the current configuration.
    pub(super) fn compare(&self, present: &Self, found: &mut Differences) {
        found.value(
            "deploymentConfiguration.minimumHealthyPercent",
            self.minimum_healthy_percent,
            present.minimum_healthy_percent,
        );
        found.value(
            "deploymentConfiguration.maximumPercent",
            self.maximum_percent,
            present.maximum_percent,
        );
        let breakers = self.circuit_breaker.zip(present.circuit_breaker);
        found.note(
            "deploymentConfiguration.deploymentCircuitBreaker",
            breakers.is_some_and(|(planned, present)| planned != present),
        );
    }

    /// Returns whether a circuit breaker setting returns to its default. The request must include such a setting,
    /// because an update does not change settings that it omits.
    pub(in crate::ecs) fn returns_to_default(&self, present: &Self) -> bool {
        let both = self.circuit_breaker.zip(present.circuit_breaker);
        both.is_some_and(|(wanted, present)| {
            let threshold = wanted.threshold.is_none() && present.threshold.is_some();
            threshold || wanted.reset_on_healthy_task && !present.reset_on_healthy_task
        })
    }

    /// Returns the configuration for a request. Unless `explicit` is true, default circuit breaker settings are omitted,
    /// because older endpoints do not support them.
    pub(in crate::ecs) fn request(&self, explicit: bool) -> ecs::DeploymentConfiguration {
        let breaker = self.circuit_breaker;
        ecs::DeploymentConfiguration::builder()
            .set_minimum_healthy_percent(self.minimum_healthy_percent.map(number))
            .set_maximum_percent(self.maximum_percent.map(number))
            .set_deployment_circuit_breaker(breaker.map(|breaker| breaker.request(explicit)))
            .build()
    }

    pub(in crate::ecs) fn of(found: &ecs::Service) -> Self {
        let Some(found) = &found.deployment_configuration else {
            return Self::default();
        };
        Self {
            minimum_healthy_percent: found.minimum_healthy_percent.map(count),
            maximum_percent: found.maximum_percent.map(count),
            circuit_breaker: found
                .deployment_circuit_breaker
                .as_ref()
                .map(CircuitBreaker::of),
        }
    }
}

/// Deployment circuit breaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CircuitBreaker {
    /// Whether ECS marks a deployment as failed if its tasks repeatedly fail to start.
    pub enable: bool,
    /// Whether ECS rolls back a failed deployment to the last completed deployment.
    pub rollback: bool,
    /// Failure threshold. `None` for the server default.
    pub threshold: Option<Threshold>,
    /// Whether a healthy task resets the failure count.
    pub reset_on_healthy_task: bool,
}

impl CircuitBreaker {
    /// Default circuit breaker: failed rollouts are rolled back, and the threshold is the server default.
    pub const DEFAULT: Self = Self {
        enable: true,
        rollback: true,
        threshold: None,
        reset_on_healthy_task: true,
    };

    fn request(self, explicit: bool) -> ecs::DeploymentCircuitBreaker {
        let default = explicit.then_some(Threshold::DEFAULT);
        let reset = self.reset_on_healthy_task;
        let threshold = self.threshold.or(default).map(Threshold::request);
        ecs::DeploymentCircuitBreaker::builder()
            .enable(self.enable)
            .rollback(self.rollback)
            .set_threshold_configuration(threshold)
            .set_reset_on_healthy_task((explicit || !reset).then_some(reset))
            .build()
    }

    fn of(found: &ecs::DeploymentCircuitBreaker) -> Self {
        let threshold = found.threshold_configuration.as_ref();
        Self {
            enable: found.enable,
            rollback: found.rollback,
            threshold: threshold.and_then(Threshold::of),
            reset_on_healthy_task: found.reset_on_healthy_task != Some(false),
        }
    }
}

impl Default for CircuitBreaker {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// Number or percentage of failed tasks at which a deployment fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Threshold {
    /// Unit of the value.
    pub kind: ThresholdKind,
    /// Value of the threshold.
    pub value: u32,
}

impl Threshold {
    /// Server default: 50 percent of the desired count, within bounds. Source: ThresholdConfiguration, API reference.
    pub const DEFAULT: Self = Self {
        kind: ThresholdKind::BoundedPercent,
        value: 50,
    };

    /// Returns the canonical form, in which the server default is `None`.
    #[must_use]
    pub fn canonical(self) -> Option<Self> {
        (self != Self::DEFAULT).then_some(self)
    }

    fn request(self) -> ecs::ThresholdConfiguration {
        ecs::ThresholdConfiguration::builder()
            .r#type(self.kind.word().into())
            .value(number(self.value))
            .build()
            .expect("the type and the value must be set")
    }

    fn of(found: &ecs::ThresholdConfiguration) -> Option<Self> {
        let kind = ThresholdKind::of(found.r#type.as_str())?;
        let value = count(found.value);
        Self { kind, value }.canonical()
    }
}

/// Unit of a threshold value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ThresholdKind {
    /// Number of tasks.
    Count,
    /// Percentage of the desired count, with a minimum of 3 and a maximum of 200 tasks.
    BoundedPercent,
    /// Percentage of the desired count.
    UnboundedPercent,
}

impl ThresholdKind {
    /// All units.
    pub const ALL: [Self; 3] = [Self::Count, Self::BoundedPercent, Self::UnboundedPercent];

    /// Returns the API value.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Count => "COUNT",
            Self::BoundedPercent => "BOUNDED_PERCENT",
            Self::UnboundedPercent => "UNBOUNDED_PERCENT",
        }
    }

    /// Returns the unit with this API value.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the circuit breaker in a request.
    fn sent(explicit: bool, breaker: CircuitBreaker) -> ecs::DeploymentCircuitBreaker {
        let configuration = DeploymentConfiguration {
            circuit_breaker: Some(breaker),
            ..DeploymentConfiguration::default()
        };
        let request = configuration.request(explicit);
        request.deployment_circuit_breaker.expect("a breaker")
    }

    #[test]
    fn circuit_breaker_defaults_are_sent_only_if_explicit() {
        let silent = sent(false, CircuitBreaker::default());
        assert_eq!(silent.threshold_configuration, None);
        assert_eq!(silent.reset_on_healthy_task, None);

        let explicit = sent(true, CircuitBreaker::default());
        let threshold = explicit.threshold_configuration.expect("a threshold");
        assert_eq!(
            (threshold.r#type.as_str(), threshold.value),
            ("BOUNDED_PERCENT", 50)
        );
        assert_eq!(explicit.reset_on_healthy_task, Some(true));
    }

    #[test]
    fn values_that_differ_from_the_default_are_always_sent() {
        let tuned = CircuitBreaker {
            threshold: Some(Threshold {
                kind: ThresholdKind::Count,
                value: 2,
            }),
            reset_on_healthy_task: false,
            ..CircuitBreaker::default()
        };
        for explicit in [false, true] {
            let found = sent(explicit, tuned);
            let threshold = found.threshold_configuration.expect("a threshold");
            assert_eq!((threshold.r#type.as_str(), threshold.value), ("COUNT", 2));
            assert_eq!(found.reset_on_healthy_task, Some(false));
        }
    }
}
