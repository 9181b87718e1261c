//! Target group of a service: the schema, and its conversion to and from the settings of a service.

use tfplugin::Schema;
use tfplugin::validate::{range, text};

use super::rules::{KEY_RULE, TARGET_GROUP_RULE, is_key, is_target_group_arn};
use crate::ecs::service;

/// Target group of a service.
#[derive(Schema)]
pub struct LoadBalancer {
    /// ARN of the target group, which must have the target type `ip`.
    #[attr(required, validate = text(TARGET_GROUP_RULE, is_target_group_arn))]
    pub target_group_arn: String,
    /// Name of the container that receives the requests: the service key or the key of a sidecar. Changing this starts
    /// a deployment. Defaults to the service key.
    #[attr(optional, validate = text(KEY_RULE, is_key))]
    pub container: Option<String>,
    /// Port of the container. Defaults to the value of `port` for the container.
    #[attr(optional, validate = range(1..=65535))]
    pub container_port: Option<u16>,
}

impl LoadBalancer {
    /// Returns the target group of the service with this key. `opens` returns the port of a container.
    #[must_use]
    pub fn settings(
        &self,
        key: &str,
        opens: impl Fn(&str) -> Option<u16>,
    ) -> service::LoadBalancer {
        let container = self.container.as_deref().unwrap_or(key);
        let port = self.container_port.or_else(|| opens(container));
        service::LoadBalancer {
            target_group_arn: self.target_group_arn.clone(),
            container_name: container.to_owned(),
            container_port: port.unwrap_or_default(),
        }
    }

    /// Returns the target group of a running service. `own` is the name of its main container.
    #[must_use]
    pub fn of(found: &service::LoadBalancer, own: &str) -> Self {
        Self {
            target_group_arn: found.target_group_arn.clone(),
            container: Some(found.container_name.clone()).filter(|name| name != own),
            container_port: Some(found.container_port),
        }
    }
}
