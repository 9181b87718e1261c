//! The id of `terraform import`: a cluster, the name of a bundle and, where services are not named after it, their names.

use std::collections::BTreeMap;

use tfplugin::Diagnostic;

use super::model::is_key;

/// An id that was taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ImportId {
    /// The cluster, by name or ARN.
    pub(super) cluster: String,
    /// The name of the bundle.
    pub(super) bundle: String,
    /// Names of services by key; empty if they are to be found.
    pub(super) services: BTreeMap<String, String>,
}

impl ImportId {
    /// Takes `<cluster>/<name>` or `<cluster>/<name>?<key>=<service>,<key>=<service>` apart.
    ///
    /// # Errors
    /// A diagnostic that says how an id is written.
    pub(super) fn parse(id: &str) -> Result<Self, Diagnostic> {
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
            .ok_or_else(|| malformed("There is no cluster or no name."))?;
        let mut found = BTreeMap::new();
        for pair in services
            .into_iter()
            .flat_map(|services| services.split(','))
        {
            let (key, service) = pair
                .split_once('=')
                .filter(|(key, service)| is_key(key) && !service.is_empty())
                .ok_or_else(|| malformed(&format!("{pair:?} is not a key and a service.")))?;
            if found.insert(key.to_owned(), service.to_owned()).is_some() {
                return Err(malformed(&format!("The key {key} is there twice.")));
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
