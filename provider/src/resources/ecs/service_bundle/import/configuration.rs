//! Derives the configuration that an import stores from existing services.
//!
//! Values that all services share are set for the bundle, as in a handwritten configuration. Other values are set for
//! each service. If a bundle has only one service, its environment variables and secrets are set for the service.

use std::collections::{BTreeMap, BTreeSet};

use super::super::model::{
    Capacity, Deployment, HealthCheck, Image, LoadBalancer, Log, Network, Service, ServiceBundle,
    ServiceConnect, Sidecar,
};
use super::super::provider_settings::ProviderSettings;
use crate::aws::tags::is_reserved_tag;
use crate::ecs::definition::{self, Container, TaskDefinition};
use crate::ecs::environment::secret_word;
use crate::ecs::image;
use crate::ecs::read::Found;
use crate::ecs::sdk::overrides::{self, LOG_CONFIGURATION, Overrides};
use crate::ecs::service::ServiceSettings;

type Texts = BTreeMap<String, String>;

/// Returns the model, or `None` if no service has a task definition that can be described.
pub(super) fn model_of(
    name: &str,
    cluster: &str,
    found: &BTreeMap<String, Found>,
    provider: &ProviderSettings,
) -> Option<ServiceBundle> {
    let described = found.iter().filter_map(|(key, found)| {
        let revision = found.revision.as_ref()?;
        Some((key, &found.service.settings, &revision.definition))
    });
    let described: Vec<Described<'_>> = described.collect();
    let (_, settings, definition) = described.first()?;
    let tags = &found.values().next()?.service.tags;
    let common = Common::of(name, &described, provider);
    let services = described.iter().map(|(key, settings, definition)| {
        let mut service = common.service(settings, definition, name, provider);
        service.service_name.clone_from(&found[*key].service.name);
        ((*key).clone(), service)
    });
    Some(ServiceBundle {
        name: name.to_owned(),
        cluster: cluster.to_owned(),
        image: common.image.clone(),
        cpu_architecture: definition.cpu_architecture.clone(),
        operating_system_family: definition.operating_system_family.clone(),
        execution_role_arn: definition.execution_role_arn.clone(),
        task_role_arn: common.task_role_arn.clone(),
        network: Network {
            subnets: settings.network.subnets.clone(),
            security_groups: common.security_groups.clone(),
            assign_public_ip: settings.network.assign_public_ip,
        },
        capacity: settings.capacity.as_ref().and_then(Capacity::of),
        environment: common.environment.clone(),
        allow_plaintext_environment: plain_secrets(&described),
        secrets: common.secrets.clone(),
        log: common.log.clone(),
        services: services.collect(),
        deployment: Deployment::of(&settings.deployment),
        tags: own_tags(tags, provider),
        ..ServiceBundle::with_options_of(&settings.options)
    })
}

/// Key, settings, and task definition of a service.
type Described<'a> = (&'a String, &'a ServiceSettings, &'a TaskDefinition);

/// Returns the names of environment variables that the validation would otherwise reject.
fn plain_secrets(described: &[Described<'_>]) -> Option<BTreeSet<String>> {
    let definitions = described.iter().map(|(_, _, definition)| definition);
    let containers = definitions.flat_map(|definition| {
        let own = [&definition.container].into_iter();
        own.chain(definition.sidecars.values())
    });
    let names = containers.flat_map(|container| container.environment.keys());
    let found: BTreeSet<String> = names
        .filter(|name| secret_word(name).is_some())
        .cloned()
        .collect();
    (!found.is_empty()).then_some(found)
}

/// Values that all services share.
struct Common {
    image: Option<Image>,
    task_role_arn: Option<String>,
    environment: Texts,
    secrets: Texts,
    security_groups: BTreeSet<String>,
    log: Option<Log>,
}

impl Common {
    fn of(name: &str, described: &[Described<'_>], provider: &ProviderSettings) -> Self {
        let container = |get: fn(&Container) -> &Texts| -> Texts {
            let mut all = described
                .iter()
                .map(|(_, _, definition)| get(&definition.container));
            let first = all
                .next()
                .filter(|_| described.len() > 1)
                .cloned()
                .unwrap_or_default();
            all.fold(first, |common, other| {
                common
                    .into_iter()
                    .filter(|(key, value)| other.get(key) == Some(value))
                    .collect()
            })
        };
        Self {
            image: same(
                described
                    .iter()
                    .map(|(_, _, definition)| image_of(&definition.container)),
            ),
            task_role_arn: same(
                described
                    .iter()
                    .map(|(_, _, definition)| definition.task_role_arn.clone()),
            )
            .flatten(),
            environment: container(|container| &container.environment),
            secrets: container(|container| &container.secrets),
            security_groups: described
                .iter()
                .map(|(_, settings, _)| settings.network.security_groups.clone())
                .reduce(|common, other| &common & &other)
                .unwrap_or_default(),
            log: same(
                described
                    .iter()
                    .map(|(_, _, definition)| &definition.container)
                    // A container whose overrides configure logging does not use the log configuration of the bundle.
                    .filter(|container| !container.overrides.contains_key(LOG_CONFIGURATION))
                    .map(|container| log_of(container, name, provider)),
            )
            .flatten(),
        }
    }

    fn service(
        &self,
        settings: &ServiceSettings,
        definition: &TaskDefinition,
        name: &str,
        provider: &ProviderSettings,
    ) -> Service {
        let container = &definition.container;
        let own_image = image_of(container);
        let own_log = log_of(container, name, provider);
        let balanced = !settings.load_balancers.is_empty();
        let balancers: Vec<LoadBalancer> = settings
            .load_balancers
            .iter()
            .map(|balancer| LoadBalancer::of(balancer, &container.name))
            .collect();
        Service {
            cpu: definition.cpu,
            memory: definition.memory,
            image: Some(own_image).filter(|image| self.image.as_ref() != Some(image)),
            command: some(&container.command),
            entry_point: some(&container.entry_point),
            desired_count: settings.desired_count,
            environment: without_common(&container.environment, &self.environment),
            secrets: without_common(&container.secrets, &self.secrets),
            security_groups: &settings.network.security_groups - &self.security_groups,
            port: container.port,
            health_check: container.health_check.as_ref().map(check_of),
            service_connect: settings
                .service_connect
                .as_ref()
                .map(|connect| ServiceConnect::of(connect, container)),
            sidecars: self.sidecars(definition, own_log.as_ref(), name, provider),
            ephemeral_storage_gib: definition.ephemeral_storage_gib,
            container_overrides_json: json_of(&container.overrides),
            load_balancer: balanced.then_some(balancers),
            stop_timeout: container.stop_timeout,
            task_role_arn: definition
                .task_role_arn
                .clone()
                .filter(|role| self.task_role_arn.as_ref() != Some(role)),
            log: own_log.filter(|log| self.log.as_ref() != Some(log)),
            ..Service::of(&settings.options)
        }
    }
}

impl Common {
    /// Returns the sidecars of a service. `log` is the log configuration of the service.
    fn sidecars(
        &self,
        definition: &TaskDefinition,
        log: Option<&Log>,
        name: &str,
        provider: &ProviderSettings,
    ) -> BTreeMap<String, Sidecar> {
        let one = |container: &Container| {
            let mut overrides = container.overrides.clone();
            let essential = overrides.remove("essential").is_none();
            let mut size = |field: &str| {
                let value = overrides.remove(field)?;
                u32::try_from(value.as_u64()?).ok()
            };
            let (cpu, memory) = (size("cpu"), size("memory"));
            let own = log_of(container, name, provider);
            Sidecar {
                image: image_of(container),
                essential,
                cpu,
                memory,
                command: some(&container.command),
                entry_point: some(&container.entry_point),
                environment: container.environment.clone(),
                secrets: container.secrets.clone(),
                port: container.port,
                health_check: container.health_check.as_ref().map(check_of),
                stop_timeout: container.stop_timeout,
                log: own.filter(|own| Some(own) != log.or(self.log.as_ref())),
                container_overrides_json: json_of(&overrides),
            }
        };
        let sidecars = definition.sidecars.iter();
        sidecars
            .map(|(name, container)| (name.clone(), one(container)))
            .collect()
    }
}

fn check_of(check: &definition::HealthCheck) -> HealthCheck {
    HealthCheck {
        command: check.command.clone(),
        interval: check.interval,
        timeout: check.timeout,
        retries: check.retries,
        start_period: check.start_period,
    }
}

/// Encodes overrides like `jsonencode`.
fn json_of(overrides: &Overrides) -> Option<String> {
    (!overrides.is_empty()).then(|| overrides::encode(overrides))
}

/// Returns the common value if all values are equal.
fn same<T: PartialEq>(mut all: impl Iterator<Item = T>) -> Option<T> {
    let first = all.next()?;
    all.all(|other| other == first).then_some(first)
}

fn image_of(container: &Container) -> Image {
    let (repository_url, tag, digest) = image::parse(&container.image);
    Image {
        repository_url,
        tag,
        digest,
    }
}

/// Returns the log configuration without default values.
fn log_of(container: &Container, name: &str, provider: &ProviderSettings) -> Option<Log> {
    let log = container.log.as_ref()?;
    Some(Log {
        group: log.group.clone(),
        stream_prefix: Some(log.stream_prefix.clone()).filter(|prefix| prefix != name),
        region: Some(log.region.clone()).filter(|region| *region != provider.region),
        create: false,
        mode: log.mode.clone(),
    })
}

fn own_tags(tags: &Texts, provider: &ProviderSettings) -> Texts {
    let own = tags.iter().filter(|(key, value)| {
        !is_reserved_tag(key) && provider.default_tags.get(*key) != Some(*value)
    });
    own.map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

fn without_common(all: &Texts, common: &Texts) -> Texts {
    let own = all.iter().filter(|(key, _)| !common.contains_key(*key));
    own.map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

fn some(list: &[String]) -> Option<Vec<String>> {
    (!list.is_empty()).then(|| list.to_vec())
}
