//! Progress and result of an attempt to apply a bundle.

use std::collections::{BTreeMap, BTreeSet};

use super::api::Service;
use super::bundle::{Bundle, Deployed};
use super::definition::TaskDefinition;
use super::error::BundleError;
use super::notice::Notice;
use super::ownership::Ownership;
use super::rollout::Rolled;

/// Result of an attempt to apply a bundle, and the objects that exist afterward.
#[derive(Debug)]
pub struct Applied {
    /// Services that exist now, by key.
    pub services: BTreeMap<String, Deployed>,
    /// Objects that this attempt created.
    pub made: Made,
    /// Notices for the user that are not errors.
    pub notices: Vec<Notice>,
    /// Names of services that still exist and are in the state, but are no longer in the bundle.
    pub not_removed: BTreeSet<String>,
    /// Whether every service has the bundle tags.
    pub tagged: bool,
    /// Whether every service was redeployed, if requested.
    pub forced: bool,
    /// Whether nothing was created or changed.
    pub untouched: bool,
    /// `Ok(())`, or the error that ended the attempt.
    pub result: Result<(), BundleError>,
}

impl Applied {
    /// Creates the result for an attempt that could not start.
    pub(super) fn nothing(error: BundleError) -> Self {
        Self {
            services: BTreeMap::new(),
            made: Made::default(),
            notices: Vec::new(),
            not_removed: BTreeSet::new(),
            tagged: false,
            forced: false,
            untouched: true,
            result: Err(error),
        }
    }
}

/// Objects that an attempt created and that a rollback of the attempt deletes.
#[derive(Debug, Default)]
pub struct Made {
    /// Names of the services.
    pub services: Vec<String>,
    /// ARNs of the task definitions.
    pub revisions: Vec<String>,
    /// Names of services that are not in the state and that this attempt took over from an earlier attempt.
    pub taken_over: Vec<String>,
    /// Tag value on services that this attempt created. If a service has a different value, another attempt has taken
    /// it over.
    pub mark: String,
}

/// State of an attempt in progress.
pub(super) struct Attempt<'b> {
    pub(super) bundle: &'b Bundle,
    pub(super) ownership: Ownership<'b>,
    pub(super) present: BTreeMap<String, Service>,
    /// Whether the attempt may have created or changed an object.
    pub(super) touched: bool,
    /// Progress of each service, by key.
    pub(super) progress: BTreeMap<String, Progress>,
    pub(super) made: Made,
    pub(super) notices: Vec<Notice>,
}

/// Progress of an attempt for one service.
#[derive(Default)]
pub(super) struct Progress {
    /// Revision to run. `None` until it is determined.
    pub(super) prepared: Option<Prepared>,
    /// Whether a deployment was requested, even if the response was lost.
    pub(super) started: bool,
    /// Whether the service was deployed. If the attempt waited for the rollout, the rollout has succeeded.
    pub(super) deployed: bool,
    /// Result of the rollout, if the attempt waited for the rollout.
    pub(super) rolled: Option<Rolled>,
    /// Whether the service has the bundle tags.
    pub(super) tagged: bool,
}

/// Revision that a service must run.
#[derive(Clone)]
pub(super) struct Prepared {
    /// Definition of the revision. For a pinned revision, the configured definition.
    pub(super) definition: TaskDefinition,
    /// ARN of the revision.
    pub(super) arn: String,
    /// Whether this bundle registered the revision.
    pub(super) ours: bool,
}

impl Attempt<'_> {
    /// Returns the names of services that are in the state but no longer in the bundle. A service is identified by its
    /// name, because its key can change.
    pub(super) fn removed(&self) -> BTreeSet<String> {
        let wanted = self.bundle.service_names(self.bundle.services.keys());
        self.ownership.in_state() - &wanted
    }

    /// Returns whether the service with this key belongs to this state at the end of the attempt.
    pub(super) fn holds(
        &self,
        key: &str,
        deployed: &Deployed,
        result: &Result<(), BundleError>,
    ) -> bool {
        let name = self.bundle.service_name(key);
        let lost = matches!(result, Err(BundleError::Exists { service, .. }) if *service == name);
        let in_state = self.ownership.is_in_state(&name);
        in_state || !lost && self.ownership.holds(&name, &deployed.tags)
    }

    /// Returns whether the service with this key is in the state.
    pub(super) fn is_in_state(&self, key: &str) -> bool {
        self.ownership.is_in_state(&self.bundle.service_name(key))
    }

    /// Returns the mutable progress of the service with this key.
    pub(super) fn note(&mut self, key: &str) -> &mut Progress {
        self.progress.entry(key.to_owned()).or_default()
    }

    /// Returns whether the progress of every service in the bundle meets a condition.
    pub(super) fn is_noted_for_all(&self, done: fn(&Progress) -> bool) -> bool {
        let mut keys = self.bundle.services.keys();
        keys.all(|key| self.progress.get(key).is_some_and(done))
    }
}
