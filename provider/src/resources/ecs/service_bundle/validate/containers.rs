//! Validates containers: rejects duplicate names, invalid container settings, and missing ports.
//!
//! These functions are pure. Any value can be unknown, and unknown values are accepted.

use std::collections::{BTreeMap, BTreeSet};

use tfplugin::schema::AttributePath;
use tfplugin::{Diagnostic, Planned};

use super::super::diagnostics::Remedy;
use super::super::model::{
    LoadBalancerPaths, LoadBalancerPlan, ServiceBundlePlan, ServicePaths, ServicePlan,
    SidecarPaths, SidecarPlan,
};
use super::values::{
    PlannedTexts, Versions, invalid_image, invalid_secrets, plain_secrets, refuse,
};
use crate::ecs::sdk::overrides::{self, LOG_CONFIGURATION};

/// Validates the containers of a service.
pub(super) fn invalid_containers(
    config: &ServiceBundlePlan,
    key: &str,
    service: &ServicePlan,
    path: &ServicePaths,
) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    found.extend(duplicate_variables(config, service, path));
    let json = &service.container_overrides_json;
    found.extend(invalid_overrides(json, path.container_overrides_json()));
    found.extend(published_without_port(service, path));
    let sidecars = service.sidecars.known().into_iter().flatten();
    for (name, sidecar) in sidecars {
        let at = path.sidecars().key(name);
        if name == key {
            let detail = format!(
                "The main container of the service also has the name {key}. Use a different name for the sidecar."
            );
            found.push(refuse("Duplicate container name", &detail, at));
        } else if let Some(sidecar) = sidecar.known() {
            found.extend(invalid_sidecar(config, service, sidecar, &at));
        }
    }
    found.extend(too_much_cpu(service, path));
    found
}

/// Returns whether the overrides of a container configure logging.
pub(super) fn configures_logging(json: &Planned<String>) -> bool {
    match json {
        Planned::Known(json) => {
            overrides::parse(json).is_ok_and(|settings| settings.contains_key(LOG_CONFIGURATION))
        }
        Planned::Null => false,
        Planned::Unknown => true,
    }
}

fn invalid_sidecar(
    config: &ServiceBundlePlan,
    service: &ServicePlan,
    sidecar: &SidecarPlan,
    path: &SidecarPaths,
) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    found.extend(invalid_image(
        &sidecar.image,
        Versions::Required,
        &path.image(),
    ));
    found.extend(plain_secrets(config, &sidecar.environment, |name| {
        path.environment().key(name)
    }));
    found.extend(invalid_secrets(&sidecar.secrets, |name| {
        path.secrets().key(name)
    }));
    let secrets = names(&sidecar.secrets);
    let clashes = names(&sidecar.environment)
        .into_iter()
        .filter(|name| secrets.contains(name));
    found.extend(clashes.map(|name| duplicate_variable(&name, path.environment().key(&name))));
    let json = &sidecar.container_overrides_json;
    found.extend(invalid_overrides(json, path.container_overrides_json()));
    let overrides = json
        .known()
        .and_then(|json| overrides::parse(json).ok())
        .unwrap_or_default();
    let duplicates = ["essential", "cpu", "memory"]
        .into_iter()
        .filter(|field| overrides.contains_key(*field));
    found.extend(duplicates.map(|field| {
        let detail =
            format!("The value sets the field `{field}`. Use the `{field}` attribute instead.");
        let at = path.container_overrides_json();
        refuse("Invalid container settings", &detail, at)
    }));
    let log = [&config.log, &service.log, &sidecar.log];
    if log.iter().all(|log| log.is_null()) && !configures_logging(json) {
        let detail = "No log group is specified for this sidecar, its service, or the bundle. Set `log` for one of them.";
        found.push(refuse("Missing log group", detail, path.log()));
    }
    found
}

fn invalid_overrides(json: &Planned<String>, path: impl Into<AttributePath>) -> Option<Diagnostic> {
    let error = overrides::parse(json.known()?).err()?;
    let detail = format!("The value is not valid: {error}. {}", error.remedy());
    Some(refuse("Invalid container settings", &detail, path))
}

/// Rejects a target group whose container does not exist or does not open the port. The port must be a `containerPort`
/// of the specified container. Source: LoadBalancer, API reference.
pub(super) fn invalid_target(
    key: &str,
    service: &ServicePlan,
    balancer: &LoadBalancerPlan,
    at: &LoadBalancerPaths,
) -> Option<Diagnostic> {
    let name = match &balancer.container {
        Planned::Known(name) => name.as_str(),
        Planned::Null => key,
        Planned::Unknown => return None,
    };
    let (opens, owner) = if name == key {
        (&service.port, "this service".to_owned())
    } else {
        let sidecars = match &service.sidecars {
            Planned::Known(sidecars) => sidecars.get(name),
            Planned::Null => None,
            Planned::Unknown => return None,
        };
        let Some(sidecar) = sidecars else {
            let detail = format!(
                "The task has no container {name:?}. Specify the key of a sidecar. To use the main container of the \
                 service, omit `container`."
            );
            return Some(refuse("Container does not exist", &detail, at.container()));
        };
        (&sidecar.known()?.port, format!("the sidecar {name}"))
    };
    match (opens, &balancer.container_port) {
        (Planned::Null, _) => {
            let detail = format!(
                "A load balancer requires the port that the application listens on. Set `port` for {owner}."
            );
            let at = at.container_port();
            Some(refuse("Load balancer without a port", &detail, at))
        }
        (Planned::Known(opens), Planned::Known(port)) if opens != port => {
            let detail = format!(
                "The container {name} opens only port {opens}. Set container_port to {opens}, or omit container_port. \
                 To use the port of a sidecar, set `container` to the key of the sidecar."
            );
            let at = at.container_port();
            Some(refuse("Unknown container port", &detail, at))
        }
        _ => None,
    }
}

/// Rejects a service that publishes an endpoint without a port.
fn published_without_port(service: &ServicePlan, path: &ServicePaths) -> Option<Diagnostic> {
    let connect = service.service_connect.known()?;
    connect.publish.known()?;
    let detail = "Other services can connect only to a port that the application listens on. Set `port` for this \
        service. If the service is only a client, omit `publish`.";
    let at = path.service_connect().publish();
    service
        .port
        .is_null()
        .then(|| refuse("Published service has no port", detail, at))
}

/// Rejects sidecars that reserve more CPU units than the task has.
fn too_much_cpu(service: &ServicePlan, path: &ServicePaths) -> Option<Diagnostic> {
    let sidecars = service
        .sidecars
        .known()
        .into_iter()
        .flat_map(BTreeMap::values);
    let wanted = sidecars.filter_map(|sidecar| sidecar.known()?.cpu.known().copied());
    // The sum of `u32` values cannot overflow `u64`.
    let sum: u64 = wanted.map(u64::from).sum();
    let all = u64::from(*service.cpu.known()?);
    let detail = format!(
        "The sidecars reserve {sum} CPU units, but the task has only {all}. Reserve fewer units, or increase `cpu`."
    );
    (sum > all).then(|| {
        refuse(
            "Sidecars reserve too many CPU units",
            &detail,
            path.sidecars(),
        )
    })
}

/// Rejects names that are both an environment variable and a secret in the container.
fn duplicate_variables(
    config: &ServiceBundlePlan,
    service: &ServicePlan,
    path: &ServicePaths,
) -> Vec<Diagnostic> {
    let (own, own_secrets) = (names(&service.environment), names(&service.secrets));
    let plain: BTreeSet<String> = own.union(&names(&config.environment)).cloned().collect();
    let secret: BTreeSet<String> = own_secrets
        .union(&names(&config.secrets))
        .cloned()
        .collect();
    let clashes = plain.intersection(&secret).map(|name| {
        let at = if own.contains(name) {
            path.environment().key(name)
        } else {
            path.secrets().key(name)
        };
        duplicate_variable(name, at)
    });
    clashes.collect()
}

fn duplicate_variable(name: &str, at: impl Into<AttributePath>) -> Diagnostic {
    let detail = format!(
        "{name} is both an environment variable and a secret in the same container, which ECS rejects. Remove one of them."
    );
    refuse("Duplicate environment variable", &detail, at)
}

fn names(of: &PlannedTexts) -> BTreeSet<String> {
    of.known()
        .into_iter()
        .flat_map(BTreeMap::keys)
        .cloned()
        .collect()
}
