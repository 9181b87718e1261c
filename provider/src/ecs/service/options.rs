//! Options that ECS applies to a service without a deployment.
//!
//! For each option, this file contains all ECS code: the field, the comparison, the conversion to `CreateService` and
//! `UpdateService` requests, and the conversion from `DescribeServices` responses.

use aws_sdk_ecs::operation::create_service::builders::CreateServiceFluentBuilder;
use aws_sdk_ecs::operation::update_service::builders::UpdateServiceFluentBuilder;
use aws_sdk_ecs::types as ecs;

use crate::ecs::drift::Differences;
use crate::ecs::number::{count, number};

/// Options that ECS applies to a service without a deployment. In planned options, `None` means that an option is not
/// managed. In current options, it means that ECS does not report the option. `None` never counts as a difference.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServiceOptions {
    /// Period in seconds during which ECS ignores failed load balancer health checks for a new task. `None` if the service has
    /// no load balancer, because ECS accepts a value only for services with a load balancer.
    pub health_check_grace_period_seconds: Option<u32>,
    /// Whether ECS Exec is enabled for the containers.
    pub enable_execute_command: bool,
    /// Whether ECS rebalances tasks across Availability Zones.
    pub availability_zone_rebalancing: Option<bool>,
    /// Source of task tags: `SERVICE`, `TASK_DEFINITION`, or `NONE`.
    pub propagate_tags: Option<String>,
}

/// Sets the options in a request. This is a macro because the two request builders share methods but no trait.
macro_rules! with_options {
    ($call:expr, $options:expr) => {
        $call
            .set_health_check_grace_period_seconds(
                $options.health_check_grace_period_seconds.map(number),
            )
            .enable_execute_command($options.enable_execute_command)
            .set_availability_zone_rebalancing(
                $options.availability_zone_rebalancing.map(rebalancing),
            )
            .set_propagate_tags($options.propagate_tags.as_deref().map(Into::into))
    };
}

impl ServiceOptions {
    /// Adds the differences from the current options.
    pub(super) fn compare(&self, present: &Self, found: &mut Differences) {
        let grace = self.health_check_grace_period_seconds;
        let present_grace = present
            .health_check_grace_period_seconds
            .unwrap_or_default();
        found.note(
            "healthCheckGracePeriodSeconds",
            grace.is_some_and(|grace| grace != present_grace),
        );
        found.note(
            "enableExecuteCommand",
            self.enable_execute_command != present.enable_execute_command,
        );
        found.value(
            "availabilityZoneRebalancing",
            self.availability_zone_rebalancing,
            present.availability_zone_rebalancing,
        );
        found.value(
            "propagateTags",
            self.propagate_tags.as_deref(),
            present.propagate_tags.as_deref(),
        );
    }

    pub(in crate::ecs) fn create(
        &self,
        call: CreateServiceFluentBuilder,
    ) -> CreateServiceFluentBuilder {
        with_options!(call, self)
    }

    pub(in crate::ecs) fn update(
        &self,
        call: UpdateServiceFluentBuilder,
    ) -> UpdateServiceFluentBuilder {
        with_options!(call, self)
    }

    pub(in crate::ecs) fn of(found: &ecs::Service) -> Self {
        let balanced = found
            .load_balancers
            .as_ref()
            .is_some_and(|all| !all.is_empty());
        let grace = found.health_check_grace_period_seconds;
        Self {
            health_check_grace_period_seconds: balanced
                .then(|| grace.map(count).unwrap_or_default()),
            enable_execute_command: found.enable_execute_command,
            availability_zone_rebalancing: found
                .availability_zone_rebalancing
                .as_ref()
                .map(|state| *state == ecs::AvailabilityZoneRebalancing::Enabled),
            propagate_tags: found
                .propagate_tags
                .as_ref()
                .map(|from| from.as_str().to_owned()),
        }
    }
}

fn rebalancing(enabled: bool) -> ecs::AvailabilityZoneRebalancing {
    match enabled {
        true => ecs::AvailabilityZoneRebalancing::Enabled,
        false => ecs::AvailabilityZoneRebalancing::Disabled,
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_ecs::config::BehaviorVersion;
    use aws_sdk_ecs::{Client, Config};
    use proptest::option;
    use proptest::prelude::*;

    use super::*;

    fn options() -> impl Strategy<Value = ServiceOptions> {
        let propagate_tags = prop::sample::select(vec!["SERVICE", "TASK_DEFINITION", "NONE"]);
        (
            option::of(0..=2_147_483_647_u32),
            any::<bool>(),
            option::of(any::<bool>()),
            option::of(propagate_tags.prop_map(str::to_owned)),
        )
            .prop_map(
                |(grace, exec, rebalancing, propagate_tags)| ServiceOptions {
                    health_check_grace_period_seconds: grace,
                    enable_execute_command: exec,
                    availability_zone_rebalancing: rebalancing,
                    propagate_tags,
                },
            )
    }

    /// Returns a described service with the options in a request.
    macro_rules! described {
        ($request:expr, $balanced:expr) => {{
            let (request, balancer) = ($request, ecs::LoadBalancer::builder().build());
            ecs::Service::builder()
                .set_load_balancers($balanced.then(|| vec![balancer]))
                .set_health_check_grace_period_seconds(
                    *request.get_health_check_grace_period_seconds(),
                )
                .set_enable_execute_command(*request.get_enable_execute_command())
                .set_availability_zone_rebalancing(
                    request.get_availability_zone_rebalancing().clone(),
                )
                .set_propagate_tags(request.get_propagate_tags().clone())
                .build()
        }};
    }

    proptest! {
        #[test]
        fn both_requests_send_every_option(options in options()) {
            let config = Config::builder().behavior_version(BehaviorVersion::latest());
            let client = Client::from_conf(config.build());
            let balanced = options.health_check_grace_period_seconds.is_some();
            let (created, updated) = (
                options.create(client.create_service()),
                options.update(client.update_service()),
            );
            let created = described!(created.as_input(), balanced);
            prop_assert_eq!(&created, &described!(updated.as_input(), balanced));
            prop_assert_eq!(ServiceOptions::of(&created), options);
        }
    }
}
