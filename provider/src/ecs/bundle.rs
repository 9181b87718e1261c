//! A bundle: services that are rolled out together, and how they are named and marked in AWS.

use std::collections::{BTreeMap, BTreeSet};

use super::api::{Revision, Service, Tags};
use super::definition::TaskDefinition;
use super::service::ServiceSettings;

/// Tag that names the bundle a service or task definition belongs to.
pub const BUNDLE_TAG: &str = "skreg:bundle";
/// Tag of a task definition with the name of the cluster it was registered for: families have no cluster.
pub const CLUSTER_TAG: &str = "skreg:cluster";
/// Tag of a task definition with its canonical hash.
pub const HASH_TAG: &str = "skreg:hash";

/// What should run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bundle {
    /// Name of the bundle.
    pub name: String,
    /// Cluster, by name or ARN.
    pub cluster: String,
    /// Its services by key.
    pub services: BTreeMap<String, ServiceSpec>,
    /// Keys in the order of the rollout; those that are not listed follow in the default order.
    pub order: Vec<String>,
    /// Whether to wait for the end of each rollout.
    pub wait: bool,
    /// How many revisions of each task definition stay registered; 0 keeps all.
    pub keep_revisions: u32,
    /// Tags of everything that is made.
    pub tags: Tags,
    /// Keys of tags that were set once and are to be removed; tags of others are left alone.
    pub dropped_tags: BTreeSet<String>,
}

/// What one service should run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceSpec {
    /// Its task definition.
    pub definition: TaskDefinition,
    /// Everything else.
    pub settings: ServiceSettings,
}

impl Bundle {
    /// Name of a service, and of the family of its task definitions.
    #[must_use]
    pub fn service_name(&self, key: &str) -> String {
        service_name(&self.name, key)
    }

    /// The id by which `terraform import` finds the bundle.
    #[must_use]
    pub fn import_id(&self) -> String {
        format!("{}/{}", self.cluster, self.name)
    }

    /// Tags of the services.
    #[must_use]
    pub fn service_tags(&self) -> Tags {
        let mut tags = self.tags.clone();
        tags.insert(BUNDLE_TAG.to_owned(), self.name.clone());
        tags
    }

    /// Tags of a task definition.
    #[must_use]
    pub fn revision_tags(&self, definition: &TaskDefinition) -> Tags {
        let mut tags = self.service_tags();
        tags.insert(CLUSTER_TAG.to_owned(), short(&self.cluster).to_owned());
        tags.insert(HASH_TAG.to_owned(), definition.hash());
        tags
    }

    /// Keys in the order of the rollout: first those of `order`, then services without a load balancer, then those
    /// with one, so that whoever answers requests comes last.
    #[must_use]
    pub fn rollout_order(&self) -> Vec<&str> {
        let named = self
            .order
            .iter()
            .filter(|key| self.services.contains_key(*key));
        let mut keys: Vec<&str> = named.map(String::as_str).collect();
        let listed: BTreeSet<&str> = keys.iter().copied().collect();
        let mut rest: Vec<_> = self
            .services
            .iter()
            .filter(|(key, _)| !listed.contains(key.as_str()))
            .collect();
        rest.sort_by_key(|(_, spec)| !spec.settings.load_balancers.is_empty());
        keys.extend(rest.into_iter().map(|(key, _)| key.as_str()));
        keys
    }
}

/// Name of a service of a bundle, and of the family of its task definitions.
#[must_use]
pub fn service_name(bundle: &str, key: &str) -> String {
    format!("{bundle}-{key}")
}

/// Whether a service was made by the bundle of this name.
#[must_use]
pub fn owns(bundle: &str, service: &Service) -> bool {
    service
        .tags
        .get(BUNDLE_TAG)
        .is_some_and(|name| name == bundle)
}

/// Whether a revision was registered by the bundle of this name in this cluster, given by name or ARN.
#[must_use]
pub fn registered_by(bundle: &str, cluster: &str, revision: &Revision) -> bool {
    let tag = |key| revision.tags.get(key).map(String::as_str);
    tag(BUNDLE_TAG) == Some(bundle) && tag(CLUSTER_TAG) == Some(short(cluster))
}

/// Why a registered revision cannot be used for what a definition asks for, in the user's words; empty if it can. Plan
/// and apply both go by this, so that nothing is rolled out that was not planned.
#[must_use]
pub fn misfits(revision: &Revision, definition: &TaskDefinition) -> Vec<String> {
    let mut found = definition.differences(&revision.definition);
    if !revision.active {
        let name = short(&revision.arn);
        found.push(format!("the task definition {name} is deregistered"));
    }
    found
}

/// Whether a registered revision can be used for what a definition asks for.
#[must_use]
pub fn fits(revision: &Revision, definition: &TaskDefinition) -> bool {
    misfits(revision, definition).is_empty()
}

/// The last part of an ARN, such as `skreg-api:7` of a task definition.
#[must_use]
pub fn short(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

/// What is there of one service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deployed {
    /// ARN of the service.
    pub service_arn: String,
    /// ARN of the task definition it runs or is about to run.
    pub task_definition_arn: String,
    /// ARN of the last service deployment, where ECS tells it.
    pub service_deployment_arn: Option<String>,
    /// `SUCCESSFUL`, `IN_PROGRESS`, `ROLLBACK_SUCCESSFUL` and so on.
    pub status: String,
    /// What ECS says about the status.
    pub status_reason: Option<String>,
    /// How it differs from what should run, in the user's words; empty if it does not.
    pub drift: Vec<String>,
}
