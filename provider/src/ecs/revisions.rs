//! Selects and registers task definition revisions.

use jiff::SignedDuration;

use super::api::{EcsApi, Revision};
use super::bundle::{Bundle, ServiceSpec, family_of, fits, registered_by};
use super::clock::Clock;
use super::create::is_not_visible_yet;
use super::definition::TaskDefinition;
use super::error::BundleError;
use super::repeat::{is_lost, is_passing};
use super::rollout::Deployer;
use crate::aws::AwsError;
use crate::aws::arn::Arn;

/// Maximum number of alternative revisions in the error for a revision that cannot be run.
const OFFERED: usize = 20;

/// Current revision of a service.
pub(super) struct Running {
    /// ARN of the revision.
    pub(super) revision: String,
    /// Whether the service is in the state.
    pub(super) in_state: bool,
}

/// Definition and revision that a service must run.
pub(super) struct Choice {
    /// Definition.
    pub(super) definition: TaskDefinition,
    /// Registered revision that matches. If `None`, the definition must be registered.
    pub(super) usable: Option<Usable>,
}

/// Revision that a service can run.
pub(super) struct Usable {
    /// ARN of the revision.
    pub(super) arn: String,
    /// Whether this bundle registered the revision.
    pub(super) ours: bool,
}

impl<A: EcsApi, C: Clock> Deployer<'_, A, C> {
    /// Selects the definition and the revision that a service must run, based on its running revision.
    ///
    /// # Errors
    /// Returns an error if the pinned revision cannot be run ([`BundleError::NoRevision`]), if no image is specified
    /// for a new service ([`BundleError::NoImage`]), or if a call to AWS fails ([`BundleError::Aws`]).
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
            let usable = Some(self.pinned(bundle, key, name).await?);
            let definition = spec.definition.clone();
            return Ok(Choice { definition, usable });
        }
        let present = match (&running, spec.keeps_image || spec.keeps_family) {
            (Some(arn), true) => self.described(arn).await?,
            _ => None,
        };
        let mut definition =
            spec.definition_for(present.as_ref().map(|present| &present.definition));
        let ours = present
            .as_ref()
            .is_some_and(|present| registered_by(&bundle.name, &bundle.cluster, present));
        let image = &spec.definition.container.image;
        if ours && !in_state && !image.is_empty() {
            // A failed create registered this revision, and its image may be the cause of the failure.
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

    /// Returns a pinned revision, which must be active.
    async fn pinned(
        &self,
        bundle: &Bundle,
        key: &str,
        name: String,
    ) -> Result<Usable, BundleError> {
        if let Some(revision) = self
            .described(&name)
            .await?
            .filter(|revision| revision.active)
        {
            return Ok(usable(bundle, revision));
        }
        let active = self.listed_active(family_of(&name), Some(OFFERED)).await?;
        Err(BundleError::NoRevision {
            key: key.to_owned(),
            revision: name,
            active: active
                .iter()
                .map(|arn| Arn::name_in(arn).to_owned())
                .collect(),
        })
    }

    /// Describes a revision by ARN or name, or describes the newest active revision of a family.
    pub(super) async fn described(&self, id: &str) -> Result<Option<Revision>, BundleError> {
        let doing = format!("describe the task definition {id}");
        self.repeat(&doing, || self.api.revision(id)).await
    }

    /// Returns the ARNs of the newest active revisions in a family, or of all active revisions, newest first.
    pub(super) async fn listed_active(
        &self,
        family: &str,
        newest: Option<usize>,
    ) -> Result<Vec<String>, BundleError> {
        let doing = format!("list the task definitions of {family}");
        let list = || self.api.active_revisions(family, newest);
        self.repeat(&doing, list).await
    }

    /// Returns a revision that can be run: the running revision if it matches, or the newest revision if it matches and
    /// belongs to the bundle.
    async fn usable_revision(
        &self,
        bundle: &Bundle,
        definition: &TaskDefinition,
        running: Option<String>,
    ) -> Result<Option<Usable>, BundleError> {
        let newest = [(definition.family.clone(), false)];
        let candidates = running.into_iter().map(|arn| (arn, true)).chain(newest);
        for (id, runs) in candidates {
            let revision = self.described(&id).await?;
            let fitting = revision.filter(|revision| fits(revision, definition));
            let fitting = fitting.map(|revision| usable(bundle, revision));
            if let Some(usable) = fitting.filter(|usable| runs || usable.ours) {
                return Ok(Some(usable));
            }
        }
        Ok(None)
    }

    /// Registers a new revision and returns its ARN.
    ///
    /// `RegisterTaskDefinition` has no idempotency token. If the response to a call was lost, the revision that the
    /// call may have created is looked up before a retry. Source: RegisterTaskDefinition, API reference.
    ///
    /// # Errors
    /// Returns an error if AWS rejects the call ([`BundleError::Aws`]) or the user interrupts the operation
    /// ([`BundleError::WaitEnded`]).
    pub(super) async fn register(
        &self,
        bundle: &Bundle,
        definition: &TaskDefinition,
    ) -> Result<String, BundleError> {
        let doing = format!("register the task definition {}", definition.family);
        let tags = bundle.revision_tags();
        let began = self.clock.now();
        let mut pauses = self.schedule.pauses();
        loop {
            let error = match self.api.register(definition, &tags).await {
                Ok(arn) => return Ok(arn),
                Err(error) => error,
            };
            if !registration_passes(&error, self.clock.now().duration_since(began)) {
                return Err(BundleError::aws(doing)(error));
            }
            let lost = is_lost(&error);
            self.pause_before_retry(&doing, pauses.take(), error)
                .await?;
            if lost && let Some(arn) = self.registered_before(bundle, definition).await? {
                return Ok(arn);
            }
        }
    }

    /// Returns the ARN of the newest revision of the family, if this bundle registered the revision and it matches.
    async fn registered_before(
        &self,
        bundle: &Bundle,
        definition: &TaskDefinition,
    ) -> Result<Option<String>, BundleError> {
        let newest = self.described(&definition.family).await?;
        let same = newest.filter(|newest| {
            registered_by(&bundle.name, &bundle.cluster, newest) && fits(newest, definition)
        });
        Ok(same.map(|same| same.arn))
    }
}

fn usable(bundle: &Bundle, revision: Revision) -> Usable {
    let ours = registered_by(&bundle.name, &bundle.cluster, &revision);
    let arn = revision.arn;
    Usable { arn, ours }
}

fn registration_passes(error: &AwsError, age: SignedDuration) -> bool {
    // Another process is registering a revision in the same family.
    let busy = error
        .message
        .contains("Too many concurrent attempts to create a new revision of the specified family");
    busy || is_passing(error, age) || is_not_visible_yet(error, age)
}
