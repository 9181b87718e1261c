//! Settings of a service, to and from the SDK's types.

use aws_sdk_ecs::operation::create_service::builders::CreateServiceFluentBuilder;
use aws_sdk_ecs::operation::update_service::builders::UpdateServiceFluentBuilder;
use aws_sdk_ecs::types as ecs;

use super::observed::count;
use crate::ecs::api::{CreateService, UpdateService};
use crate::ecs::service::{CircuitBreaker, FIRST_COUNT, LoadBalancer, Network, ServiceSettings};

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
        .launch_type(ecs::LaunchType::Fargate)
        .desired_count(number(settings.desired_count.unwrap_or(FIRST_COUNT)))
        .set_load_balancers(
            balanced.then(|| settings.load_balancers.iter().map(load_balancer).collect()),
        )
        .set_health_check_grace_period_seconds(
            balanced.then(|| number(settings.health_check_grace_period_seconds)),
        )
        .network_configuration(network(&settings.network))
        .deployment_configuration(deployment_configuration(settings))
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
        .set_force_new_deployment(request.force_new_deployment.then_some(true));
    let Some(settings) = &request.settings else {
        return call;
    };
    let balanced = !settings.load_balancers.is_empty();
    call.deployment_configuration(deployment_configuration(settings))
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
        circuit_breaker: breaker.map(|breaker| CircuitBreaker {
            enable: breaker.enable,
            rollback: breaker.rollback,
        }),
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
        .expect("subnets are set");
    ecs::NetworkConfiguration::builder()
        .awsvpc_configuration(vpc)
        .build()
}

fn deployment_configuration(settings: &ServiceSettings) -> ecs::DeploymentConfiguration {
    let breaker = settings.circuit_breaker.map(|breaker| {
        let CircuitBreaker { enable, rollback } = breaker;
        ecs::DeploymentCircuitBreaker::builder()
            .enable(enable)
            .rollback(rollback)
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

/// Validation keeps all numbers far below the limit of the API's type.
fn number(count: u32) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}
