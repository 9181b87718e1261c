//! Revisions of task definitions: which one to run, and which of ours to deregister.
//!
//! A family belongs to the account and not to a cluster, so two bundles of one name in two clusters share it. What is
//! not tagged as this bundle's in this cluster is never deregistered, nor what a service still runs.

use std::collections::{BTreeMap, BTreeSet};

use super::api::{Answer, EcsApi, Revision, ServiceStatus};
use super::bundle::{Bundle, ServiceSpec, family_of, fits, registered_by, short};
use super::clock::Clock;
use super::definition::TaskDefinition;
use super::error::BundleError;
use super::rollout::Deployer;

/// What a service runs now.
pub(super) struct Running {
    /// ARN of the revision.
    pub(super) revision: String,
    /// Whether the state knows the service.
    pub(super) in_state: bool,
}

/// What a service shall run.
pub(super) struct Choice {
    /// The definition.
    pub(super) definition: TaskDefinition,
    /// ARN of a registered revision that says so; if there is none, the definition must be registered.
    pub(super) usable: Option<String>,
}

impl<A: EcsApi, C: Clock> Deployer<'_, A, C> {
    /// Decides what a service shall run which runs this revision now.
    ///
    /// # Errors
    /// [`BundleError::NoRevision`] if the revision that is pinned cannot be run, [`BundleError::NoImage`] if a service
    /// would start without any image being named, [`BundleError::Aws`] if AWS does not answer.
    pub(super) async fn choose(
        &self,
        bundle: &Bundle,
        key: &str,
        spec: &ServiceSpec,
        running: Option<Running>,
    ) -> Result<Choice, BundleError> {
        let in_state = running.as_ref().is_some_and(|running| running.in_state);
        let running = running.map(|running| running.revision);
        if let Some(name) = spec.pinned_revision(running.as_deref()) {
            let usable = Some(self.pinned(key, name).await?);
            let definition = spec.definition.clone();
            return Ok(Choice { definition, usable });
        }
        let present = match (&running, spec.keeps_image || spec.keeps_family) {
            (Some(arn), true) => self.described(arn).await?,
            _ => None,
        };
        let mut definition =
            spec.definition_beside(present.as_ref().map(|present| &present.definition));
        let ours = present
            .as_ref()
            .is_some_and(|present| registered_by(&bundle.name, &bundle.cluster, present));
        let image = &spec.definition.container.image;
        if ours && !in_state && !image.is_empty() {
            // A create that failed has left it, and its image may be why.
            definition.container.image.clone_from(image);
        }
        if definition.container.image.is_empty() {
            return Err(BundleError::NoImage {
                key: key.to_owned(),
            });
        }
        let usable = self.usable_revision(bundle, &definition, running).await?;
        Ok(Choice { definition, usable })
    }

    /// ARN of a pinned revision, which must be active.
    async fn pinned(&self, key: &str, name: String) -> Result<String, BundleError> {
        if let Some(revision) = self
            .described(&name)
            .await?
            .filter(|revision| revision.active)
        {
            return Ok(revision.arn);
        }
        let family = family_of(&name);
        let active = self.api.active_revisions(family).await;
        let doing = format!("list the task definitions of {family}");
        let active = active.map_err(BundleError::aws(doing))?;
        Err(BundleError::NoRevision {
            key: key.to_owned(),
            revision: name,
            active: active.iter().map(|arn| short(arn).to_owned()).collect(),
        })
    }

    async fn described(&self, id: &str) -> Result<Option<Revision>, BundleError> {
        let revision = self.api.revision(id).await;
        revision.map_err(BundleError::aws(format!(
            "describe the task definition {id}"
        )))
    }

    /// A revision that can be run: the one that runs if it fits, or the newest if it fits and is ours.
    async fn usable_revision(
        &self,
        bundle: &Bundle,
        definition: &TaskDefinition,
        running: Option<String>,
    ) -> Result<Option<String>, BundleError> {
        let newest = [(definition.family.clone(), false)];
        let candidates = running.into_iter().map(|arn| (arn, true)).chain(newest);
        for (id, runs) in candidates {
            let revision = self.described(&id).await?;
            let usable = revision.filter(|revision| {
                let ours = registered_by(&bundle.name, &bundle.cluster, revision);
                fits(revision, definition) && (runs || ours)
            });
            if let Some(revision) = usable {
                return Ok(Some(revision.arn));
            }
        }
        Ok(None)
    }

    /// Registers a new revision; answers its ARN.
    pub(super) async fn register(
        &self,
        bundle: &Bundle,
        definition: &TaskDefinition,
    ) -> Result<String, BundleError> {
        let tags = bundle.revision_tags();
        let arn = self.api.register(definition, &tags).await;
        arn.map_err(BundleError::aws(format!(
            "register the task definition {}",
            definition.family
        )))
    }

    /// Deregisters our own revisions that are too old to be kept. Their number is a matter of tidiness: failures are
    /// answered as notices.
    pub(super) async fn retire(
        &self,
        bundle: &Bundle,
        running: &BTreeMap<String, String>,
    ) -> Vec<String> {
        let keep = usize::try_from(bundle.keep_revisions).unwrap_or(usize::MAX);
        let mut notices = Vec::new();
        if keep == 0 {
            return notices;
        }
        for (key, arn) in running {
            let (family, service) = (family_of(arn), bundle.service_name(key));
            let owner = (bundle.cluster.as_str(), bundle.name.as_str());
            let retired = self.deregister_ours(owner, family, &service, keep).await;
            if let Err(error) = retired {
                notices.push(format!(
                    "Old revisions of {family} could not be deregistered: {error}."
                ));
            }
        }
        notices
    }

    /// Deregisters the revisions of a family that a bundle has registered for a cluster, but for the newest and those that
    /// the service uses.
    pub(super) async fn deregister_ours(
        &self,
        (cluster, bundle): (&str, &str),
        family: &str,
        service: &str,
        keep: usize,
    ) -> Answer<()> {
        let mut ours = Vec::new();
        for arn in self.api.active_revisions(family).await? {
            let revision = self.api.revision(&arn).await?;
            if revision.is_some_and(|revision| registered_by(bundle, cluster, &revision)) {
                ours.push(arn);
            }
        }
        if ours.len() <= keep {
            return Ok(());
        }
        let in_use = self
            .revisions_in_use(cluster, &[service.to_owned()])
            .await?;
        let old = ours.into_iter().skip(keep);
        for arn in old.filter(|arn| !in_use.contains(arn)) {
            self.api.deregister(&arn).await?;
        }
        Ok(())
    }

    /// The revisions that these services run or have in a deployment that is still there.
    pub(super) async fn revisions_in_use(
        &self,
        cluster: &str,
        services: &[String],
    ) -> Answer<BTreeSet<String>> {
        let services = match self.api.services(cluster, services).await {
            // Without the cluster there are no services.
            Err(error) if error.is("ClusterNotFoundException") => Vec::new(),
            other => other?,
        };
        let active = services
            .into_iter()
            .filter(|service| service.status == ServiceStatus::Active);
        let arns = active.flat_map(|service| {
            let deployments = service.deployments.into_iter();
            let rolled = deployments.map(|deployment| deployment.task_definition);
            rolled.chain([service.task_definition])
        });
        Ok(arns.collect())
    }
}
