//! What a service is told beside its task definition, and what a change of it means.

use std::collections::{BTreeMap, BTreeSet};

use crate::aws::arn::Arn;

/// Tasks to start with where the desired count is not managed.
pub const FIRST_COUNT: u32 = 1;

/// Settings of a service. `None` means "not said": unmanaged where it is wanted, not reported where it was read, and
/// in both cases no difference.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServiceSettings {
    /// How many tasks should run.
    pub desired_count: Option<u32>,
    /// Subnets, security groups and public address of the tasks.
    pub network: Network,
    /// Target groups the tasks register with.
    pub load_balancers: BTreeSet<LoadBalancer>,
    /// Seconds during which failed load balancer checks of a new task do not count.
    pub health_check_grace_period_seconds: u32,
    /// Percentage of the desired count that stays healthy during a rollout.
    pub minimum_healthy_percent: Option<u32>,
    /// Percentage of the desired count that may run during a rollout.
    pub maximum_percent: Option<u32>,
    /// When ECS gives up a rollout.
    pub circuit_breaker: Option<CircuitBreaker>,
    /// Whether a shell can be opened in the containers.
    pub enable_execute_command: bool,
    /// Whether ECS moves tasks to keep zones in balance.
    pub availability_zone_rebalancing: Option<bool>,
    /// Where tasks get their tags from: `SERVICE`, `TASK_DEFINITION` or `NONE`.
    pub propagate_tags: Option<String>,
    /// Where tasks are placed.
    pub capacity: Option<Capacity>,
    /// Version of the Fargate platform.
    pub platform: Option<Platform>,
    /// Service Connect, where it is on.
    pub service_connect: Option<ServiceConnect>,
}

/// Where tasks are placed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Capacity {
    /// By a launch type, such as `FARGATE`.
    LaunchType(String),
    /// By capacity providers, by name.
    Providers(BTreeMap<String, Share>),
}

/// The share of a capacity provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// Its part of the tasks beyond the base, relative to the weights of the others.
    pub weight: u32,
    /// How many tasks it runs at least.
    pub base: u32,
}

/// Version of the Fargate platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Platform {
    /// As it was asked for, such as `LATEST` or `1.4.0`.
    pub asked: String,
    /// What that came to, where it was read.
    pub runs: Option<String>,
}

impl Platform {
    /// The version in force when nobody names one.
    pub const LATEST: &str = "LATEST";

    /// Whether what is present is what was asked for here.
    #[must_use]
    pub fn is_met_by(&self, present: &Self) -> bool {
        self.asked == present.asked
            || present.asked == Self::LATEST && present.runs.as_ref() == Some(&self.asked)
    }
}

/// Service Connect of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceConnect {
    /// Cloud Map namespace, by name or ARN; that of the cluster if there is none.
    pub namespace: Option<String>,
    /// What others reach.
    pub published: Option<Published>,
}

/// A port that other services of the namespace reach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// Name of the port in the task definition.
    pub port_name: String,
    /// Name of the service in Cloud Map.
    pub discovery_name: String,
    /// The name that clients connect to; `<discovery_name>.<namespace>` if there is none.
    pub dns_name: Option<String>,
    /// The port that clients connect to.
    pub port: u16,
    /// The port that the proxy listens on, if it is not to be chosen by ECS.
    pub ingress_port: Option<u16>,
}

impl ServiceConnect {
    /// Whether this is the same as what was read. A namespace that is not said is that of the cluster, and the name and
    /// the ARN of one cannot be told to be different.
    fn is(&self, present: &Self) -> bool {
        let comparable = |one: &str, other: &str| Arn::is_meant_by(one) == Arn::is_meant_by(other);
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
    /// Whether tasks get a public address.
    pub assign_public_ip: bool,
}

/// A target group and the container port behind it.
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
    /// Whether a rollout whose tasks keep failing is given up.
    pub enable: bool,
    /// Whether the last good revision is then rolled out again.
    pub rollback: bool,
    /// How many failed tasks are too many; `None` for the server's choice.
    pub threshold: Option<Threshold>,
    /// Whether a task that becomes healthy sets the count of failed ones back.
    pub reset_on_healthy_task: bool,
}

impl CircuitBreaker {
    /// What a service has where nothing else is wanted: failed rollouts are rolled back, and the count is the server's.
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

/// How many failed tasks are too many for a rollout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Threshold {
    /// What the value counts.
    pub kind: ThresholdKind,
    /// The value.
    pub value: u32,
}

impl Threshold {
    /// The server's choice: half of the desired count, within bounds. Source: ThresholdConfiguration, API reference.
    pub const DEFAULT: Self = Self {
        kind: ThresholdKind::BoundedPercent,
        value: 50,
    };

    /// The canonical form, in which the server's choice is nothing said.
    #[must_use]
    pub fn canonical(self) -> Option<Self> {
        (self != Self::DEFAULT).then_some(self)
    }
}

/// What the value of a threshold counts.
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
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Count, Self::BoundedPercent, Self::UnboundedPercent];

    /// The API's word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Count => "COUNT",
            Self::BoundedPercent => "BOUNDED_PERCENT",
            Self::UnboundedPercent => "UNBOUNDED_PERCENT",
        }
    }

    /// The kind of this word.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// What differs between wanted and present settings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Each difference in the user's words.
    pub described: Vec<String>,
    /// Whether the network is among them, for which ECS starts a deployment.
    pub network: bool,
    /// Whether the target groups are among them, for which ECS starts a deployment.
    pub load_balancers: bool,
    /// Whether the placement is among them, which ECS only takes with a forced deployment.
    pub capacity: bool,
    /// Whether the platform is among them, for which ECS starts a deployment.
    pub platform: bool,
    /// Whether Service Connect is among them, for which ECS starts a deployment.
    pub service_connect: bool,
}

impl ServiceSettings {
    /// What must be changed to get from the present settings to these.
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
        // Without a load balancer it means nothing, and ECS takes no other.
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

/// Whether both are said and not the same.
fn differs<T>(wanted: &Option<T>, present: &Option<T>, same: impl Fn(&T, &T) -> bool) -> bool {
    wanted
        .as_ref()
        .zip(present.as_ref())
        .is_some_and(|(wanted, present)| !same(wanted, present))
}

impl Changes {
    /// Whether ECS starts a deployment for them. Source: UpdateService, API reference.
    #[must_use]
    pub fn deploys(&self) -> bool {
        self.network
            || self.load_balancers
            || self.capacity
            || self.platform
            || self.service_connect
    }

    /// Whether there is nothing to change.
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

/// Why a rollout could never replace a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PercentError {
    /// No task may be stopped and none may be added.
    #[error("with a minimum of {minimum} % and a maximum of {maximum} % no task can be replaced")]
    Deadlock {
        /// `minimum_healthy_percent`.
        minimum: u32,
        /// `maximum_percent`.
        maximum: u32,
    },
    /// The maximum lies below what must run, or the minimum above.
    #[error("a minimum of {minimum} % and a maximum of {maximum} % contradict each other")]
    Contradiction {
        /// `minimum_healthy_percent`.
        minimum: u32,
        /// `maximum_percent`.
        maximum: u32,
    },
}

impl PercentError {
    /// Returns the largest minimum and the smallest maximum with which a task of this many can be replaced; `None` where
    /// the number is not known.
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

/// Checks that a rollout of `count` tasks can replace at least one; without a count, that there is a count with which it
/// can. ECS rounds the minimum up and the maximum down. Source: ECS API Reference, DeploymentConfiguration.
///
/// # Errors
/// [`PercentError`] if it cannot, which ECS itself reports only by an event, for ever.
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
        // Enough tasks turn every other pair into room for one.
        None => lower >= 100 && upper <= 100,
    };
    match stuck {
        true => Err(PercentError::Deadlock { minimum, maximum }),
        false => Ok(()),
    }
}

/// How much room a rollout has, as it was read from a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// `minimum_healthy_percent`.
    pub minimum: u32,
    /// `maximum_percent`.
    pub maximum: u32,
    /// The desired count.
    pub count: u32,
}

impl Room {
    /// The room of a service, where ECS reports it.
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
    /// [`PercentError`] if none can.
    pub fn check(&self) -> Result<(), PercentError> {
        check_percentages(self.minimum, self.maximum, Some(self.count))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_settings_that_start_a_deployment_say_so() {
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
    fn the_grace_period_counts_only_where_a_load_balancer_is_wanted() {
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
    fn what_is_unmanaged_or_unreported_is_no_difference() {
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
    fn percentages_that_cannot_move_a_task_are_refused() {
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
