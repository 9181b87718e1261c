//! Conversion of service settings to and from SDK types.

use aws_sdk_ecs::operation::create_service::builders::CreateServiceFluentBuilder;
use aws_sdk_ecs::operation::update_service::builders::UpdateServiceFluentBuilder;
use aws_sdk_ecs::types as ecs;

use super::number::{count, number};
use crate::aws::arn::Arn;
use crate::ecs::api::{CreateService, UpdateService};
use crate::ecs::service::{
    Capacity, CircuitBreaker, FIRST_COUNT, LoadBalancer, Network, Platform, Published,
    ServiceConnect, ServiceSettings, Share, Threshold, ThresholdKind,
};

pub(super) fn create(
    call: CreateServiceFluentBuilder,
    request: &CreateService,
) -> CreateServiceFluentBuilder {
    let settings = &request.settings;
    let balanced = !settings.load_balancers.is_empty();
    call.cluster(&request.cluster)
        .service_name(&request.name)
        .task_definition(&request.task_definition)
        .client_token(&request.client_token)
        .set_launch_type(launch_type(settings.capacity.as_ref()))
        .set_capacity_provider_strategy(settings.capacity.as_ref().and_then(strategy))
        .set_platform_version(
            settings
                .platform
                .as_ref()
                .map(|platform| platform.asked.clone()),
        )
        .set_service_connect_configuration(settings.service_connect.as_ref().map(service_connect))
        .desired_count(number(settings.desired_count.unwrap_or(FIRST_COUNT)))
        .set_load_balancers(
            balanced.then(|| settings.load_balancers.iter().map(load_balancer).collect()),
        )
        .set_health_check_grace_period_seconds(
            balanced.then(|| number(settings.health_check_grace_period_seconds)),
        )
        .network_configuration(network(&settings.network))
        .deployment_configuration(deployment_configuration(settings, false))
        .enable_execute_command(settings.enable_execute_command)
        .set_availability_zone_rebalancing(rebalancing(settings))
        .set_propagate_tags(propagate_tags(settings))
}

pub(super) fn update(
    call: UpdateServiceFluentBuilder,
    request: &UpdateService,
) -> UpdateServiceFluentBuilder {
    let call = call
        .cluster(&request.cluster)
        .service(&request.name)
        .set_task_definition(request.task_definition.clone())
        .set_desired_count(request.desired_count.map(number))
        .set_network_configuration(request.network.as_ref().map(network))
        .set_load_balancers(
            request
                .load_balancers
                .as_ref()
                .map(|all| all.iter().map(load_balancer).collect()),
        )
        // An empty strategy returns a service to its launch type.
        .set_capacity_provider_strategy(
            request
                .capacity
                .as_ref()
                .map(|capacity| strategy(capacity).unwrap_or_default()),
        )
        .set_platform_version(request.platform_version.clone())
        .set_service_connect_configuration(request.service_connect.as_ref().map(|wanted| {
            wanted
                .as_ref()
                .map_or_else(no_service_connect, service_connect)
        }))
        .set_force_new_deployment(request.force_new_deployment.then_some(true));
    let Some(settings) = &request.settings else {
        return call;
    };
    let balanced = !settings.load_balancers.is_empty();
    let explicit = request.explicit_circuit_breaker;
    call.deployment_configuration(deployment_configuration(settings, explicit))
        .enable_execute_command(settings.enable_execute_command)
        .set_health_check_grace_period_seconds(
            balanced.then(|| number(settings.health_check_grace_period_seconds)),
        )
        .set_availability_zone_rebalancing(rebalancing(settings))
        .set_propagate_tags(propagate_tags(settings))
}

pub(super) fn settings(found: &ecs::Service) -> ServiceSettings {
    let configuration = found.deployment_configuration.as_ref();
    let breaker =
        configuration.and_then(|configuration| configuration.deployment_circuit_breaker.as_ref());
    let deployments = found.deployments.as_deref().unwrap_or_default().iter();
    let primary = deployments
        .clone()
        .find(|deployment| deployment.status.as_deref() == Some("PRIMARY"));
    let vpc = found
        .network_configuration
        .as_ref()
        .and_then(|network| network.awsvpc_configuration.as_ref());
    ServiceSettings {
        desired_count: Some(count(found.desired_count)),
        network: Network {
            subnets: vpc
                .map(|vpc| vpc.subnets.iter().cloned().collect())
                .unwrap_or_default(),
            security_groups: vpc
                .and_then(|vpc| vpc.security_groups.clone())
                .unwrap_or_default()
                .into_iter()
                .collect(),
            assign_public_ip: vpc
                .is_some_and(|vpc| vpc.assign_public_ip == Some(ecs::AssignPublicIp::Enabled)),
        },
        load_balancers: found
            .load_balancers
            .as_deref()
            .unwrap_or_default()
            .iter()
            .filter_map(balancer)
            .collect(),
        health_check_grace_period_seconds: found
            .health_check_grace_period_seconds
            .map(count)
            .unwrap_or_default(),
        minimum_healthy_percent: configuration
            .and_then(|all| all.minimum_healthy_percent)
            .map(count),
        maximum_percent: configuration.and_then(|all| all.maximum_percent).map(count),
        circuit_breaker: breaker.map(canonical_breaker),
        enable_execute_command: found.enable_execute_command,
        availability_zone_rebalancing: found
            .availability_zone_rebalancing
            .as_ref()
            .map(|state| *state == ecs::AvailabilityZoneRebalancing::Enabled),
        propagate_tags: found
            .propagate_tags
            .as_ref()
            .map(|from| from.as_str().to_owned()),
        capacity: canonical_capacity(found),
        platform: canonical_platform(found, primary),
        service_connect: primary
            .and_then(|primary| primary.service_connect_configuration.as_ref())
            .and_then(canonical_connect),
    }
}

fn canonical_breaker(found: &ecs::DeploymentCircuitBreaker) -> CircuitBreaker {
    let threshold = found.threshold_configuration.as_ref().and_then(|found| {
        let kind = ThresholdKind::of(found.r#type.as_str())?;
        let value = count(found.value);
        Threshold { kind, value }.canonical()
    });
    CircuitBreaker {
        enable: found.enable,
        rollback: found.rollback,
        threshold,
        reset_on_healthy_task: found.reset_on_healthy_task != Some(false),
    }
}

fn canonical_capacity(found: &ecs::Service) -> Option<Capacity> {
    let strategy = found
        .capacity_provider_strategy
        .as_deref()
        .unwrap_or_default();
    if strategy.is_empty() {
        let launch_type = found.launch_type.as_ref()?;
        return Some(Capacity::LaunchType(launch_type.as_str().to_owned()));
    }
    let shares = strategy.iter().map(|item| {
        // A strategy contains the name or the ARN of a provider.
        let name = Arn::name_in(&item.capacity_provider);
        let (weight, base) = (count(item.weight), count(item.base));
        (name.to_owned(), Share { weight, base })
    });
    Some(Capacity::Providers(shares.collect()))
}

fn canonical_platform(found: &ecs::Service, primary: Option<&ecs::Deployment>) -> Option<Platform> {
    let specified =
        |version: &Option<String>| version.clone().filter(|version| !version.is_empty());
    let runs = primary
        .and_then(|primary| specified(&primary.platform_version))
        .filter(|version| version != Platform::LATEST);
    let asked = specified(&found.platform_version)
        .or_else(|| runs.as_ref().map(|_| Platform::LATEST.to_owned()))?;
    Some(Platform { asked, runs })
}

/// Returns `None` if Service Connect is disabled. The default discovery name is the name of the port.
fn canonical_connect(found: &ecs::ServiceConnectConfiguration) -> Option<ServiceConnect> {
    let published = found
        .services
        .as_deref()
        .unwrap_or_default()
        .first()
        .map(|service| {
            let alias = service
                .client_aliases
                .as_deref()
                .unwrap_or_default()
                .first();
            let port = |port: Option<i32>| port.and_then(|port| u16::try_from(port).ok());
            Published {
                port_name: service.port_name.clone(),
                discovery_name: service
                    .discovery_name
                    .clone()
                    .unwrap_or_else(|| service.port_name.clone()),
                dns_name: alias.and_then(|alias| alias.dns_name.clone()),
                port: port(alias.map(|alias| alias.port)).unwrap_or_default(),
                ingress_port: port(service.ingress_port_override),
            }
        });
    found.enabled.then(|| ServiceConnect {
        namespace: found.namespace.clone(),
        published,
    })
}

fn launch_type(capacity: Option<&Capacity>) -> Option<ecs::LaunchType> {
    match capacity {
        None => Some(ecs::LaunchType::Fargate),
        Some(Capacity::LaunchType(name)) => Some(ecs::LaunchType::from(name.as_str())),
        // ECS accepts a launch type or a strategy, but not both.
        Some(Capacity::Providers(_)) => None,
    }
}

fn strategy(capacity: &Capacity) -> Option<Vec<ecs::CapacityProviderStrategyItem>> {
    let Capacity::Providers(shares) = capacity else {
        return None;
    };
    let items = shares.iter().map(|(name, share)| {
        ecs::CapacityProviderStrategyItem::builder()
            .capacity_provider(name)
            .weight(number(share.weight))
            .base(number(share.base))
            .build()
            .expect("the provider must be set")
    });
    Some(items.collect())
}

fn service_connect(wanted: &ServiceConnect) -> ecs::ServiceConnectConfiguration {
    let services = wanted.published.iter().map(|published| {
        let alias = ecs::ServiceConnectClientAlias::builder()
            .port(i32::from(published.port))
            .set_dns_name(published.dns_name.clone());
        ecs::ServiceConnectService::builder()
            .port_name(&published.port_name)
            .discovery_name(&published.discovery_name)
            .client_aliases(alias.build().expect("the port must be set"))
            .set_ingress_port_override(published.ingress_port.map(i32::from))
            .build()
            .expect("the name of the port must be set")
    });
    ecs::ServiceConnectConfiguration::builder()
        .enabled(true)
        .set_namespace(wanted.namespace.clone())
        .set_services(Some(services.collect()))
        .build()
}

fn no_service_connect() -> ecs::ServiceConnectConfiguration {
    ecs::ServiceConnectConfiguration::builder()
        .enabled(false)
        .build()
}

fn balancer(found: &ecs::LoadBalancer) -> Option<LoadBalancer> {
    Some(LoadBalancer {
        target_group_arn: found.target_group_arn.clone()?,
        container_name: found.container_name.clone().unwrap_or_default(),
        container_port: u16::try_from(found.container_port?).ok()?,
    })
}

fn load_balancer(wanted: &LoadBalancer) -> ecs::LoadBalancer {
    ecs::LoadBalancer::builder()
        .target_group_arn(&wanted.target_group_arn)
        .container_name(&wanted.container_name)
        .container_port(i32::from(wanted.container_port))
        .build()
}

fn network(wanted: &Network) -> ecs::NetworkConfiguration {
    let public = if wanted.assign_public_ip {
        ecs::AssignPublicIp::Enabled
    } else {
        ecs::AssignPublicIp::Disabled
    };
    let groups = (!wanted.security_groups.is_empty())
        .then(|| wanted.security_groups.iter().cloned().collect());
    let vpc = ecs::AwsVpcConfiguration::builder()
        .set_subnets(Some(wanted.subnets.iter().cloned().collect()))
        .set_security_groups(groups)
        .assign_public_ip(public)
        .build()
        .expect("subnets must be set");
    ecs::NetworkConfiguration::builder()
        .awsvpc_configuration(vpc)
        .build()
}

/// Returns the deployment configuration. Default settings of the circuit breaker are omitted, because older endpoints
/// do not support them, unless they must be `explicit`.
fn deployment_configuration(
    settings: &ServiceSettings,
    explicit: bool,
) -> ecs::DeploymentConfiguration {
    let breaker = settings.circuit_breaker.map(|breaker| {
        let default = explicit.then_some(Threshold::DEFAULT);
        let reset = breaker.reset_on_healthy_task;
        let threshold = breaker.threshold.or(default).map(|threshold| {
            ecs::ThresholdConfiguration::builder()
                .r#type(threshold.kind.word().into())
                .value(number(threshold.value))
                .build()
                .expect("type and value must be set")
        });
        ecs::DeploymentCircuitBreaker::builder()
            .enable(breaker.enable)
            .rollback(breaker.rollback)
            .set_threshold_configuration(threshold)
            .set_reset_on_healthy_task((explicit || !reset).then_some(reset))
            .build()
    });
    ecs::DeploymentConfiguration::builder()
        .set_minimum_healthy_percent(settings.minimum_healthy_percent.map(number))
        .set_maximum_percent(settings.maximum_percent.map(number))
        .set_deployment_circuit_breaker(breaker)
        .build()
}

fn rebalancing(settings: &ServiceSettings) -> Option<ecs::AvailabilityZoneRebalancing> {
    settings
        .availability_zone_rebalancing
        .map(|enabled| match enabled {
            true => ecs::AvailabilityZoneRebalancing::Enabled,
            false => ecs::AvailabilityZoneRebalancing::Disabled,
        })
}

fn propagate_tags(settings: &ServiceSettings) -> Option<ecs::PropagateTags> {
    settings
        .propagate_tags
        .as_deref()
        .map(ecs::PropagateTags::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the circuit breaker in a request.
    fn sent(explicit: bool, breaker: CircuitBreaker) -> ecs::DeploymentCircuitBreaker {
        let settings = ServiceSettings {
            circuit_breaker: Some(breaker),
            ..ServiceSettings::default()
        };
        let configuration = deployment_configuration(&settings, explicit);
        configuration.deployment_circuit_breaker.expect("a breaker")
    }

    #[test]
    fn circuit_breaker_defaults_are_sent_only_if_explicit() {
        let silent = sent(false, CircuitBreaker::default());
        assert_eq!(silent.threshold_configuration, None);
        assert_eq!(silent.reset_on_healthy_task, None);

        let explicit = sent(true, CircuitBreaker::default());
        let threshold = explicit.threshold_configuration.expect("a threshold");
        assert_eq!(
            (threshold.r#type.as_str(), threshold.value),
            ("BOUNDED_PERCENT", 50)
        );
        assert_eq!(explicit.reset_on_healthy_task, Some(true));
    }

    #[test]
    fn values_that_differ_from_the_default_are_always_sent() {
        let tuned = CircuitBreaker {
            threshold: Some(Threshold {
                kind: ThresholdKind::Count,
                value: 2,
            }),
            reset_on_healthy_task: false,
            ..CircuitBreaker::default()
        };
        for explicit in [false, true] {
            let found = sent(explicit, tuned);
            let threshold = found.threshold_configuration.expect("a threshold");
            assert_eq!((threshold.r#type.as_str(), threshold.value), ("COUNT", 2));
            assert_eq!(found.reset_on_healthy_task, Some(false));
        }
    }
}
