//! Target group settings of a service, and their conversion to and from SDK types.

use std::collections::BTreeSet;

use aws_sdk_ecs::types as ecs;

/// Target group and the container port that receives its traffic.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LoadBalancer {
    /// ARN of the target group.
    pub target_group_arn: String,
    /// Name of the container.
    pub container_name: String,
    /// Port of the container.
    pub container_port: u16,
}

impl LoadBalancer {
    pub(in crate::ecs) fn request(&self) -> ecs::LoadBalancer {
        ecs::LoadBalancer::builder()
            .target_group_arn(&self.target_group_arn)
            .container_name(&self.container_name)
            .container_port(i32::from(self.container_port))
            .build()
    }

    pub(in crate::ecs) fn all_of(found: &ecs::Service) -> BTreeSet<Self> {
        let all = found.load_balancers.iter().flatten();
        all.filter_map(Self::of).collect()
    }

    fn of(found: &ecs::LoadBalancer) -> Option<Self> {
        Some(Self {
            target_group_arn: found.target_group_arn.clone()?,
            container_name: found.container_name.clone().unwrap_or_default(),
            container_port: u16::try_from(found.container_port?).ok()?,
        })
    }
}
