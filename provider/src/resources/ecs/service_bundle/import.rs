//! Imports a bundle: parses the import ID and completes the imported state during the refresh.

mod configuration;

use std::collections::BTreeMap;

use tfplugin::{Diagnostic, Diagnostics, Imported, Planned};

use super::diagnostics::diagnostic;
use super::model::{ServiceBundle, ServiceBundlePlan, ServicePlan, is_key};
use super::provider_settings::ProviderSettings;
use super::state::names_of;
use super::tags::found_tags;
use crate::ecs::api::EcsApi;
use crate::ecs::bundle::{Bundle, service_name};
use crate::ecs::clock::Clock;
use crate::ecs::rollout::Deployer;

/// Returns the state for an import ID. The subsequent refresh completes the state.
///
/// # Errors
/// Returns an error if the ID is not valid.
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

/// Completes the state for an import ID from the running services.
///
/// # Errors
/// Returns an error if no service matches the ID or a request to ECS fails.
pub(super) async fn completed<A: EcsApi, C: Clock>(
    deployer: &Deployer<'_, A, C>,
    prior: &ServiceBundlePlan,
    provider: &ProviderSettings,
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
            "The import ID specifies the service {service} for the key {key}, but the cluster {cluster} has no active \
             service with this name. Check the import ID."
        );
        return Err(Diagnostic::error("No services to import", detail).into());
    }
    let model = configuration::model_of(&name, &cluster, &found, provider).ok_or_else(|| {
        let detail = format!(
            "The cluster {cluster} has no active service with the tag skreg:bundle = {name} or with a name in the form \
             {name}-<key>. Check the import ID. The format is <cluster>/<name>. To import services with other names, \
             append their keys and names, such as '{cluster}/{name}?api=web,worker=jobs'."
        );
        Diagnostic::error("No services to import", detail)
    })?;
    let bundle: Bundle = model.bundle(provider)?;
    let read = deployer.read(&bundle).await;
    let mut services = read.map_err(|error| diagnostic(&error))?.services;
    for deployed in services.values_mut() {
        // If a deployment is in progress, another process started the deployment.
        deployed.service_deployment_arn = None;
    }
    let tags_all = found_tags(&services, &bundle.tags);
    Ok(ServiceBundle {
        tags_all,
        ..model.with(services)
    })
}

/// Parsed import ID.
#[derive(Debug, PartialEq, Eq)]
struct ImportId {
    /// Name or ARN of the cluster.
    cluster: String,
    /// Name of the bundle.
    bundle: String,
    /// Names of services by key. If empty, the refresh discovers the services.
    services: BTreeMap<String, String>,
}

impl ImportId {
    /// Parses `<cluster>/<name>` or `<cluster>/<name>?<key>=<service>,<key>=<service>`.
    ///
    /// # Errors
    /// Returns an error if the ID is not valid. The diagnostic describes the format.
    fn parse(id: &str) -> Result<Self, Diagnostic> {
        let malformed = |problem: &str| {
            let detail = format!(
                "{problem} The format of the import ID is <cluster>/<name>, such as 'shop/shop'. Specify the cluster \
                 by name or ARN. If the services are not named <name>-<key>, append their keys and names, such as \
                 'shop/shop?api=web,worker=jobs'."
            );
            Diagnostic::error("Invalid import ID", detail)
        };
        let (target, services) = match id.split_once('?') {
            Some((target, services)) => (target, Some(services)),
            None => (id, None),
        };
        let named = |(cluster, bundle): &(&str, &str)| !cluster.is_empty() && !bundle.is_empty();
        let (cluster, bundle) = target
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
                .ok_or_else(|| malformed(&format!("{pair:?} is not in the form KEY=SERVICE.")))?;
            if found.insert(key.to_owned(), service.to_owned()).is_some() {
                return Err(malformed(&format!(
                    "The key {key} is specified more than once."
                )));
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
    fn import_id_contains_cluster_bundle_and_services() {
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
    fn invalid_import_id_is_rejected_with_an_example() {
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
