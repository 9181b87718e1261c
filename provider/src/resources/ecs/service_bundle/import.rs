//! The import of a bundle: the id, the state that the command line refreshes first, and what that refresh stores.

mod configuration;

use std::collections::BTreeMap;

use tfplugin::{Diagnostic, Diagnostics, Imported, Planned};

use super::diagnostics::diagnostic;
use super::model::{ServiceBundle, ServiceBundlePlan, ServicePlan, is_key};
use super::state::names_of;
use super::surroundings::Surroundings;
use super::tags::found_tags;
use crate::ecs::api::EcsApi;
use crate::ecs::bundle::{Bundle, service_name};
use crate::ecs::clock::Clock;
use crate::ecs::rollout::Deployer;

/// Returns the state of an id; the refresh that follows completes it.
///
/// # Errors
/// The id is malformed.
pub(super) fn state_of(id: &str) -> Result<Imported<ServiceBundle>, Diagnostics> {
    let ImportId {
        cluster,
        bundle,
        services,
    } = ImportId::parse(id)?;
    let named = services.into_iter().map(|(key, name)| {
        let service = ServicePlan {
            service_name: Planned::Known(name),
            ..ServicePlan::default()
        };
        (key, Planned::Known(service))
    });
    let named: BTreeMap<_, _> = named.collect();
    Ok(Imported::new(ServiceBundlePlan {
        name: Planned::Known(bundle),
        cluster: Planned::Known(cluster),
        services: match named.is_empty() {
            true => Planned::Null,
            false => Planned::Known(named),
        },
        ..ServiceBundlePlan::default()
    }))
}

/// Completes the state of an id with what runs.
///
/// # Errors
/// There is nothing to import, or ECS does not answer.
pub(super) async fn completed<A: EcsApi, C: Clock>(
    deployer: &Deployer<'_, A, C>,
    prior: &ServiceBundlePlan,
    surroundings: &Surroundings,
) -> Result<ServiceBundle, Diagnostics> {
    let name = prior.name.known().cloned().unwrap_or_default();
    let cluster = prior.cluster.known().cloned().unwrap_or_default();
    let names = match prior.services.is_null() {
        false => names_of(prior),
        true => {
            let keys = deployer
                .discover(&cluster, &name)
                .await
                .map_err(|error| diagnostic(&error))?;
            let keys = keys.into_iter().filter(|key| is_key(key));
            keys.map(|key| (key.clone(), service_name(&name, &key)))
                .collect()
        }
    };
    let by_name = names.into_iter().map(|(key, name)| (name, key)).collect();
    let found = deployer
        .find(&cluster, &by_name)
        .await
        .map_err(|error| diagnostic(&error))?;
    if let Some((service, key)) = by_name.iter().find(|(_, key)| !found.contains_key(*key)) {
        let detail = format!(
            "The cluster {cluster} has no active service {service}, which the id names for the key {key}. Check the id."
        );
        return Err(Diagnostic::error("Nothing to import", detail).into());
    }
    let model = configuration::model_of(&name, &cluster, &found, surroundings).ok_or_else(|| {
        let detail = format!(
            "The cluster {cluster} has no active service with the tag skreg:bundle = {name}, and none that is named \
             {name}-<key>. Check the id: it is the cluster, a slash and the name of the bundle. Services of other names \
             follow it, such as '{cluster}/{name}?api=web,worker=jobs'."
        );
        Diagnostic::error("Nothing to import", detail)
    })?;
    let bundle: Bundle = model.bundle(surroundings)?;
    let read = deployer.read(&bundle).await;
    let mut there = read.map_err(|error| diagnostic(&error))?.services;
    for deployed in there.values_mut() {
        // A deployment that is in progress there was started by another process.
        deployed.service_deployment_arn = None;
    }
    let tags_all = found_tags(&there, &bundle.tags);
    Ok(ServiceBundle {
        tags_all,
        ..model.with(there)
    })
}

/// An id that was taken apart.
#[derive(Debug, PartialEq, Eq)]
struct ImportId {
    /// The cluster, by name or ARN.
    cluster: String,
    /// The name of the bundle.
    bundle: String,
    /// Names of services by key; empty if they are to be found.
    services: BTreeMap<String, String>,
}

impl ImportId {
    /// Takes `<cluster>/<name>` or `<cluster>/<name>?<key>=<service>,<key>=<service>` apart.
    ///
    /// # Errors
    /// A diagnostic that says how an id is written.
    fn parse(id: &str) -> Result<Self, Diagnostic> {
        let malformed = |what: &str| {
            let detail = format!(
                "{what} The import id is the cluster (name or ARN), a slash and the name of the bundle, such as \
                 'shop/shop'. Where the services are not named <name>-<key>, their keys and names follow, such as \
                 'shop/shop?api=web,worker=jobs'."
            );
            Diagnostic::error("Malformed import id", detail)
        };
        let (place, services) = match id.split_once('?') {
            Some((place, services)) => (place, Some(services)),
            None => (id, None),
        };
        let named = |(cluster, bundle): &(&str, &str)| !cluster.is_empty() && !bundle.is_empty();
        let (cluster, bundle) = place
            .rsplit_once('/')
            .filter(named)
            .ok_or_else(|| malformed("The cluster or the name is missing."))?;
        let mut found = BTreeMap::new();
        for pair in services
            .into_iter()
            .flat_map(|services| services.split(','))
        {
            let (key, service) = pair
                .split_once('=')
                .filter(|(key, service)| is_key(key) && !service.is_empty())
                .ok_or_else(|| {
                    malformed(&format!("{pair:?} does not have the form KEY=SERVICE."))
                })?;
            if found.insert(key.to_owned(), service.to_owned()).is_some() {
                return Err(malformed(&format!("The key {key} occurs twice.")));
            }
        }
        Ok(Self {
            cluster: cluster.to_owned(),
            bundle: bundle.to_owned(),
            services: found,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_names_cluster_bundle_and_services() {
        let arn = "arn:aws:ecs:eu-central-1:123456789012:cluster/main";
        let parsed = |id: &str| ImportId::parse(id).ok();
        let id = |cluster: &str, services: &[(&str, &str)]| ImportId {
            cluster: cluster.to_owned(),
            bundle: "shop".to_owned(),
            services: services
                .iter()
                .map(|(key, name)| ((*key).to_owned(), (*name).to_owned()))
                .collect(),
        };
        assert_eq!(parsed("main/shop"), Some(id("main", &[])));
        assert_eq!(parsed(&format!("{arn}/shop")), Some(id(arn, &[])));
        assert_eq!(
            parsed("main/shop?api=web,worker=jobs"),
            Some(id("main", &[("api", "web"), ("worker", "jobs")]))
        );
    }

    #[test]
    fn an_id_that_is_none_is_refused_with_an_example() {
        for id in [
            "shop",
            "/shop",
            "main/",
            "main/shop?",
            "main/shop?api",
            "main/shop?Api=x",
            "main/shop?api=",
            "main/shop?api=web,api=jobs",
        ] {
            let refused = ImportId::parse(id).expect_err(id);
            assert!(
                refused.detail.contains("'shop/shop?api=web,worker=jobs'"),
                "{id}"
            );
        }
    }
}
