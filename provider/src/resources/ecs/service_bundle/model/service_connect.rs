//! Service Connect configuration of a service: the schema, and its conversion to and from the settings of a service.

use tfplugin::Schema;
use tfplugin::validate::{length, one_of, range, text};

use crate::ecs::definition::Container;
use crate::ecs::service::{self, Published};

const DNS_RULE: &str = "be a name of 1 to 127 lowercase letters, digits, hyphens and dots";

/// ECS Service Connect configuration for a service.
#[derive(Schema)]
pub struct ServiceConnect {
    /// Name or ARN of the Cloud Map namespace. Defaults to the namespace of the cluster.
    #[attr(optional, validate = length(1..=1024))]
    pub namespace: Option<String>,
    /// Endpoint that other services in the namespace can connect to. If omitted, the service is only a client.
    #[attr(optional)]
    pub publish: Option<PublishedPort>,
}

/// Endpoint that exposes `port` of the service to other services in the namespace.
#[derive(Schema)]
pub struct PublishedPort {
    /// Name of the service in Cloud Map. Defaults to the service key.
    #[attr(optional, validate = text(DNS_RULE, is_dns_name))]
    pub discovery_name: Option<String>,
    /// DNS name that clients connect to. Defaults to `<discovery_name>.<namespace>`.
    #[attr(optional, validate = text(DNS_RULE, is_dns_name))]
    pub dns_name: Option<String>,
    /// Port that clients connect to. Defaults to `port` of the service.
    #[attr(optional, validate = range(1..=65535))]
    pub port: Option<u16>,
    /// Application protocol of the port, which enables request metrics. Defaults to TCP.
    #[attr(optional, validate = one_of(&["http", "http2", "grpc"]))]
    pub app_protocol: Option<String>,
    /// Port of the Service Connect proxy in the task. By default, ECS selects a port.
    #[attr(optional, validate = range(1..=65535))]
    pub ingress_port: Option<u16>,
}

impl ServiceConnect {
    /// Returns the configuration of the service with this key and port.
    #[must_use]
    pub fn settings(&self, key: &str, port: Option<u16>) -> service::ServiceConnect {
        let published = self.publish.as_ref().map(|publish| Published {
            port_name: key.to_owned(),
            discovery_name: publish
                .discovery_name
                .clone()
                .unwrap_or_else(|| key.to_owned()),
            dns_name: publish.dns_name.clone(),
            port: publish.port.or(port).unwrap_or_default(),
            ingress_port: publish.ingress_port,
        });
        service::ServiceConnect {
            namespace: self.namespace.clone(),
            published,
        }
    }

    /// Returns the configuration of a running service with this main container, without default values.
    #[must_use]
    pub fn of(found: &service::ServiceConnect, own: &Container) -> Self {
        let publish = found.published.as_ref().map(|published| PublishedPort {
            discovery_name: Some(published.discovery_name.clone()).filter(|name| *name != own.name),
            dns_name: published.dns_name.clone(),
            port: Some(published.port).filter(|port| Some(*port) != own.port),
            app_protocol: own.app_protocol.clone(),
            ingress_port: published.ingress_port,
        });
        Self {
            namespace: found.namespace.clone(),
            publish,
        }
    }
}

fn is_dns_name(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.';
    (1..=127).contains(&text.len()) && text.chars().all(allowed)
}
