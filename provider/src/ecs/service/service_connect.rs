//! Service Connect configuration of a service, its comparison, and its conversion to and from SDK types.

use aws_sdk_ecs::types as ecs;

use crate::aws::arn::Arn;

/// Service Connect configuration of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceConnect {
    /// Cloud Map namespace, by name or ARN. `None` for the default namespace of the cluster.
    pub namespace: Option<String>,
    /// Port that other services can connect to. `None` if the service is only a client.
    pub published: Option<Published>,
}

/// Port that other services in the namespace can connect to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// Name of the port in the task definition.
    pub port_name: String,
    /// Name of the service in Cloud Map.
    pub discovery_name: String,
    /// DNS name that clients connect to. `None` for `<discovery_name>.<namespace>`.
    pub dns_name: Option<String>,
    /// Port that clients connect to.
    pub port: u16,
    /// Port that the proxy listens on. `None` if ECS chooses the port.
    pub ingress_port: Option<u16>,
}

impl ServiceConnect {
    /// Returns whether this configuration matches the current configuration. Namespaces match if they are equal or cannot be
    /// compared. They cannot be compared if one of them is not specified, or if one is a name and the other is an ARN.
    pub(super) fn is(&self, present: &Self) -> bool {
        let comparable =
            |one: &str, other: &str| Arn::matches_prefix(one) == Arn::matches_prefix(other);
        let namespace = match (&self.namespace, &present.namespace) {
            (Some(wanted), Some(there)) => !comparable(wanted, there) || wanted == there,
            _ => true,
        };
        namespace && self.published == present.published
    }

    pub(in crate::ecs) fn request(&self) -> ecs::ServiceConnectConfiguration {
        let services = self.published.iter().map(Published::request);
        ecs::ServiceConnectConfiguration::builder()
            .enabled(true)
            .set_namespace(self.namespace.clone())
            .set_services(Some(services.collect()))
            .build()
    }

    /// Returns the configuration that disables Service Connect.
    pub(in crate::ecs) fn disabled() -> ecs::ServiceConnectConfiguration {
        ecs::ServiceConnectConfiguration::builder()
            .enabled(false)
            .build()
    }

    /// Returns the configuration of the primary deployment, or `None` if Service Connect is disabled.
    pub(in crate::ecs) fn of(primary: Option<&ecs::Deployment>) -> Option<Self> {
        let found = primary?.service_connect_configuration.as_ref()?;
        let published = found.services.as_deref().unwrap_or_default().first();
        found.enabled.then(|| Self {
            namespace: found.namespace.clone(),
            published: published.map(Published::of),
        })
    }
}

impl Published {
    fn request(&self) -> ecs::ServiceConnectService {
        let alias = ecs::ServiceConnectClientAlias::builder()
            .port(i32::from(self.port))
            .set_dns_name(self.dns_name.clone());
        ecs::ServiceConnectService::builder()
            .port_name(&self.port_name)
            .discovery_name(&self.discovery_name)
            .client_aliases(alias.build().expect("the port must be set"))
            .set_ingress_port_override(self.ingress_port.map(i32::from))
            .build()
            .expect("the port name must be set")
    }

    /// Converts a described port. The discovery name defaults to the port name.
    fn of(found: &ecs::ServiceConnectService) -> Self {
        let alias = found.client_aliases.as_deref().unwrap_or_default().first();
        let port = |port: Option<i32>| port.and_then(|port| u16::try_from(port).ok());
        let discovery_name = found.discovery_name.as_ref();
        Self {
            port_name: found.port_name.clone(),
            discovery_name: discovery_name.unwrap_or(&found.port_name).clone(),
            dns_name: alias.and_then(|alias| alias.dns_name.clone()),
            port: port(alias.map(|alias| alias.port)).unwrap_or_default(),
            ingress_port: port(found.ingress_port_override),
        }
    }
}
