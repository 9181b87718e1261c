//! Settings of a service other than its task definition, and the effects of their changes.

use std::collections::{BTreeMap, BTreeSet};

use crate::aws::arn::Arn;

/// Initial number of tasks if the desired count is not managed.
pub const FIRST_COUNT: u32 = 1;

/// Settings of a service. `None` means unmanaged in planned settings and not reported in present settings, and is never
/// a difference.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServiceSettings {
    /// Desired number of tasks.
    pub desired_count: Option<u32>,
    /// Subnets, security groups and public address of the tasks.
    pub network: Network,
    /// Target groups that the tasks register with.
    pub load_balancers: BTreeSet<LoadBalancer>,
    /// Seconds during which failed load balancer health checks of a new task are ignored.
    pub health_check_grace_period_seconds: u32,
    /// Minimum percentage of the desired count that stays healthy during a rollout.
    pub minimum_healthy_percent: Option<u32>,
    /// Maximum percentage of the desired count that runs during a rollout.
    pub maximum_percent: Option<u32>,
    /// Condition on which ECS fails a rollout.
    pub circuit_breaker: Option<CircuitBreaker>,
    /// Whether ECS Exec is enabled for the containers.
    pub enable_execute_command: bool,
    /// Whether ECS rebalances tasks across Availability Zones.
    pub availability_zone_rebalancing: Option<bool>,
    /// Source of the tags of tasks: `SERVICE`, `TASK_DEFINITION` or `NONE`.
    pub propagate_tags: Option<String>,
    /// Placement of the tasks.
    pub capacity: Option<Capacity>,
    /// Version of the Fargate platform.
    pub platform: Option<Platform>,
    /// Service Connect, if it is enabled.
    pub service_connect: Option<ServiceConnect>,
}

/// Placement of the tasks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Capacity {
    /// By a launch type, such as `FARGATE`.
    LaunchType(String),
    /// By capacity providers, with their names as keys.
    Providers(BTreeMap<String, Share>),
}

/// The share of a capacity provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// Relative share of the tasks in excess of the base.
    pub weight: u32,
    /// Minimum number of tasks.
    pub base: u32,
}

/// Version of the Fargate platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Platform {
    /// Requested version, such as `LATEST` or `1.4.0`.
    pub asked: String,
    /// Version that runs, if it was read.
    pub runs: Option<String>,
}

impl Platform {
    /// Default version.
    pub const LATEST: &str = "LATEST";

    /// Returns whether the present version satisfies the requested one.
    #[must_use]
    pub fn is_met_by(&self, present: &Self) -> bool {
        self.asked == present.asked
            || present.asked == Self::LATEST && present.runs.as_ref() == Some(&self.asked)
    }
}

/// Service Connect of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceConnect {
    /// Cloud Map namespace, by name or ARN; defaults to that of the cluster.
    pub namespace: Option<String>,
    /// Port that other services can connect to.
    pub published: Option<Published>,
}

/// A port that other services of the namespace can connect to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// Name of the port in the task definition.
    pub port_name: String,
    /// Name of the service in Cloud Map.
    pub discovery_name: String,
    /// DNS name that clients connect to; defaults to `<discovery_name>.<namespace>`.
    pub dns_name: Option<String>,
    /// The port that clients connect to.
    pub port: u16,
    /// Port that the proxy listens on; ECS chooses it by default.
    pub ingress_port: Option<u16>,
}

impl ServiceConnect {
    /// Returns whether this equals the present configuration. The default namespace is that of the cluster. A name and
    /// an ARN cannot be compared, so they count as equal.
    fn is(&self, present: &Self) -> bool {
        let comparable =
            |one: &str, other: &str| Arn::matches_prefix(one) == Arn::matches_prefix(other);
        let namespace = match (&self.namespace, &present.namespace) {
            (Some(wanted), Some(there)) => !comparable(wanted, there) || wanted == there,
            _ => true,
        };
        namespace && self.published == present.published
    }
}

/// The network of the tasks (`awsvpcConfiguration`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Network {
    /// Subnets, at most 16.
    pub subnets: BTreeSet<String>,
    /// Security groups, at most 5.
    pub security_groups: BTreeSet<String>,
    /// Whether tasks get a public IP address.
    pub assign_public_ip: bool,
}

/// A target group and its container port.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LoadBalancer {
    /// The target group.
    pub target_group_arn: String,
    /// The container.
    pub container_name: String,
    /// The port of the container.
    pub container_port: u16,
}

/// The deployment circuit breaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CircuitBreaker {
    /// Whether ECS fails a rollout whose tasks keep failing.
    pub enable: bool,
    /// Whether ECS then rolls back to the last completed deployment.
    pub rollback: bool,
    /// Threshold of failed tasks; `None` for the server default.
    pub threshold: Option<Threshold>,
    /// Whether a task that becomes healthy resets the count of failed tasks.
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
}

impl Default for CircuitBreaker {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// Threshold of failed tasks at which a rollout fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Threshold {
    /// Unit of the value.
    pub kind: ThresholdKind,
    /// The value.
    pub value: u32,
}

impl Threshold {
    /// Server default: half of the desired count, within bounds. Source: ThresholdConfiguration, API reference.
    pub const DEFAULT: Self = Self {
        kind: ThresholdKind::BoundedPercent,
        value: 50,
    };

    /// Returns the canonical form, in which the server default is `None`.
    #[must_use]
    pub fn canonical(self) -> Option<Self> {
        (self != Self::DEFAULT).then_some(self)
    }
}

/// Unit of the value of a threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ThresholdKind {
    /// Tasks.
    Count,
    /// Percent of the desired count, between 3 and 200 tasks.
    BoundedPercent,
    /// Percent of the desired count.
    UnboundedPercent,
}

impl ThresholdKind {
    /// All kinds.
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

    /// Returns the kind with this API value.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// Differences between planned and present settings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Each difference as text for the user.
    pub described: Vec<String>,
    /// Whether the network differs; ECS starts a deployment for it.
    pub network: bool,
    /// Whether the target groups differ; ECS starts a deployment for them.
    pub load_balancers: bool,
    /// Whether the placement differs; ECS accepts the change only with a forced deployment.
    pub capacity: bool,
    /// Whether the platform differs; ECS starts a deployment for it.
    pub platform: bool,
    /// Whether Service Connect differs; ECS starts a deployment for it.
    pub service_connect: bool,
}

impl ServiceSettings {
    /// Returns the changes from the present settings to these.
    #[must_use]
    pub fn changes_from(&self, present: &Self) -> Changes {
        let mut changes = Changes {
            network: self.network != present.network,
            load_balancers: self.load_balancers != present.load_balancers,
            capacity: differs(&self.capacity, &present.capacity, PartialEq::eq),
            platform: differs(&self.platform, &present.platform, Platform::is_met_by),
            service_connect: match (&self.service_connect, &present.service_connect) {
                (Some(wanted), Some(there)) => !wanted.is(there),
                (wanted, there) => wanted.is_some() != there.is_some(),
            },
            ..Changes::default()
        };
        changes.note("network", changes.network);
        changes.note("load_balancer", changes.load_balancers);
        changes.note("capacity", changes.capacity);
        changes.note("platform_version", changes.platform);
        changes.note("service_connect", changes.service_connect);
        changes.value("desired_count", self.desired_count, present.desired_count);
        changes.value(
            "minimum_healthy_percent",
            self.minimum_healthy_percent,
            present.minimum_healthy_percent,
        );
        changes.value(
            "maximum_percent",
            self.maximum_percent,
            present.maximum_percent,
        );
        let said = self.circuit_breaker.is_some() && present.circuit_breaker.is_some();
        changes.note(
            "circuit_breaker",
            said && self.circuit_breaker != present.circuit_breaker,
        );
        // Without a load balancer, the grace period has no effect, and ECS accepts no other value.
        let grace = !self.load_balancers.is_empty()
            && self.health_check_grace_period_seconds != present.health_check_grace_period_seconds;
        changes.note("health_check_grace_period_seconds", grace);
        changes.note(
            "enable_execute_command",
            self.enable_execute_command != present.enable_execute_command,
        );
        let (wanted, there) = (
            self.availability_zone_rebalancing,
            present.availability_zone_rebalancing,
        );
        changes.value("availability_zone_rebalancing", wanted, there);
        changes.value(
            "propagate_tags",
            self.propagate_tags.as_deref(),
            present.propagate_tags.as_deref(),
        );
        changes
    }
}

/// Returns whether both are set and differ.
fn differs<T>(wanted: &Option<T>, present: &Option<T>, same: impl Fn(&T, &T) -> bool) -> bool {
    wanted
        .as_ref()
        .zip(present.as_ref())
        .is_some_and(|(wanted, present)| !same(wanted, present))
}

impl Changes {
    /// Returns whether ECS starts a deployment for these changes. Source: UpdateService, API reference.
    #[must_use]
    pub fn deploys(&self) -> bool {
        self.network
            || self.load_balancers
            || self.capacity
            || self.platform
            || self.service_connect
    }

    /// Returns whether there are no changes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.described.is_empty()
    }

    fn note(&mut self, name: &str, changed: bool) {
        if changed {
            self.described.push(format!("{name} is different"));
        }
    }

    fn value<T: PartialEq + std::fmt::Display>(
        &mut self,
        name: &str,
        wanted: Option<T>,
        present: Option<T>,
    ) {
        if let (Some(wanted), Some(present)) = (wanted, present)
            && wanted != present
        {
            self.described
                .push(format!("{name} is {present} instead of {wanted}"));
        }
    }
}

/// Reason why a rollout could never replace a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PercentError {
    /// No task may be stopped and none may be started.
    #[error("with a minimum of {minimum} % and a maximum of {maximum} % no task can be replaced")]
    Deadlock {
        /// `minimum_healthy_percent`.
        minimum: u32,
        /// `maximum_percent`.
        maximum: u32,
    },
    /// The maximum is below 100 % or below the minimum.
    #[error("a minimum of {minimum} % and a maximum of {maximum} % contradict each other")]
    Contradiction {
        /// `minimum_healthy_percent`.
        minimum: u32,
        /// `maximum_percent`.
        maximum: u32,
    },
}

impl PercentError {
    /// Returns the largest minimum and the smallest maximum that allow a rollout of `count` tasks to replace a task;
    /// `None` if the count is unknown.
    #[must_use]
    pub fn limits(&self, count: Option<u32>) -> Option<(u64, u64)> {
        let count = u64::from(count.filter(|count| *count > 0)?);
        let (most, least) = (
            100 * (count - 1) / count,
            (100 * (count + 1)).div_ceil(count),
        );
        Some((most, least))
    }
}

/// Checks that a rollout of `count` tasks can replace at least one task; without a count, that this is possible for some
/// count. ECS rounds the minimum up and the maximum down. Source: ECS API Reference, DeploymentConfiguration.
///
/// # Errors
/// [`PercentError`] if it cannot. ECS itself reports this only as an event and continues the rollout indefinitely.
pub fn check_percentages(
    minimum: u32,
    maximum: u32,
    count: Option<u32>,
) -> Result<(), PercentError> {
    if maximum < 100 || minimum > maximum {
        return Err(PercentError::Contradiction { minimum, maximum });
    }
    let (lower, upper) = (u64::from(minimum), u64::from(maximum));
    let stuck = match count.map(u64::from) {
        Some(count) => {
            let must_run = (lower * count).div_ceil(100);
            let may_run = upper * count / 100;
            count > 0 && must_run >= count && may_run <= count
        }
        // With enough tasks, every other pair allows the replacement of at least one.
        None => lower >= 100 && upper <= 100,
    };
    match stuck {
        true => Err(PercentError::Deadlock { minimum, maximum }),
        false => Ok(()),
    }
}

/// Limits on the number of tasks during a rollout, as read from a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TaskLimits {
    /// `minimum_healthy_percent`.
    pub minimum: u32,
    /// `maximum_percent`.
    pub maximum: u32,
    /// The desired count.
    pub count: u32,
}

impl TaskLimits {
    /// Returns the limits of a service, if ECS reports them.
    #[must_use]
    pub fn of(settings: &ServiceSettings) -> Option<Self> {
        Some(Self {
            minimum: settings.minimum_healthy_percent?,
            maximum: settings.maximum_percent?,
            count: settings.desired_count?,
        })
    }

    /// Checks that a task can be replaced.
    ///
    /// # Errors
    /// [`PercentError`] if no task can be replaced.
    pub fn check(&self) -> Result<(), PercentError> {
        check_percentages(self.minimum, self.maximum, Some(self.count))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_settings_that_start_a_deployment_are_flagged() {
        let present = ServiceSettings {
            propagate_tags: Some("SERVICE".into()),
            ..ServiceSettings::default()
        };
        let mut wanted = present.clone();
        assert!(wanted.changes_from(&present).is_empty());

        wanted.enable_execute_command = true;
        wanted.propagate_tags = Some("NONE".into());
        let quiet = wanted.changes_from(&present);
        assert_eq!(
            (quiet.described.len(), quiet.network, quiet.load_balancers),
            (2, false, false)
        );

        wanted.network.assign_public_ip = true;
        assert!(wanted.changes_from(&present).network);
    }

    #[test]
    fn grace_period_is_compared_only_with_a_load_balancer() {
        let present = ServiceSettings {
            health_check_grace_period_seconds: 60,
            ..ServiceSettings::default()
        };
        let mut wanted = ServiceSettings::default();
        assert!(wanted.changes_from(&present).is_empty());
        wanted.load_balancers.insert(LoadBalancer {
            target_group_arn: "arn:tg".into(),
            container_name: "api".into(),
            container_port: 8080,
        });
        assert_eq!(wanted.changes_from(&present).described.len(), 2);
    }

    #[test]
    fn unmanaged_and_unreported_settings_are_not_differences() {
        let present = ServiceSettings {
            desired_count: Some(7),
            ..ServiceSettings::default()
        };
        let unmanaged = ServiceSettings {
            availability_zone_rebalancing: Some(true),
            ..ServiceSettings::default()
        };
        assert!(unmanaged.changes_from(&present).is_empty());
        let managed = ServiceSettings {
            desired_count: Some(2),
            ..unmanaged
        };
        assert_eq!(
            managed.changes_from(&present).described,
            ["desired_count is 7 instead of 2"]
        );
    }

    #[test]
    fn percentages_that_prevent_replacement_are_rejected() {
        for (minimum, maximum, count) in [
            (100, 200, Some(1)),
            (0, 100, Some(1)),
            (50, 100, Some(2)),
            (50, 150, Some(2)),
            (100, 125, Some(4)),
            (90, 110, Some(10)),
            (100, 100, Some(0)),
            (50, 150, None),
            (99, 100, None),
            (100, 101, None),
            (100, 200, Some(u32::MAX)),
        ] {
            let checked = check_percentages(minimum, maximum, count);
            assert_eq!(checked, Ok(()), "{minimum}/{maximum}/{count:?}");
        }
        for (minimum, maximum, count) in [
            (100, 100, Some(1)),
            (51, 100, Some(1)),
            (50, 150, Some(1)),
            (1, 199, Some(1)),
            (100, 150, Some(1)),
            (90, 110, Some(4)),
            (100, 124, Some(4)),
            (100, 100, None),
        ] {
            let refused = check_percentages(minimum, maximum, count);
            assert_eq!(
                refused,
                Err(PercentError::Deadlock { minimum, maximum }),
                "{minimum}/{maximum}/{count:?}"
            );
        }
        for (minimum, maximum) in [(100, 50), (0, 99), (120, 110)] {
            for count in [Some(1), Some(0), None] {
                let refused = check_percentages(minimum, maximum, count);
                assert_eq!(
                    refused,
                    Err(PercentError::Contradiction { minimum, maximum })
                );
            }
        }
    }
}
