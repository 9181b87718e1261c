//! What a service is told beside its task definition, and what a change of it means.

use std::collections::BTreeSet;

use serde::Serialize;

/// Tasks to start with where the desired count is not managed.
pub const FIRST_COUNT: u32 = 1;

/// Settings of a service. `None` means "not said": unmanaged where it is wanted, not reported where it was read, and
/// in both cases no difference.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
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
}

/// The network of the tasks (`awsvpcConfiguration`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Network {
    /// Subnets, at most 16.
    pub subnets: BTreeSet<String>,
    /// Security groups, at most 5.
    pub security_groups: BTreeSet<String>,
    /// Whether tasks get a public address.
    pub assign_public_ip: bool,
}

/// A target group and the container port behind it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct LoadBalancer {
    /// The target group.
    pub target_group_arn: String,
    /// The container.
    pub container_name: String,
    /// The port of the container.
    pub container_port: u16,
}

/// The deployment circuit breaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct CircuitBreaker {
    /// Whether a rollout whose tasks keep failing is given up.
    pub enable: bool,
    /// Whether the last good revision is then rolled out again.
    pub rollback: bool,
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
    /// Whether nobody says how many tasks should run and none should: what a deletion leaves that was broken off.
    pub restart: bool,
}

impl ServiceSettings {
    /// What must be changed to get from the present settings to these.
    #[must_use]
    pub fn changes_from(&self, present: &Self) -> Changes {
        let mut changes = Changes {
            network: self.network != present.network,
            load_balancers: self.load_balancers != present.load_balancers,
            restart: self.desired_count.is_none() && present.desired_count == Some(0),
            ..Changes::default()
        };
        changes.note("network", changes.network);
        changes.note("load_balancer", changes.load_balancers);
        let unsaid = changes.restart.then_some(FIRST_COUNT);
        changes.value("desired_count", unsaid, present.desired_count);
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

impl Changes {
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
        minimum: i64,
        /// `maximum_percent`.
        maximum: i64,
    },
    /// The maximum lies below what must run, or the minimum above.
    #[error("a minimum of {minimum} % and a maximum of {maximum} % contradict each other")]
    Contradiction {
        /// `minimum_healthy_percent`.
        minimum: i64,
        /// `maximum_percent`.
        maximum: i64,
    },
}

/// Checks that a rollout of `count` tasks can replace at least one. ECS rounds the minimum up and the maximum down.
///
/// # Errors
/// [`PercentError`] if it cannot, which ECS itself reports only by an event, for ever.
pub fn check_percentages(minimum: i64, maximum: i64, count: i64) -> Result<(), PercentError> {
    if maximum < 100 || minimum > maximum || minimum < 0 {
        return Err(PercentError::Contradiction { minimum, maximum });
    }
    let must_run = (minimum * count + 99) / 100;
    let may_run = maximum * count / 100;
    if count > 0 && must_run >= count && may_run <= count {
        return Err(PercentError::Deadlock { minimum, maximum });
    }
    Ok(())
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
        assert!(check_percentages(100, 200, 1).is_ok());
        assert!(check_percentages(0, 100, 1).is_ok());
        assert!(check_percentages(50, 100, 2).is_ok());
        assert!(check_percentages(100, 100, 0).is_ok());
        for (minimum, maximum, count) in [(100, 100, 1), (51, 100, 1), (100, 150, 1), (90, 110, 4)]
        {
            let refused = check_percentages(minimum, maximum, count);
            assert_eq!(
                refused,
                Err(PercentError::Deadlock { minimum, maximum }),
                "{minimum}/{maximum}/{count}"
            );
        }
        assert!(matches!(
            check_percentages(100, 50, 1),
            Err(PercentError::Contradiction { .. })
        ));
    }
}
