//! Task network settings of a service, and their conversion to and from SDK types.

use std::collections::BTreeSet;

use aws_sdk_ecs::types as ecs;

/// Network settings for the tasks (`awsvpcConfiguration`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Network {
    /// IDs of at most 16 subnets.
    pub subnets: BTreeSet<String>,
    /// IDs of at most 5 security groups.
    pub security_groups: BTreeSet<String>,
    /// Whether tasks receive a public IP address.
    pub assign_public_ip: bool,
}

impl Network {
    pub(in crate::ecs) fn request(&self) -> ecs::NetworkConfiguration {
        let public = if self.assign_public_ip {
            ecs::AssignPublicIp::Enabled
        } else {
            ecs::AssignPublicIp::Disabled
        };
        let groups = (!self.security_groups.is_empty())
            .then(|| self.security_groups.iter().cloned().collect());
        let vpc = ecs::AwsVpcConfiguration::builder()
            .set_subnets(Some(self.subnets.iter().cloned().collect()))
            .set_security_groups(groups)
            .assign_public_ip(public)
            .build()
            .expect("subnets must be set");
        ecs::NetworkConfiguration::builder()
            .awsvpc_configuration(vpc)
            .build()
    }

    pub(in crate::ecs) fn of(found: &ecs::Service) -> Self {
        let vpc = found
            .network_configuration
            .as_ref()
            .and_then(|network| network.awsvpc_configuration.as_ref());
        let Some(vpc) = vpc else {
            return Self::default();
        };
        let groups = vpc.security_groups.iter().flatten();
        Self {
            subnets: vpc.subnets.iter().cloned().collect(),
            security_groups: groups.cloned().collect(),
            assign_public_ip: vpc.assign_public_ip == Some(ecs::AssignPublicIp::Enabled),
        }
    }
}
