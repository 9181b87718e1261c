//! A bundle: services that are rolled out together, and how they are named and marked in AWS.

use std::collections::{BTreeMap, BTreeSet};

use super::api::{LogGroup, Revision, Service, Tags};
use super::definition::TaskDefinition;
use super::error::BundleIdentity;
use super::service::{Platform, ServiceSettings};
use crate::aws::arn::Arn;
pub use crate::aws::tags::UNFINISHED_TAG;

/// Tag that names the bundle a service or task definition belongs to.
pub const BUNDLE_TAG: &str = "skreg:bundle";
/// Tag of a task definition with the name of the cluster it was registered for: families have no cluster.
pub const CLUSTER_TAG: &str = "skreg:cluster";
/// Tag of a service whose deletion has begun, set before the service is scaled to zero. Its value is the desired count
/// from before, which an apply restores when the deletion was broken off.
pub const DELETING_TAG: &str = "skreg:deleting";
/// Tag of a service that lists the revisions that its bundle registered for it.
pub const REVISIONS_TAG: &str = "skreg:revisions";

/// What should run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bundle {
    /// Name of the bundle.
    pub name: String,
    /// Cluster, by name or ARN.
    pub cluster: String,
    /// Its services by key.
    pub services: BTreeMap<String, ServiceSpec>,
    /// Names of services by key, also of those that are there and wanted no more; `<name>-<key>` where it is not said.
    pub names: BTreeMap<String, String>,
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
    /// Log groups to be made where they do not exist.
    pub log_groups: BTreeSet<LogGroup>,
    /// What a finding about the surroundings means.
    pub verify: Verify,
    /// What happens to a deployment that another process started and that is in progress.
    pub concurrent: Concurrent,
    /// ARNs of service deployments that earlier attempts started.
    pub own_deployments: BTreeSet<String>,
    /// Whether every service is deployed anew even where nothing changed.
    pub force: bool,
    /// How many lines of the logs of failed tasks an error shows.
    pub error_log_lines: u32,
}

/// What a finding about the surroundings of a bundle means, before anything is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verify {
    /// It ends the attempt.
    Error,
    /// It is told.
    Warn,
    /// Nothing is looked at.
    Off,
}

/// What happens to a deployment that another process started and that is in progress when ours should begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Concurrent {
    /// Its end is waited for.
    Wait,
    /// It ends the attempt.
    Fail,
    /// Ours takes its place.
    Replace,
}

/// What one service should run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceSpec {
    /// Its task definition.
    pub definition: TaskDefinition,
    /// Everything else.
    pub settings: ServiceSettings,
    /// Whether a service that runs keeps its image: that of the definition is for a new service only, and may be
    /// empty.
    pub keeps_image: bool,
    /// Whether a service that runs keeps the family of its task definition, because others named it.
    pub keeps_family: bool,
    /// The revision to run, whatever the definition says.
    pub pinned: Option<u32>,
}

impl ServiceSpec {
    /// The definition that a service should run which runs another now.
    #[must_use]
    pub fn definition_beside(&self, running: Option<&TaskDefinition>) -> TaskDefinition {
        let mut definition = self.definition.clone();
        let running = running.map(|running| running.clone().around(&definition.container.name));
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

    /// Name of the revision that is pinned, such as `skreg-api:7`, of a service that runs this one now.
    #[must_use]
    pub fn pinned_revision(&self, running: Option<&str>) -> Option<String> {
        let revision = self.pinned?;
        let present = running.map(family_of).filter(|_| self.keeps_family);
        let family = present.unwrap_or(&self.definition.family);
        Some(format!("{family}:{revision}"))
    }
}

impl Bundle {
    /// Name of a service, and of the family of its task definitions.
    #[must_use]
    pub fn service_name(&self, key: &str) -> String {
        let named = self.names.get(key).cloned();
        named.unwrap_or_else(|| service_name(&self.name, key))
    }

    /// Names of the services of these keys.
    #[must_use]
    pub fn service_names<'k>(
        &self,
        keys: impl IntoIterator<Item = &'k String>,
    ) -> BTreeSet<String> {
        keys.into_iter().map(|key| self.service_name(key)).collect()
    }

    /// What identifies the bundle with its services.
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

    /// Tags of the services.
    #[must_use]
    pub fn service_tags(&self) -> Tags {
        let mut tags = self.tags.clone();
        tags.insert(BUNDLE_TAG.to_owned(), self.name.clone());
        tags
    }

    /// Tags of a task definition.
    #[must_use]
    pub fn revision_tags(&self) -> Tags {
        let mut tags = self.service_tags();
        tags.insert(
            CLUSTER_TAG.to_owned(),
            Arn::name_in(&self.cluster).to_owned(),
        );
        tags
    }

    /// Keys in the order of the rollout: first those of `order`, then services without a load balancer, then those
    /// with one, so that services that answer requests come last.
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

/// Whether a service is of a bundle.
#[must_use]
pub fn owned(service: &Service) -> bool {
    service.tags.contains_key(BUNDLE_TAG)
}

/// Whether a revision was registered by the bundle of this name in this cluster, given by name or ARN.
#[must_use]
pub fn registered_by(bundle: &str, cluster: &str, revision: &Revision) -> bool {
    let tag = |key| revision.tags.get(key).map(String::as_str);
    tag(BUNDLE_TAG) == Some(bundle) && tag(CLUSTER_TAG) == Some(Arn::name_in(cluster))
}

/// Why a registered revision cannot be used for what a definition asks for, in the user's words; empty if it can. Plan
/// and apply both go by this, so that nothing is rolled out that was not planned.
#[must_use]
pub fn misfits(revision: &Revision, definition: &TaskDefinition) -> Vec<String> {
    let mut found = definition.differences(&revision.definition);
    if !revision.active {
        let name = Arn::name_in(&revision.arn);
        found.push(format!("the task definition {name} is deregistered"));
    }
    found
}

/// Whether a registered revision can be used for what a definition asks for.
#[must_use]
pub fn fits(revision: &Revision, definition: &TaskDefinition) -> bool {
    misfits(revision, definition).is_empty()
}

/// The family of a task definition, by its ARN.
#[must_use]
pub fn family_of(arn: &str) -> &str {
    Arn::name_in(arn).split(':').next().unwrap_or_default()
}

/// What is there of one service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deployed {
    /// ARN of the service.
    pub service_arn: String,
    /// ARN of its cluster.
    pub cluster_arn: String,
    /// ARN of the task definition it runs or is about to run.
    pub task_definition_arn: String,
    /// ARN of the last service deployment, where ECS tells it.
    pub service_deployment_arn: Option<String>,
    /// ARN of the service revision that runs, where ECS tells it.
    pub service_revision_arn: Option<String>,
    /// Digest of the image that runs, where ECS tells it.
    pub running_digest: Option<String>,
    /// Version of the Fargate platform: as it was asked for, and as it runs.
    pub platform: Option<Platform>,
    /// `SUCCESSFUL`, `IN_PROGRESS`, `ROLLBACK_SUCCESSFUL` and so on.
    pub status: String,
    /// What ECS says about the status.
    pub status_reason: Option<String>,
    /// How it differs from what should run, in the user's words; empty if it does not.
    pub drift: Vec<String>,
    /// Its tags.
    pub tags: Tags,
}
