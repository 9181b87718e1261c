//! Bundle: services that are rolled out together, with their names and tags in AWS.

use std::collections::{BTreeMap, BTreeSet};

use super::api::{LogGroup, Revision, Service, Tags};
use super::definition::TaskDefinition;
use super::error::BundleIdentity;
use super::service::{Platform, ServiceSettings};
use crate::aws::arn::Arn;
pub use crate::aws::tags::UNFINISHED_TAG;

/// Tag with the name of the bundle that a service or task definition belongs to.
pub const BUNDLE_TAG: &str = "skreg:bundle";
/// Tag of a task definition with the name of the cluster that it was registered for, because families are independent
/// of clusters.
pub const CLUSTER_TAG: &str = "skreg:cluster";
/// Tag of a service whose deletion has started, set before the service is scaled to zero. Its value is the previous
/// desired count, which an apply restores if the deletion was interrupted.
pub const DELETING_TAG: &str = "skreg:deleting";
/// Tag of a service that lists the revisions that its bundle registered for it.
pub const REVISIONS_TAG: &str = "skreg:revisions";

/// Planned state of a bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bundle {
    /// Name of the bundle.
    pub name: String,
    /// Cluster, by name or ARN.
    pub cluster: String,
    /// Its services by key.
    pub services: BTreeMap<String, ServiceSpec>,
    /// Names of services by key, including existing services that are no longer wanted. Default: `<name>-<key>`.
    pub names: BTreeMap<String, String>,
    /// Keys in rollout order; unlisted keys follow in the default order.
    pub order: Vec<String>,
    /// Whether to wait for each rollout to end.
    pub wait: bool,
    /// Number of revisions of each task definition that stay registered; 0 keeps all.
    pub keep_revisions: u32,
    /// Tags of all objects that are created.
    pub tags: Tags,
    /// Keys of tags that were set earlier and are to be removed; tags that others set are not changed.
    pub dropped_tags: BTreeSet<String>,
    /// Log groups to create if they do not exist.
    pub log_groups: BTreeSet<LogGroup>,
    /// Handling of failed pre-flight checks.
    pub verify: Verify,
    /// Handling of a deployment in progress that another process started.
    pub concurrent: Concurrent,
    /// ARNs of service deployments that earlier attempts started.
    pub own_deployments: BTreeSet<String>,
    /// Whether to redeploy every service even if nothing changed.
    pub force: bool,
    /// Number of log lines of failed tasks in an error.
    pub error_log_lines: u32,
}

/// Handling of failed pre-flight checks, before anything is created.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verify {
    /// The attempt fails.
    Error,
    /// The attempt reports a warning.
    Warn,
    /// The checks are skipped.
    Off,
}

/// Handling of a deployment in progress that another process started when our deployment is to start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Concurrent {
    /// Wait until it ends.
    Wait,
    /// The attempt fails.
    Fail,
    /// Replace it.
    Replace,
}

/// Planned state of one service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceSpec {
    /// Its task definition.
    pub definition: TaskDefinition,
    /// Other settings.
    pub settings: ServiceSettings,
    /// Whether a running service keeps its image. The image of the definition then applies to a new service only, and
    /// may be empty.
    pub keeps_image: bool,
    /// Whether a running service keeps the family of its task definition, because another tool chose the name.
    pub keeps_family: bool,
    /// The revision to run, regardless of the definition.
    pub pinned: Option<u32>,
}

impl ServiceSpec {
    /// Returns the definition that the service should run, given its running definition.
    #[must_use]
    pub fn definition_for(&self, running: Option<&TaskDefinition>) -> TaskDefinition {
        let mut definition = self.definition.clone();
        let running = running.map(|running| {
            running
                .clone()
                .with_main_container(&definition.container.name)
        });
        let running = running.as_ref();
        if let (Some(running), true) = (running, self.keeps_image) {
            definition
                .container
                .image
                .clone_from(&running.container.image);
        }
        if let (Some(running), true) = (running, self.keeps_family) {
            definition.family.clone_from(&running.family);
        }
        definition
    }

    /// Returns the name of the pinned revision, such as `skreg-api:7`, given the running revision of the service.
    #[must_use]
    pub fn pinned_revision(&self, running: Option<&str>) -> Option<String> {
        let revision = self.pinned?;
        let present = running.map(family_of).filter(|_| self.keeps_family);
        let family = present.unwrap_or(&self.definition.family);
        Some(format!("{family}:{revision}"))
    }
}

impl Bundle {
    /// Returns the name of a service and of the family of its task definitions.
    #[must_use]
    pub fn service_name(&self, key: &str) -> String {
        let named = self.names.get(key).cloned();
        named.unwrap_or_else(|| service_name(&self.name, key))
    }

    /// Returns the names of the services with these keys.
    #[must_use]
    pub fn service_names<'k>(
        &self,
        keys: impl IntoIterator<Item = &'k String>,
    ) -> BTreeSet<String> {
        keys.into_iter().map(|key| self.service_name(key)).collect()
    }

    /// Returns the identity of the bundle and its services.
    #[must_use]
    pub fn identity(&self) -> BundleIdentity {
        let names = self.services.keys();
        let names = names.map(|key| (key.clone(), self.service_name(key)));
        BundleIdentity {
            cluster: self.cluster.clone(),
            name: self.name.clone(),
            services: names.collect(),
        }
    }

    /// Returns the tags of the services.
    #[must_use]
    pub fn service_tags(&self) -> Tags {
        let mut tags = self.tags.clone();
        tags.insert(BUNDLE_TAG.to_owned(), self.name.clone());
        tags
    }

    /// Returns the tags of a task definition.
    #[must_use]
    pub fn revision_tags(&self) -> Tags {
        let mut tags = self.service_tags();
        tags.insert(
            CLUSTER_TAG.to_owned(),
            Arn::name_in(&self.cluster).to_owned(),
        );
        tags
    }

    /// Returns the keys in rollout order: first those of `order`, then services without a load balancer, then those
    /// with one, so that services that receive requests are updated last.
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

/// Returns the name of a service of a bundle and of the family of its task definitions.
#[must_use]
pub fn service_name(bundle: &str, key: &str) -> String {
    format!("{bundle}-{key}")
}

/// Returns whether a service was created by the bundle of this name.
#[must_use]
pub fn owns(bundle: &str, service: &Service) -> bool {
    service
        .tags
        .get(BUNDLE_TAG)
        .is_some_and(|name| name == bundle)
}

/// Returns whether a service belongs to a bundle.
#[must_use]
pub fn owned(service: &Service) -> bool {
    service.tags.contains_key(BUNDLE_TAG)
}

/// Returns whether a revision was registered by the bundle of this name in this cluster, specified by name or ARN.
#[must_use]
pub fn registered_by(bundle: &str, cluster: &str, revision: &Revision) -> bool {
    let tag = |key| revision.tags.get(key).map(String::as_str);
    tag(BUNDLE_TAG) == Some(bundle) && tag(CLUSTER_TAG) == Some(Arn::name_in(cluster))
}

/// Returns the reasons why a registered revision does not match a definition, as texts for the user; empty if it
/// matches. Plan and apply both use this function, so that only planned changes are rolled out.
#[must_use]
pub fn mismatches(revision: &Revision, definition: &TaskDefinition) -> Vec<String> {
    let mut found = definition.differences(&revision.definition);
    if !revision.active {
        let name = Arn::name_in(&revision.arn);
        found.push(format!("the task definition {name} is deregistered"));
    }
    found
}

/// Returns whether a registered revision matches a definition.
#[must_use]
pub fn fits(revision: &Revision, definition: &TaskDefinition) -> bool {
    mismatches(revision, definition).is_empty()
}

/// Returns the family in the ARN of a task definition.
#[must_use]
pub fn family_of(arn: &str) -> &str {
    Arn::name_in(arn).split(':').next().unwrap_or_default()
}

/// Current state of one service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deployed {
    /// ARN of the service.
    pub service_arn: String,
    /// ARN of its cluster.
    pub cluster_arn: String,
    /// ARN of its current task definition.
    pub task_definition_arn: String,
    /// ARN of the last service deployment, if ECS returns it.
    pub service_deployment_arn: Option<String>,
    /// ARN of the running service revision, if ECS returns it.
    pub service_revision_arn: Option<String>,
    /// Digest of the running image, if ECS returns it.
    pub running_digest: Option<String>,
    /// Requested and running version of the Fargate platform.
    pub platform: Option<Platform>,
    /// `SUCCESSFUL`, `IN_PROGRESS`, `ROLLBACK_SUCCESSFUL` and so on.
    pub status: String,
    /// Reason for the status, as reported by ECS.
    pub status_reason: Option<String>,
    /// Differences from the planned state, as texts for the user; empty if there are none.
    pub drift: Vec<String>,
    /// Its tags.
    pub tags: Tags,
}
