//! Requests that create and update a service, and the settings of a described service. Each type of setting implements
//! its own conversion.

use aws_sdk_ecs::operation::create_service::builders::CreateServiceFluentBuilder;
use aws_sdk_ecs::operation::update_service::builders::UpdateServiceFluentBuilder;
use aws_sdk_ecs::types as ecs;

use crate::ecs::api::{CreateService, UpdateService};
use crate::ecs::number::{count, number};
use crate::ecs::service::{
    Capacity, DeploymentConfiguration, FIRST_COUNT, LoadBalancer, Network, Platform,
    ServiceConnect, ServiceOptions, ServiceSettings,
};

pub(super) fn create(
    call: CreateServiceFluentBuilder,
    request: &CreateService,
) -> CreateServiceFluentBuilder {
    let settings = &request.settings;
    let balancers = settings.load_balancers.iter().map(LoadBalancer::request);
    let balanced = !settings.load_balancers.is_empty();
    let capacity = settings.capacity.as_ref();
    let platform = settings.platform.as_ref();
    let connect = settings.service_connect.as_ref();
    let call = call
        .cluster(&request.cluster)
        .service_name(&request.name)
        .task_definition(&request.task_definition)
        .client_token(&request.client_token)
        .set_launch_type(Capacity::launch_type(capacity))
        .set_capacity_provider_strategy(capacity.and_then(Capacity::strategy))
        .set_platform_version(platform.map(|platform| platform.asked.clone()))
        .set_service_connect_configuration(connect.map(ServiceConnect::request))
        .desired_count(number(settings.desired_count.unwrap_or(FIRST_COUNT)))
        .set_load_balancers(balanced.then(|| balancers.collect()))
        .network_configuration(settings.network.request())
        .deployment_configuration(settings.deployment.request(false));
    settings.options.create(call)
}

pub(super) fn update(
    call: UpdateServiceFluentBuilder,
    request: &UpdateService,
) -> UpdateServiceFluentBuilder {
    let balancers = request.load_balancers.as_ref();
    let balancers = balancers.map(|all| all.iter().map(LoadBalancer::request).collect());
    // An empty strategy returns a service to its launch type.
    let strategy = |capacity: &Capacity| capacity.strategy().unwrap_or_default();
    let connect = |wanted: &Option<ServiceConnect>| {
        let wanted = wanted.as_ref();
        wanted.map_or_else(ServiceConnect::disabled, ServiceConnect::request)
    };
    let deployment = |wanted: &DeploymentConfiguration| {
        let explicit = request.explicit_circuit_breaker;
        wanted.request(explicit)
    };
    let call = call
        .cluster(&request.cluster)
        .service(&request.name)
        .set_task_definition(request.task_definition.clone())
        .set_desired_count(request.desired_count.map(number))
        .set_network_configuration(request.network.as_ref().map(Network::request))
        .set_load_balancers(balancers)
        .set_capacity_provider_strategy(request.capacity.as_ref().map(strategy))
        .set_platform_version(request.platform_version.clone())
        .set_service_connect_configuration(request.service_connect.as_ref().map(connect))
        .set_deployment_configuration(request.deployment.as_ref().map(deployment))
        .set_force_new_deployment(request.force_new_deployment.then_some(true));
    match &request.options {
        Some(options) => options.update(call),
        None => call,
    }
}

pub(super) fn settings(found: &ecs::Service) -> ServiceSettings {
    let mut deployments = found.deployments.as_deref().unwrap_or_default().iter();
    let primary = deployments.find(|deployment| deployment.status.as_deref() == Some("PRIMARY"));
    ServiceSettings {
        desired_count: Some(count(found.desired_count)),
        network: Network::of(found),
        load_balancers: LoadBalancer::all_of(found),
        deployment: DeploymentConfiguration::of(found),
        options: ServiceOptions::of(found),
        capacity: Capacity::of(found),
        platform: Platform::of(found, primary),
        service_connect: ServiceConnect::of(primary),
    }
}
