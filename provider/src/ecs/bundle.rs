//! Bundle of services that are rolled out together, with their names and tags in AWS.

use std::collections::{BTreeMap, BTreeSet};

use super::api::{LogGroup, Revision, Service, Tags};
use super::definition::TaskDefinition;
use super::drift::Drift;
use super::error::BundleIdentity;
use super::service::{Platform, ServiceSettings};
use crate::aws::arn::Arn;
pub use crate::aws::tags::UNFINISHED_TAG;

/// Tag whose value is the name of the bundle that a service or task definition belongs to.
pub const BUNDLE_TAG: &str = "skreg:bundle";
/// Task definition tag. Its value is the name of the cluster that the task definition was registered for. The tag is
/// required because families are independent of clusters.
pub const CLUSTER_TAG: &str = "skreg:cluster";
/// Tag on a service whose deletion has started. The tag is set before the service is scaled to zero. Its value is the
/// previous desired count, which an apply restores if the deletion was interrupted.
pub const DELETING_TAG: &str = "skreg:deleting";
/// Service tag that lists the revisions that the bundle registered for the service.
pub const REVISIONS_TAG: &str = "skreg:revisions";

/// Planned state of a bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bundle {
    /// Name of the bundle.
    pub name: String,
    /// Cluster, by name or ARN.
    pub cluster: String,
    /// Services by key.
    pub services: BTreeMap<String, ServiceSpec>,
    /// Names of services by key, including existing services that are no longer configured. Default: `<name>-<key>`.
    pub names: BTreeMap<String, String>,
    /// Keys in rollout order. Unlisted keys follow in the default order.
    pub order: Vec<String>,
    /// Whether to wait until each rollout ends.
    pub wait: bool,
    /// Number of revisions of each task definition that stay registered. 0 keeps all revisions.
    pub keep_revisions: u32,
    /// Tags for all objects that are created.
    pub tags: Tags,
    /// Keys of previously configured tags to remove. Tags that other tools set are not changed.
    pub dropped_tags: BTreeSet<String>,
    /// Log groups to create if they do not exist.
    pub log_groups: BTreeSet<LogGroup>,
    /// How to handle failed pre-flight checks.
    pub verify: Verify,
    /// How to handle a deployment in progress that another process started.
    pub concurrent: Concurrent,
    /// ARNs of service deployments that earlier attempts started.
    pub own_deployments: BTreeSet<String>,
    /// Whether to redeploy every service even if nothing changed.
    pub force: bool,
    /// Maximum number of log lines from failed tasks in an error.
    pub error_log_lines: u32,
}

/// How to handle failed pre-flight checks, which run before any object is created.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verify {
    /// The attempt fails.
    Error,
    /// The attempt reports a warning.
    Warn,
    /// The checks are skipped.
    Off,
}

/// How an attempt handles a deployment in progress that another process started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Concurrent {
    /// The attempt waits until the deployment ends.
    Wait,
    /// The attempt fails.
    Fail,
    /// The attempt replaces the deployment.
    Replace,
}

/// Planned state of one service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceSpec {
    /// Task definition of the service.
    pub definition: TaskDefinition,
    /// Other settings.
    pub settings: ServiceSettings,
    /// Whether a running service keeps its image. If so, the image in the definition applies only to a new service and
    /// can be empty.
    pub keeps_image: bool,
    /// Whether a running service keeps the family of its task definition, because another tool set the name.
    pub keeps_family: bool,
    /// Revision to run, regardless of the definition.
    pub pinned: Option<u32>,
}

impl ServiceSpec {
    /// Returns the definition that the service must run, based on its running definition.
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

    /// Returns the name of the pinned revision, such as `skreg-api:7`. Its family depends on the running revision of
    /// the service.
    #[must_use]
    pub fn pinned_revision(&self, running: Option<&str>) -> Option<String> {
        let revision = self.pinned?;
        let present = running.map(family_of).filter(|_| self.keeps_family);
        let family = present.unwrap_or(&self.definition.family);
        Some(format!("{family}:{revision}"))
    }
}

impl Bundle {
    /// Returns the name of a service, which is also the family of its task definitions.
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

    /// Returns the tags for services.
    #[must_use]
    pub fn service_tags(&self) -> Tags {
        let mut tags = self.tags.clone();
        tags.insert(BUNDLE_TAG.to_owned(), self.name.clone());
        tags
    }

    /// Returns the tags for task definitions.
    #[must_use]
    pub fn revision_tags(&self) -> Tags {
        let mut tags = self.service_tags();
        tags.insert(
            CLUSTER_TAG.to_owned(),
            Arn::name_in(&self.cluster).to_owned(),
        );
        tags
    }

    /// Returns the keys in rollout order: first the keys in `order`, then services without a load balancer, then
    /// services with a load balancer. Services that receive requests are therefore updated last.
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

/// Returns the default name of a service in a bundle, which is also the family of its task definitions.
#[must_use]
pub fn service_name(bundle: &str, key: &str) -> String {
    format!("{bundle}-{key}")
}

/// Returns whether the bundle with this name created a service.
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

/// Returns whether the bundle with this name registered a revision for this cluster, which is specified by name or ARN.
#[must_use]
pub fn registered_by(bundle: &str, cluster: &str, revision: &Revision) -> bool {
    let tag = |key| revision.tags.get(key).map(String::as_str);
    tag(BUNDLE_TAG) == Some(bundle) && tag(CLUSTER_TAG) == Some(Arn::name_in(cluster))
}

/// Returns the differences between a registered revision and a definition. The list is empty if the revision matches.
/// Both plan and apply use this function, so only planned changes are rolled out.
#[must_use]
pub fn mismatches(revision: &Revision, definition: &TaskDefinition) -> Vec<Drift> {
    let mut found = definition.differences(&revision.definition);
    if !revision.active {
        let name = Arn::name_in(&revision.arn);
        found.push(Drift::Deregistered(name.to_owned()));
    }
    found
}

/// Returns whether a registered revision matches a definition.
#[must_use]
pub fn fits(revision: &Revision, definition: &TaskDefinition) -> bool {
    mismatches(revision, definition).is_empty()
}

/// Returns the family in a task definition ARN.
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
    /// ARN of the current task definition.
    pub task_definition_arn: String,
    /// ARN of the last service deployment, if ECS returns one.
    pub service_deployment_arn: Option<String>,
    /// ARN of the running service revision, if ECS returns one.
    pub service_revision_arn: Option<String>,
    /// Digest of the running image, if ECS returns one.
    pub running_digest: Option<String>,
    /// Requested and running Fargate platform versions.
    pub platform: Option<Platform>,
    /// Status, such as `SUCCESSFUL`, `IN_PROGRESS`, or `ROLLBACK_SUCCESSFUL`.
    pub status: String,
    /// Reason for the status, as reported by ECS.
    pub status_reason: Option<String>,
    /// Differences from the planned state. Empty if no differences exist.
    pub drift: Vec<Drift>,
    /// Tags of the service.
    pub tags: Tags,
}
