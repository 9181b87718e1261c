//! Validates the configuration. Rejects configurations that ECS would reject, or would accept but run incorrectly.
//!
//! These functions are pure. Any value can be unknown, and unknown values are accepted.

mod containers;
mod values;

use std::collections::{BTreeMap, BTreeSet};

use tfplugin::{Diagnostic, Diagnostics, Planned, PlannedSet};

use self::containers::{configures_logging, invalid_containers, invalid_target};
use self::values::{Versions, invalid_image, invalid_secrets, plain_secrets, refuse};
use super::diagnostics::percentages;
use super::model::defaults;
use super::model::{
    CapacityProviderPlan, DeploymentPlan, ENABLED, EXTERNAL, ServiceBundle, ServiceBundlePlan,
    ServicePaths, ServicePlan,
};
use crate::aws::diagnostics::reserved_tag;
use crate::aws::tags::is_reserved_tag;
use crate::ecs::bundle::service_name;
use crate::ecs::fargate::check_size;
use crate::ecs::service::check_percentages;

/// Validates a configuration.
pub(super) fn invalid_configuration(config: &ServiceBundlePlan) -> Diagnostics {
    let paths = ServiceBundle::paths();
    let mut found = Diagnostics::new();
    let versions = versions_of(config);
    found.extend(invalid_image(&config.image, versions, &paths.image()));
    found.extend(invalid_capacity(config));
    found.extend(invalid_breaker(config));
    found.extend(unknown_rollbacks(config));
    found.extend(plain_secrets(config, &config.environment, |name| {
        paths.environment().key(name)
    }));
    found.extend(invalid_secrets(&config.secrets, |name| {
        paths.secrets().key(name)
    }));
    if let Some(tags) = config.tags.known() {
        let reserved = tags.keys().filter(|key| is_reserved_tag(key));
        found.extend(reserved.map(|key| reserved_tag(key, paths.tags().key(key))));
    }
    let services = config.services.known().into_iter().flatten();
    for (key, service) in services.filter_map(|(key, service)| Some((key, service.known()?))) {
        let path = || paths.services().key(key);
        found.extend(invalid_service(config, key, service, &path()));
        found.extend(missing_from_bundle(config, service, &path()));
        found.extend(stuck_rollout(config, key, service));
        found.extend(invalid_containers(config, key, service, &path()));
    }
    found.extend(unknown_keys_in_order(config));
    found.extend(duplicate_names(config));
    found
}

fn versions_of(config: &ServiceBundlePlan) -> Versions {
    let external = match &config.release {
        Planned::Known(release) => match &release.owner {
            Planned::Known(owner) => owner == EXTERNAL,
            Planned::Null => false,
            Planned::Unknown => true,
        },
        Planned::Null => false,
        Planned::Unknown => true,
    };
    if external {
        Versions::Optional
    } else {
        Versions::Required
    }
}

fn invalid_service(
    config: &ServiceBundlePlan,
    key: &str,
    service: &ServicePlan,
    path: &ServicePaths,
) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    if let (Some(cpu), Some(memory)) = (service.cpu.known(), service.memory.known())
        && let Err(error) = check_size(i64::from(*cpu), i64::from(*memory))
    {
        let at = match error {
            crate::ecs::fargate::SizeError::Cpu { .. } => path.cpu(),
            crate::ecs::fargate::SizeError::Memory { .. } => path.memory(),
        };
        let detail = format!("Fargate does not support this task size: {error}.");
        found.push(refuse("Invalid task size", &detail, at));
    }
    let versions = versions_of(config);
    found.extend(invalid_image(&service.image, versions, &path.image()));
    found.extend(plain_secrets(config, &service.environment, |name| {
        path.environment().key(name)
    }));
    found.extend(invalid_secrets(&service.secrets, |name| {
        path.secrets().key(name)
    }));
    found.extend(invalid_balancers(key, service, path));
    found.extend(too_many_groups(config, service, path));
    found
}

/// Rejects a service whose tasks have more than five security groups, including the security groups of the bundle.
/// Source: AwsVpcConfiguration, API reference.
fn too_many_groups(
    config: &ServiceBundlePlan,
    service: &ServicePlan,
    path: &ServicePaths,
) -> Option<Diagnostic> {
    let known = |groups: &Planned<PlannedSet<Planned<String>>>| -> BTreeSet<String> {
        let groups = groups.known().into_iter().flatten();
        groups.filter_map(Planned::known).cloned().collect()
    };
    let network = config.network.known()?;
    let all = &known(&network.security_groups) | &known(&service.security_groups);
    (all.len() > 5).then(|| {
        let detail = format!(
            "A task can have at most 5 security groups, but this service has {}, including the security groups of the \
             bundle. Remove some of them, or merge their rules.",
            all.len()
        );
        refuse("Too many security groups", &detail, path.security_groups())
    })
}

fn invalid_balancers(key: &str, service: &ServicePlan, path: &ServicePaths) -> Vec<Diagnostic> {
    let balancers = service.load_balancer.known().into_iter().flatten();
    let known = balancers.enumerate().filter_map(|(index, balancer)| {
        Some((path.load_balancer().index(index), balancer.known()?))
    });
    let mut found: Vec<Diagnostic> = known
        .filter_map(|(at, balancer)| invalid_target(key, service, balancer, &at))
        .collect();
    let grace = service
        .health_check_grace_period_seconds
        .known()
        .is_some_and(|seconds| *seconds > 0);
    let none =
        service.load_balancer.is_null() || service.load_balancer.known().is_some_and(Vec::is_empty);
    if grace && none {
        let detail = "The grace period applies to load balancer health checks, but this service has no load balancer. \
            Remove the grace period, or use health_check.start_period.";
        let at = path.health_check_grace_period_seconds();
        found.push(refuse("Grace period without a load balancer", detail, at));
    }
    found
}

/// Rejects a service whose image or log group is set neither for the service nor for the bundle.
fn missing_from_bundle(
    config: &ServiceBundlePlan,
    service: &ServicePlan,
    path: &ServicePaths,
) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    if config.image.is_null() && service.image.is_null() {
        let detail = "Neither this service nor the bundle specifies an image. Set `image` for the service or for the bundle.";
        found.push(refuse("Missing image", detail, path.image()));
    }
    if config.log.is_null()
        && service.log.is_null()
        && !configures_logging(&service.container_overrides_json)
    {
        let detail = "Neither this service nor the bundle specifies a log group. Set `log` for the service or for the bundle.";
        found.push(refuse("Missing log group", detail, path.log()));
    }
    found
}

/// Rejects percentages that do not allow ECS to replace a task. An unconfigured desired count can have any value.
fn stuck_rollout(
    config: &ServiceBundlePlan,
    key: &str,
    service: &ServicePlan,
) -> Option<Diagnostic> {
    let count = match &service.desired_count {
        Planned::Known(count) => Some(*count),
        Planned::Null => None,
        Planned::Unknown => return None,
    };
    let paths = ServiceBundle::paths().deployment();
    let deployment = match &config.deployment {
        Planned::Known(deployment) => deployment.clone(),
        Planned::Null => DeploymentPlan::default(),
        Planned::Unknown => return None,
    };
    let or = |value: &Planned<u32>, default: u32| match value {
        Planned::Known(value) => Some(*value),
        Planned::Null => Some(default),
        Planned::Unknown => None,
    };
    let minimum = or(
        &deployment.minimum_healthy_percent,
        defaults::MINIMUM_HEALTHY_PERCENT,
    )?;
    let maximum = or(&deployment.maximum_percent, defaults::MAXIMUM_PERCENT)?;
    if let Err(error) = check_percentages(minimum, maximum, count) {
        let tasks = count.map_or_else(
            || "any number of tasks".to_owned(),
            |count| format!("desired_count = {count}"),
        );
        let detail = format!(
            "A rollout of {key} with {tasks} cannot complete: {error}. {}",
            percentages(error, count)
        );
        return Some(refuse(
            "Rollout cannot complete",
            &detail,
            paths.maximum_percent(),
        ));
    }
    let rebalances = match &service.availability_zone_rebalancing {
        Planned::Known(state) => state == ENABLED,
        Planned::Null => true,
        Planned::Unknown => false,
    };
    (rebalances && maximum == 100).then(|| {
        let detail = format!(
            "To balance the tasks of {key} across Availability Zones, ECS starts new tasks before it stops existing \
             tasks. maximum_percent = 100 does not allow additional tasks. Increase maximum_percent, or set \
             availability_zone_rebalancing to \"DISABLED\"."
        );
        refuse("Rebalancing requires a higher maximum_percent", &detail, paths.maximum_percent())
    })
}

/// Rejects services with duplicate names.
fn duplicate_names(config: &ServiceBundlePlan) -> Vec<Diagnostic> {
    let (Some(bundle), Some(services)) = (config.name.known(), config.services.known()) else {
        return Vec::new();
    };
    let mut taken: BTreeMap<String, &String> = BTreeMap::new();
    let mut found = Vec::new();
    for (key, service) in services {
        let name = match service.known().map(|service| &service.service_name) {
            Some(Planned::Known(name)) => name.clone(),
            Some(Planned::Null) => service_name(bundle, key),
            Some(Planned::Unknown) | None => continue,
        };
        if let Some(other) = taken.insert(name.clone(), key) {
            let detail = format!(
                "The services {key} and {other} would both have the name {name}. Set a different service_name for one \
                 of them."
            );
            let at = ServiceBundle::paths().services().key(key).service_name();
            found.push(refuse("Duplicate service name", &detail, at));
        }
    }
    found
}

fn invalid_capacity(config: &ServiceBundlePlan) -> Vec<Diagnostic> {
    let Some(capacity) = config.capacity.known() else {
        return Vec::new();
    };
    let path = || ServiceBundle::paths().capacity();
    let mut found = Vec::new();
    let (launch_type, providers) = (&capacity.launch_type, &capacity.providers);
    if !launch_type.is_unknown()
        && !providers.is_unknown()
        && launch_type.is_null() == providers.is_null()
    {
        let detail = "Tasks run either on a launch type or on capacity providers. Set either launch_type or providers, \
            but not both. To use Fargate, omit capacity.";
        found.push(refuse("Invalid capacity", detail, path()));
    }
    let known: Vec<_> = providers
        .known()
        .into_iter()
        .flatten()
        .filter_map(|(name, provider)| Some((name, provider.known()?)))
        .collect();
    let mut based = known
        .iter()
        .filter(|(_, provider)| provider.base.known().is_some_and(|base| *base > 0));
    if let Some((name, _)) = based.nth(1) {
        let detail = "Only one capacity provider can have a base. Remove `base` from the other capacity providers.";
        let at = path().providers().key(*name).base();
        found.push(refuse(
            "Multiple capacity providers with a base",
            detail,
            at,
        ));
    }
    let weightless = |provider: &CapacityProviderPlan| provider.weight.known() == Some(&0);
    let all = providers
        .known()
        .is_some_and(|all| all.len() == known.len());
    if all && !known.is_empty() && known.iter().all(|(_, provider)| weightless(provider)) {
        let detail = "ECS cannot place tasks if every capacity provider has a weight of 0. Set a higher weight for at \
            least one capacity provider.";
        found.push(refuse(
            "All capacity providers have a weight of 0",
            detail,
            path().providers(),
        ));
    }
    found
}

fn invalid_breaker(config: &ServiceBundlePlan) -> Option<Diagnostic> {
    let breaker = config.deployment.known()?.circuit_breaker.known()?;
    let (kind, value) = (&breaker.threshold_type, &breaker.threshold_value);
    if kind.is_unknown() || value.is_unknown() || kind.is_null() == value.is_null() {
        return None;
    }
    let path = ServiceBundle::paths().deployment().circuit_breaker();
    let detail = "A threshold consists of a type and a value. Set both threshold_type and threshold_value. To use the \
        ECS default, omit both.";
    Some(match kind.is_null() {
        true => refuse("Incomplete threshold", detail, path.threshold_value()),
        false => refuse("Incomplete threshold", detail, path.threshold_type()),
    })
}

fn unknown_rollbacks(config: &ServiceBundlePlan) -> Vec<Diagnostic> {
    let (Some(services), Some(release)) = (config.services.known(), config.release.known()) else {
        return Vec::new();
    };
    let keys = release
        .rollback_to
        .known()
        .into_iter()
        .flat_map(BTreeMap::keys);
    let unknown = keys.filter(|key| !services.contains_key(*key)).map(|key| {
        let at = ServiceBundle::paths().release().rollback_to().key(key);
        let detail =
            format!("The bundle has no service {key:?}. Remove the entry, or add the service.");
        refuse("Unknown service", &detail, at)
    });
    unknown.collect()
}

fn unknown_keys_in_order(config: &ServiceBundlePlan) -> Vec<Diagnostic> {
    let (Some(services), Some(deployment)) = (config.services.known(), config.deployment.known())
    else {
        return Vec::new();
    };
    let order = deployment.order.known().into_iter().flatten().enumerate();
    let unknown = order.filter_map(|(index, key)| {
        let key = key.known()?;
        let at = ServiceBundle::paths().deployment().order().index(index);
        let detail = format!(
            "The bundle has no service {key:?}. Remove it from `order`, or add the service."
        );
        (!services.contains_key(key)).then(|| refuse("Unknown service", &detail, at))
    });
    unknown.collect()
}
