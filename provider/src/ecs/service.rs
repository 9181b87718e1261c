//! Settings of a service except its task definition, and the effects of changes to them.
//!
//! The submodules convert settings to and from SDK types.

mod capacity;
mod deployment;
mod load_balancer;
mod network;
mod options;
mod percentages;
mod platform;
mod service_connect;

use std::collections::BTreeSet;

pub use self::capacity::{Capacity, Share};
pub use self::deployment::{CircuitBreaker, DeploymentConfiguration, Threshold, ThresholdKind};
pub use self::load_balancer::LoadBalancer;
pub use self::network::Network;
pub use self::options::ServiceOptions;
pub use self::percentages::{PercentError, TaskLimits, check_percentages};
pub use self::platform::Platform;
pub use self::service_connect::{Published, ServiceConnect};
use super::drift::{Differences, Drift};

/// Initial number of tasks if the desired count is not managed.
pub const FIRST_COUNT: u32 = 1;

/// Settings of a service. In planned settings, `None` means that a setting is not managed. In present settings, it
/// means that ECS does not report the setting. Neither is a difference. In `service_connect` only, `None` means that
/// Service Connect is disabled.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServiceSettings {
    /// Desired number of tasks.
    pub desired_count: Option<u32>,
    /// Subnets, security groups, and public IP address assignment of the tasks.
    pub network: Network,
    /// Target groups that the tasks register with.
    pub load_balancers: BTreeSet<LoadBalancer>,
    /// Percentages of running tasks, and the circuit breaker.
    pub deployment: DeploymentConfiguration,
    /// Options that ECS applies without a deployment.
    pub options: ServiceOptions,
    /// Placement of the tasks.
    pub capacity: Option<Capacity>,
    /// Fargate platform version.
    pub platform: Option<Platform>,
    /// Service Connect, if it is enabled.
    pub service_connect: Option<ServiceConnect>,
}

/// Differences between planned and present settings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// All differences.
    pub drift: Vec<Drift>,
    /// Whether the network differs. ECS starts a deployment for this change.
    pub network: bool,
    /// Whether the target groups differ. ECS starts a deployment for this change.
    pub load_balancers: bool,
    /// Whether the placement differs. ECS accepts this change only with a forced deployment.
    pub capacity: bool,
    /// Whether the platform version differs. ECS starts a deployment for this change.
    pub platform: bool,
    /// Whether the Service Connect configuration differs. ECS starts a deployment for this change.
    pub service_connect: bool,
}

impl ServiceSettings {
    /// Returns the changes from the present settings to these settings.
    #[must_use]
    pub fn changes_from(&self, present: &Self) -> Changes {
        let changes = Changes {
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
        let mut found = Differences::default();
        found.note("networkConfiguration", changes.network);
        found.note("loadBalancers", changes.load_balancers);
        found.note("capacityProviderStrategy", changes.capacity);
        found.note("platformVersion", changes.platform);
        found.note("serviceConnectConfiguration", changes.service_connect);
        found.value("desiredCount", self.desired_count, present.desired_count);
        self.deployment.compare(&present.deployment, &mut found);
        self.options.compare(&present.options, &mut found);
        Changes {
            drift: found.into_drift(),
            ..changes
        }
    }

    /// Returns the limits on the number of tasks during a rollout, if ECS reports them.
    #[must_use]
    pub fn task_limits(&self) -> Option<TaskLimits> {
        Some(TaskLimits {
            minimum: self.deployment.minimum_healthy_percent?,
            maximum: self.deployment.maximum_percent?,
            count: self.desired_count?,
        })
    }
}

/// Returns whether both values are set and differ.
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

    /// Returns whether no setting differs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.drift.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resources::ecs::service_bundle::diagnostics::drift_texts as texts;

    #[test]
    fn only_settings_that_start_a_deployment_are_flagged() {
        let mut present = ServiceSettings::default();
        present.options.propagate_tags = Some("SERVICE".into());
        let mut wanted = present.clone();
        assert!(wanted.changes_from(&present).is_empty());

        wanted.options.enable_execute_command = true;
        wanted.options.propagate_tags = Some("NONE".into());
        let quiet = wanted.changes_from(&present);
        assert_eq!(
            (quiet.drift.len(), quiet.network, quiet.load_balancers),
            (2, false, false)
        );

        wanted.network.assign_public_ip = true;
        assert!(wanted.changes_from(&present).network);
    }

    #[test]
    fn grace_period_is_compared_only_with_a_load_balancer() {
        let mut present = ServiceSettings::default();
        present.options.health_check_grace_period_seconds = Some(60);
        let mut wanted = ServiceSettings::default();
        assert!(wanted.changes_from(&present).is_empty());
        wanted.load_balancers.insert(LoadBalancer {
            target_group_arn: "arn:tg".into(),
            container_name: "api".into(),
            container_port: 8080,
        });
        wanted.options.health_check_grace_period_seconds = Some(0);
        assert_eq!(wanted.changes_from(&present).drift.len(), 2);
    }

    #[test]
    fn unmanaged_and_unreported_settings_are_not_differences() {
        let present = ServiceSettings {
            desired_count: Some(7),
            ..ServiceSettings::default()
        };
        let mut unmanaged = ServiceSettings::default();
        unmanaged.options.availability_zone_rebalancing = Some(true);
        assert!(unmanaged.changes_from(&present).is_empty());
        let managed = ServiceSettings {
            desired_count: Some(2),
            ..unmanaged
        };
        assert_eq!(
            texts(&managed.changes_from(&present).drift),
            ["desired_count is 7 instead of 2"]
        );
    }
}
