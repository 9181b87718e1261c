//! What is refused of containers: names that clash, settings that cannot be, ports that are not there.
//!
//! Pure. Everything may be unknown here, and unknown values pass.

use std::collections::{BTreeMap, BTreeSet};

use tfplugin::schema::AttributePath;
use tfplugin::{Diagnostic, Planned};

use super::super::diagnostics::Remedy;
use super::super::model::{
    LoadBalancerPaths, LoadBalancerPlan, ServiceBundlePlan, ServicePaths, ServicePlan,
    SidecarPaths, SidecarPlan,
};
use super::values::{
    PlannedTexts, Versions, illegal_image, illegal_secrets, plain_secrets, refuse,
};
use crate::ecs::sdk::overrides::{self, LOG_CONFIGURATION};

/// Checks the containers of a service.
pub(super) fn illegal_containers(
    config: &ServiceBundlePlan,
    key: &str,
    service: &ServicePlan,
    path: &ServicePaths,
) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    found.extend(clashing_names(config, service, path));
    let json = &service.container_overrides_json;
    found.extend(illegal_overrides(json, path.container_overrides_json()));
    found.extend(unreachable(service, path));
    let sidecars = service.sidecars.known().into_iter().flatten();
    for (name, sidecar) in sidecars {
        let at = path.sidecars().key(name);
        if name == key {
            let detail = format!(
                "The container of the service is called {key} too. Give the sidecar another name."
            );
            found.push(refuse("Name used twice", &detail, at));
        } else if let Some(sidecar) = sidecar.known() {
            found.extend(illegal_sidecar(config, service, sidecar, &at));
        }
    }
    found.extend(too_much_cpu(service, path));
    found
}

/// Whether a container logs by settings of its own.
pub(super) fn logs_otherwise(json: &Planned<String>) -> bool {
    match json {
        Planned::Known(json) => {
            overrides::parse(json).is_ok_and(|settings| settings.contains_key(LOG_CONFIGURATION))
        }
        Planned::Null => false,
        Planned::Unknown => true,
    }
}

fn illegal_sidecar(
    config: &ServiceBundlePlan,
    service: &ServicePlan,
    sidecar: &SidecarPlan,
    path: &SidecarPaths,
) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    found.extend(illegal_image(
        &sidecar.image,
        Versions::Required,
        &path.image(),
    ));
    found.extend(plain_secrets(config, &sidecar.environment, |name| {
        path.environment().key(name)
    }));
    found.extend(illegal_secrets(&sidecar.secrets, |name| {
        path.secrets().key(name)
    }));
    let secrets = names(&sidecar.secrets);
    let clashes = names(&sidecar.environment)
        .into_iter()
        .filter(|name| secrets.contains(name));
    found.extend(clashes.map(|name| name_used_twice(&name, path.environment().key(&name))));
    let json = &sidecar.container_overrides_json;
    found.extend(illegal_overrides(json, path.container_overrides_json()));
    let said = json
        .known()
        .and_then(|json| overrides::parse(json).ok())
        .unwrap_or_default();
    let twice = ["essential", "cpu", "memory"]
        .into_iter()
        .filter(|field| said.contains_key(*field));
    found.extend(twice.map(|field| {
        let detail = format!("It sets {field}. Say it with `{field}` instead.");
        let at = path.container_overrides_json();
        refuse("Illegal settings of a container", &detail, at)
    }));
    let log = [&config.log, &service.log, &sidecar.log];
    if log.iter().all(|log| log.is_null()) && !logs_otherwise(json) {
        let detail = "No log group is specified for this sidecar, its service or the bundle. Set `log` in one of them.";
        found.push(refuse("No log group", detail, path.log()));
    }
    found
}

fn illegal_overrides(json: &Planned<String>, path: impl Into<AttributePath>) -> Option<Diagnostic> {
    let error = overrides::parse(json.known()?).err()?;
    let detail = format!("It cannot be used: {error}. {}", error.remedy());
    Some(refuse("Illegal settings of a container", &detail, path))
}

/// A target group of a container that does not exist, or that does not open the port.
/// Source: ECS API Reference, LoadBalancer: the port must be a containerPort of the container that it names.
pub(super) fn illegal_target(
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
                "The task has no container {name:?}. Set it to the key of a sidecar, or leave it out for the container of \
                 the service."
            );
            return Some(refuse("Container does not exist", &detail, at.container()));
        };
        (&sidecar.known()?.port, format!("the sidecar {name}"))
    };
    match (opens, &balancer.container_port) {
        (Planned::Null, _) => {
            let detail = format!(
                "A load balancer needs the port the program listens on. Set `port` of {owner}."
            );
            let at = at.container_port();
            Some(refuse("Load balancer without a port", &detail, at))
        }
        (Planned::Known(opens), Planned::Known(port)) if opens != port => {
            let detail = format!(
                "The container {name} opens only port {opens}. Set container_port to {opens}, or leave it out; for the \
                 port of a sidecar, name the sidecar in `container`."
            );
            let at = at.container_port();
            Some(refuse("Unknown container port", &detail, at))
        }
        _ => None,
    }
}

/// What is published without a port to publish.
fn unreachable(service: &ServicePlan, path: &ServicePaths) -> Option<Diagnostic> {
    let connect = service.service_connect.known()?;
    connect.publish.known()?;
    let detail = "Others can only reach a port that the program listens on. Set `port` of this service, or leave publish \
                  out if the service only reaches others.";
    let at = path.service_connect().publish();
    service
        .port
        .is_null()
        .then(|| refuse("Nothing to publish", detail, at))
}

/// Sidecars that want more than the task has.
fn too_much_cpu(service: &ServicePlan, path: &ServicePaths) -> Option<Diagnostic> {
    let sidecars = service
        .sidecars
        .known()
        .into_iter()
        .flat_map(BTreeMap::values);
    let wanted = sidecars.filter_map(|sidecar| sidecar.known()?.cpu.known().copied());
    // No sum of these is too large, though one of them may be.
    let sum: u64 = wanted.map(u64::from).sum();
    let all = u64::from(*service.cpu.known()?);
    let detail = format!(
        "The sidecars reserve {sum} CPU units, but the task has {all}. Lower theirs, or raise `cpu`."
    );
    (sum > all).then(|| refuse("Sidecars want too much", &detail, path.sidecars()))
}

/// A name that is an environment variable and a secret at once, in what the container would get.
fn clashing_names(
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
        name_used_twice(name, at)
    });
    clashes.collect()
}

fn name_used_twice(name: &str, at: impl Into<AttributePath>) -> Diagnostic {
    let detail = format!(
        "{name} would be an environment variable and a secret of the same container, which ECS refuses. Keep one."
    );
    refuse("Name used twice", &detail, at)
}

fn names(of: &PlannedTexts) -> BTreeSet<String> {
    of.known()
        .into_iter()
        .flat_map(BTreeMap::keys)
        .cloned()
        .collect()
}
