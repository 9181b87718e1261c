//! Conversion of task definitions to SDK types, and from SDK types to the canonical form.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use aws_sdk_ecs::operation::register_task_definition::builders::RegisterTaskDefinitionFluentBuilder;
use aws_sdk_ecs::types as ecs;

use super::log_configuration::{canonical_log, log_configuration};
use super::overrides::{LOG_CONFIGURATION, OverridesError, found_in, merged};
use crate::ecs::definition::{Container, HealthCheck, TaskDefinition};
use crate::ecs::number::{count, number};

pub(super) fn register(
    call: RegisterTaskDefinitionFluentBuilder,
    definition: &TaskDefinition,
) -> Result<RegisterTaskDefinitionFluentBuilder, OverridesError> {
    let platform = ecs::RuntimePlatform::builder()
        .cpu_architecture(definition.cpu_architecture.as_str().into())
        .operating_system_family(definition.operating_system_family.as_str().into());
    let all = [&definition.container]
        .into_iter()
        .chain(definition.sidecars.values());
    let containers = all.map(|wanted| merged(container(wanted), &wanted.overrides));
    let storage = definition.ephemeral_storage_gib.map(|size| {
        ecs::EphemeralStorage::builder()
            .size_in_gib(number(size))
            .build()
    });
    Ok(call
        .family(&definition.family)
        .network_mode(ecs::NetworkMode::Awsvpc)
        .requires_compatibilities(ecs::Compatibility::Fargate)
        .cpu(definition.cpu.to_string())
        .memory(definition.memory.to_string())
        .runtime_platform(platform.build())
        .execution_role_arn(&definition.execution_role_arn)
        .set_task_role_arn(definition.task_role_arn.clone())
        .set_ephemeral_storage(storage)
        .set_container_definitions(Some(containers.collect::<Result<_, _>>()?)))
}

fn container(wanted: &Container) -> ecs::ContainerDefinition {
    let environment = wanted.environment.iter();
    let environment = environment
        .map(|(name, value)| ecs::KeyValuePair::builder().name(name).value(value).build());
    let secrets = wanted.secrets.iter().map(|(name, from)| {
        let secret = ecs::Secret::builder().name(name).value_from(from);
        secret.build().expect("name and source must be set")
    });
    ecs::ContainerDefinition::builder()
        .name(&wanted.name)
        .image(&wanted.image)
        .essential(true)
        .set_command(some(wanted.command.clone()))
        .set_entry_point(some(wanted.entry_point.clone()))
        .set_environment(some(environment.collect()))
        .set_secrets(some(secrets.collect()))
        .set_port_mappings(wanted.port.map(|port| vec![port_mapping(port, wanted)]))
        .set_health_check(wanted.health_check.as_ref().map(health_check))
        .set_log_configuration(wanted.log.as_ref().map(log_configuration))
        .set_stop_timeout(wanted.stop_timeout.map(number))
        .build()
}

fn port_mapping(port: u16, wanted: &Container) -> ecs::PortMapping {
    ecs::PortMapping::builder()
        .set_name(wanted.port_name.clone())
        .set_app_protocol(wanted.app_protocol.as_deref().map(Into::into))
        .container_port(i32::from(port))
        .protocol(ecs::TransportProtocol::Tcp)
        .build()
}

fn health_check(wanted: &HealthCheck) -> ecs::HealthCheck {
    ecs::HealthCheck::builder()
        .set_command(Some(wanted.command.clone()))
        .interval(number(wanted.interval))
        .timeout(number(wanted.timeout))
        .retries(number(wanted.retries))
        .set_start_period((wanted.start_period > 0).then(|| number(wanted.start_period)))
        .build()
        .expect("the command must be set")
}

/// Returns the canonical form of a registered definition. The form omits nulls, empty lists, order, and server
/// defaults.
#[must_use]
pub(super) fn canonical(found: &ecs::TaskDefinition) -> TaskDefinition {
    let mut unmodelled = Unmodelled::default();
    unmodelled.task(found);
    let platform = found.runtime_platform.as_ref();
    let architecture = platform.and_then(|platform| platform.cpu_architecture.as_ref());
    let system = platform.and_then(|platform| platform.operating_system_family.as_ref());
    let containers = found.container_definitions.as_deref().unwrap_or_default();
    unmodelled.note("containerDefinitions", containers.is_empty());
    let empty = ecs::ContainerDefinition::builder().build();
    let family = found.family.as_deref().unwrap_or_default();
    let own = own_container(family, containers);
    let container = canonical_container(own.unwrap_or(&empty), &mut unmodelled);
    let others = containers
        .iter()
        .filter(|other| !own.is_some_and(|own| std::ptr::eq(own, *other)));
    let sidecars = others
        .map(|other| {
            let container = canonical_container(other, &mut unmodelled);
            (container.name.clone(), container)
        })
        .collect();
    TaskDefinition {
        family: found.family.clone().unwrap_or_default(),
        cpu: found
            .cpu
            .as_deref()
            .and_then(|text| text.parse().ok())
            .unwrap_or_default(),
        memory: found
            .memory
            .as_deref()
            .and_then(|text| text.parse().ok())
            .unwrap_or_default(),
        cpu_architecture: architecture
            .map_or("X86_64", |architecture| architecture.as_str())
            .to_owned(),
        operating_system_family: system.map_or("LINUX", |system| system.as_str()).to_owned(),
        execution_role_arn: found.execution_role_arn.clone().unwrap_or_default(),
        task_role_arn: found.task_role_arn.clone().filter(|arn| !arn.is_empty()),
        // The server either returns its default of 20 or omits the field.
        ephemeral_storage_gib: found
            .ephemeral_storage
            .as_ref()
            .map(|storage| count(storage.size_in_gib))
            .filter(|size| *size > 20),
        container,
        sidecars,
        unmodelled: unmodelled.0,
    }
}

/// Returns the main container of the service: the container whose name is the key at the end of the family, or the
/// first container if no name matches.
fn own_container<'a>(
    family: &str,
    containers: &'a [ecs::ContainerDefinition],
) -> Option<&'a ecs::ContainerDefinition> {
    let named = containers.iter().filter(|container| {
        let name = container.name.as_deref().unwrap_or_default();
        let bundle = family.strip_suffix(name).unwrap_or_default();
        !name.is_empty() && bundle.ends_with('-')
    });
    named
        .max_by_key(|container| container.name.as_ref().map(String::len))
        .or(containers.first())
}

fn canonical_container(found: &ecs::ContainerDefinition, unmodelled: &mut Unmodelled) -> Container {
    let mut overrides = found_in(found);
    let log = found.log_configuration.as_ref().and_then(canonical_log);
    // A modeled log configuration is not an override.
    if log.is_some() {
        overrides.remove(LOG_CONFIGURATION);
    }
    let ports = found.port_mappings.as_deref().unwrap_or_default();
    let environment = found.environment.as_deref().unwrap_or_default().iter();
    let secrets = found.secrets.as_deref().unwrap_or_default().iter();
    Container {
        name: found.name.clone().unwrap_or_default(),
        image: found.image.clone().unwrap_or_default(),
        command: found.command.clone().unwrap_or_default(),
        entry_point: found.entry_point.clone().unwrap_or_default(),
        environment: environment
            .filter_map(|pair| Some((pair.name.clone()?, pair.value.clone().unwrap_or_default())))
            .collect(),
        secrets: secrets
            .map(|secret| (secret.name.clone(), secret.value_from.clone()))
            .collect(),
        port: canonical_port(ports, unmodelled),
        port_name: ports.first().and_then(|port| port.name.clone()),
        app_protocol: ports
            .first()
            .and_then(|port| port.app_protocol.as_ref())
            .map(|protocol| protocol.as_str().to_owned()),
        health_check: found
            .health_check
            .as_ref()
            .filter(|check| !check.command.is_empty())
            .map(canonical_check),
        log,
        stop_timeout: found.stop_timeout.map(count),
        overrides,
    }
}

fn canonical_port(found: &[ecs::PortMapping], unmodelled: &mut Unmodelled) -> Option<u16> {
    let plain = |mapping: &ecs::PortMapping| {
        let tcp = mapping
            .protocol
            .as_ref()
            .is_none_or(|protocol| *protocol == ecs::TransportProtocol::Tcp);
        let host = mapping
            .host_port
            .is_none_or(|host| host == 0 || Some(host) == mapping.container_port);
        tcp && host && mapping.container_port_range.is_none()
    };
    unmodelled.note("portMappings", found.len() > 1 || !found.iter().all(plain));
    found
        .first()
        .and_then(|mapping| u16::try_from(mapping.container_port?).ok())
}

fn canonical_check(found: &ecs::HealthCheck) -> HealthCheck {
    let defaults = HealthCheck::new(found.command.clone());
    HealthCheck {
        interval: found.interval.map_or(defaults.interval, count),
        timeout: found.timeout.map_or(defaults.timeout, count),
        retries: found.retries.map_or(defaults.retries, count),
        start_period: found.start_period.map_or(defaults.start_period, count),
        ..defaults
    }
}

/// Settings that affect the tasks but are not modeled.
#[derive(Default)]
struct Unmodelled(BTreeSet<String>);

impl Unmodelled {
    fn note(&mut self, name: &str, present: bool) {
        if present {
            self.0.insert(name.to_owned());
        }
    }

    fn task(&mut self, found: &ecs::TaskDefinition) {
        let fargate = found.requires_compatibilities.as_ref();
        let mode = found.network_mode.as_ref();
        self.note(
            "networkMode",
            mode.is_some_and(|mode| *mode != ecs::NetworkMode::Awsvpc),
        );
        self.note(
            "requiresCompatibilities",
            fargate.is_some_and(|all| !all.contains(&ecs::Compatibility::Fargate)),
        );
        self.note("volumes", filled(found.volumes.as_ref()));
        self.note(
            "placementConstraints",
            filled(found.placement_constraints.as_ref()),
        );
        self.note(
            "inferenceAccelerators",
            filled(found.inference_accelerators.as_ref()),
        );
        self.note(
            "pidMode",
            found
                .pid_mode
                .as_ref()
                .is_some_and(|mode| !mode.as_str().is_empty()),
        );
        self.note(
            "ipcMode",
            found
                .ipc_mode
                .as_ref()
                .is_some_and(|mode| !mode.as_str().is_empty()),
        );
        self.note("proxyConfiguration", found.proxy_configuration.is_some());
        self.note(
            "enableFaultInjection",
            found.enable_fault_injection == Some(true),
        );
    }
}

fn filled<T>(list: Option<&Vec<T>>) -> bool {
    list.is_some_and(|list| !list.is_empty())
}

fn some<T>(list: Vec<T>) -> Option<Vec<T>> {
    (!list.is_empty()).then_some(list)
}
