//! Task definitions, to the SDK's types and from them to the canonical form.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ecs::operation::register_task_definition::builders::RegisterTaskDefinitionFluentBuilder;
use aws_sdk_ecs::types as ecs;

use super::observed::count;
use crate::ecs::definition::{Container, HealthCheck, Log, TaskDefinition};

/// The options of the `awslogs` driver that are modelled.
const GROUP: &str = "awslogs-group";
const REGION: &str = "awslogs-region";
const STREAM_PREFIX: &str = "awslogs-stream-prefix";

pub(super) fn register(
    call: RegisterTaskDefinitionFluentBuilder,
    definition: &TaskDefinition,
) -> RegisterTaskDefinitionFluentBuilder {
    let platform = ecs::RuntimePlatform::builder()
        .cpu_architecture(definition.cpu_architecture.as_str().into())
        .operating_system_family(definition.operating_system_family.as_str().into());
    call.family(&definition.family)
        .network_mode(ecs::NetworkMode::Awsvpc)
        .requires_compatibilities(ecs::Compatibility::Fargate)
        .cpu(definition.cpu.to_string())
        .memory(definition.memory.to_string())
        .runtime_platform(platform.build())
        .execution_role_arn(&definition.execution_role_arn)
        .set_task_role_arn(definition.task_role_arn.clone())
        .container_definitions(container(&definition.container))
}

fn container(wanted: &Container) -> ecs::ContainerDefinition {
    let environment = wanted.environment.iter();
    let environment = environment
        .map(|(name, value)| ecs::KeyValuePair::builder().name(name).value(value).build());
    let secrets = wanted.secrets.iter().map(|(name, from)| {
        let secret = ecs::Secret::builder().name(name).value_from(from);
        secret.build().expect("name and source are set")
    });
    ecs::ContainerDefinition::builder()
        .name(&wanted.name)
        .image(&wanted.image)
        .essential(true)
        .set_command(some(wanted.command.clone()))
        .set_entry_point(some(wanted.entry_point.clone()))
        .set_environment(some(environment.collect()))
        .set_secrets(some(secrets.collect()))
        .set_port_mappings(wanted.port.map(|port| vec![port_mapping(port)]))
        .set_health_check(wanted.health_check.as_ref().map(health_check))
        .set_log_configuration(wanted.log.as_ref().map(log_configuration))
        .set_stop_timeout(wanted.stop_timeout.map(number))
        .build()
}

fn port_mapping(port: u16) -> ecs::PortMapping {
    ecs::PortMapping::builder()
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
        .expect("the command is set")
}

fn log_configuration(wanted: &Log) -> ecs::LogConfiguration {
    ecs::LogConfiguration::builder()
        .log_driver(ecs::LogDriver::Awslogs)
        .options(GROUP, &wanted.group)
        .options(REGION, &wanted.region)
        .options(STREAM_PREFIX, &wanted.stream_prefix)
        .build()
        .expect("the driver is set")
}

/// The canonical form of a registered definition: nulls, empty lists, order and the server's defaults are gone.
#[must_use]
pub(super) fn canonical(found: &ecs::TaskDefinition) -> TaskDefinition {
    let mut unmodelled = Unmodelled::default();
    unmodelled.task(found);
    let platform = found.runtime_platform.as_ref();
    let architecture = platform.and_then(|platform| platform.cpu_architecture.as_ref());
    let system = platform.and_then(|platform| platform.operating_system_family.as_ref());
    let containers = found.container_definitions.as_deref().unwrap_or_default();
    unmodelled.note("containerDefinitions", containers.len() != 1);
    let empty = ecs::ContainerDefinition::builder().build();
    let container = canonical_container(containers.first().unwrap_or(&empty), &mut unmodelled);
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
        container,
        unmodelled: unmodelled.0,
    }
}

fn canonical_container(found: &ecs::ContainerDefinition, unmodelled: &mut Unmodelled) -> Container {
    unmodelled.container(found);
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
        port: canonical_port(
            found.port_mappings.as_deref().unwrap_or_default(),
            unmodelled,
        ),
        health_check: found
            .health_check
            .as_ref()
            .filter(|check| !check.command.is_empty())
            .map(canonical_check),
        log: found
            .log_configuration
            .as_ref()
            .and_then(|log| canonical_log(log, unmodelled)),
        stop_timeout: found.stop_timeout.map(count),
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
        tcp && host
            && mapping.name.is_none()
            && mapping.app_protocol.is_none()
            && mapping.container_port_range.is_none()
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

fn canonical_log(found: &ecs::LogConfiguration, unmodelled: &mut Unmodelled) -> Option<Log> {
    let secret_options = found
        .secret_options
        .as_ref()
        .is_some_and(|options| !options.is_empty());
    unmodelled.note("logConfiguration.secretOptions", secret_options);
    if found.log_driver != ecs::LogDriver::Awslogs {
        unmodelled.note("logConfiguration.logDriver", true);
        return None;
    }
    let options: BTreeMap<&str, &str> = found
        .options
        .iter()
        .flatten()
        .map(|(key, value)| (key.as_str(), value.as_str()))
        .collect();
    for key in options
        .keys()
        .filter(|key| ![GROUP, REGION, STREAM_PREFIX].contains(*key))
    {
        unmodelled.note(&format!("logConfiguration.options.{key}"), true);
    }
    let option = |key: &str| options.get(key).copied().unwrap_or_default().to_owned();
    Some(Log {
        group: option(GROUP),
        region: option(REGION),
        stream_prefix: option(STREAM_PREFIX),
    })
}

/// Settings that change what runs but have no place in our model.
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
        self.note("ephemeralStorage", found.ephemeral_storage.is_some());
        self.note(
            "enableFaultInjection",
            found.enable_fault_injection == Some(true),
        );
    }

    fn container(&mut self, found: &ecs::ContainerDefinition) {
        let on = |flag: Option<bool>| flag == Some(true);
        let text = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.is_empty());
        self.note("essential", found.essential == Some(false));
        self.note("cpu", found.cpu != 0);
        self.note("memory", found.memory.is_some());
        self.note("memoryReservation", found.memory_reservation.is_some());
        self.note("user", text(&found.user));
        self.note("hostname", text(&found.hostname));
        self.note("workingDirectory", text(&found.working_directory));
        self.note("privileged", on(found.privileged));
        self.note("readonlyRootFilesystem", on(found.readonly_root_filesystem));
        self.note("disableNetworking", on(found.disable_networking));
        self.note("interactive", on(found.interactive));
        self.note("pseudoTerminal", on(found.pseudo_terminal));
        self.note("startTimeout", found.start_timeout.is_some());
        self.note(
            "versionConsistency",
            found.version_consistency == Some(ecs::VersionConsistency::Disabled),
        );
        self.note(
            "repositoryCredentials",
            found.repository_credentials.is_some(),
        );
        self.note(
            "firelensConfiguration",
            found.firelens_configuration.is_some(),
        );
        self.note(
            "restartPolicy",
            found
                .restart_policy
                .as_ref()
                .is_some_and(|policy| policy.enabled),
        );
        self.note(
            "linuxParameters",
            found.linux_parameters.as_ref().is_some_and(changes_linux),
        );
        self.note(
            "dockerLabels",
            found
                .docker_labels
                .as_ref()
                .is_some_and(|labels| !labels.is_empty()),
        );
        self.container_lists(found);
    }

    fn container_lists(&mut self, found: &ecs::ContainerDefinition) {
        self.note("links", filled(found.links.as_ref()));
        self.note("environmentFiles", filled(found.environment_files.as_ref()));
        self.note("mountPoints", filled(found.mount_points.as_ref()));
        self.note("volumesFrom", filled(found.volumes_from.as_ref()));
        self.note("dependsOn", filled(found.depends_on.as_ref()));
        self.note("dnsServers", filled(found.dns_servers.as_ref()));
        self.note(
            "dnsSearchDomains",
            filled(found.dns_search_domains.as_ref()),
        );
        self.note("extraHosts", filled(found.extra_hosts.as_ref()));
        self.note(
            "dockerSecurityOptions",
            filled(found.docker_security_options.as_ref()),
        );
        self.note("ulimits", filled(found.ulimits.as_ref()));
        self.note("systemControls", filled(found.system_controls.as_ref()));
        self.note(
            "resourceRequirements",
            filled(found.resource_requirements.as_ref()),
        );
        self.note("credentialSpecs", filled(found.credential_specs.as_ref()));
    }
}

/// Whether Linux parameters say anything: servers answer with empty ones.
fn changes_linux(found: &ecs::LinuxParameters) -> bool {
    let capabilities = found.capabilities.as_ref();
    capabilities.is_some_and(|all| filled(all.add.as_ref()) || filled(all.drop.as_ref()))
        || filled(found.devices.as_ref())
        || filled(found.tmpfs.as_ref())
        || found.init_process_enabled == Some(true)
        || found.shared_memory_size.is_some_and(|size| size > 0)
}

fn filled<T>(list: Option<&Vec<T>>) -> bool {
    list.is_some_and(|list| !list.is_empty())
}

fn some<T>(list: Vec<T>) -> Option<Vec<T>> {
    (!list.is_empty()).then_some(list)
}

/// Validation keeps all numbers far below the limit of the API's type.
fn number(count: u32) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}
