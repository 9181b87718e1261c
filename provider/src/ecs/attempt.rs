//! Progress and result of an attempt to apply a bundle.

use std::collections::{BTreeMap, BTreeSet};

use super::api::Service;
use super::bundle::{Bundle, Deployed};
use super::definition::TaskDefinition;
use super::error::BundleError;
use super::notice::Notice;
use super::ownership::Ownership;
use super::rollout::Rolled;

/// Result of an attempt to apply a bundle, and the objects that exist afterwards.
#[derive(Debug)]
pub struct Applied {
    /// Services that exist now, by key.
    pub services: BTreeMap<String, Deployed>,
    /// Objects that this attempt created.
    pub made: Made,
    /// Notices for the user that are not errors.
    pub notices: Vec<Notice>,
    /// Names of services that are in the state but no longer in the bundle, and that still exist.
    pub not_removed: BTreeSet<String>,
    /// Whether every service has the tags of the bundle.
    pub tagged: bool,
    /// Whether every service was redeployed, if requested.
    pub forced: bool,
    /// Whether nothing was created or changed.
    pub untouched: bool,
    /// `Ok`, or the error that ended the attempt.
    pub result: Result<(), BundleError>,
}

impl Applied {
    /// Creates the result of an attempt that could not start.
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

/// Objects that an attempt created, for a rollback of the attempt.
#[derive(Debug, Default)]
pub struct Made {
    /// Names of services.
    pub services: Vec<String>,
    /// ARNs of task definitions.
    pub revisions: Vec<String>,
    /// Names of services that are not in the state, were created by an earlier attempt, and were taken over by this
    /// one.
    pub taken_over: Vec<String>,
    /// Tag value of the services that this attempt created. A service with another value has since been taken over by
    /// another attempt.
    pub mark: String,
}

/// The state of an attempt.
pub(super) struct Attempt<'b> {
    pub(super) bundle: &'b Bundle,
    pub(super) ownership: Ownership<'b>,
    pub(super) present: BTreeMap<String, Service>,
    /// Whether anything may have been created or changed.
    pub(super) touched: bool,
    /// Progress of each service, by key.
    pub(super) progress: BTreeMap<String, Progress>,
    pub(super) made: Made,
    pub(super) notices: Vec<Notice>,
}

/// Progress of an attempt for one service.
#[derive(Default)]
pub(super) struct Progress {
    /// Revision that the service is to run, once it is determined.
    pub(super) prepared: Option<Prepared>,
    /// Whether a deployment was requested, even if the response was lost.
    pub(super) started: bool,
    /// Whether the service was deployed, including the wait for its rollout if there was one.
    pub(super) deployed: bool,
    /// Result of its rollout, if the attempt waited for it.
    pub(super) rolled: Option<Rolled>,
    /// Whether it has the tags of the bundle.
    pub(super) tagged: bool,
}

/// Revision that a service is to run.
#[derive(Clone)]
pub(super) struct Prepared {
    /// Its definition; for a pinned revision, the configured definition.
    pub(super) definition: TaskDefinition,
    /// Its ARN.
    pub(super) arn: String,
    /// Whether this bundle registered it.
    pub(super) ours: bool,
}

impl Attempt<'_> {
    /// Returns the names of services that are in the state but no longer in the bundle. The name is the identity of a
    /// service: its key may change.
    pub(super) fn removed(&self) -> BTreeSet<String> {
        let wanted = self.bundle.service_names(self.bundle.services.keys());
        self.ownership.in_state() - &wanted
    }

    /// Returns whether the service of a key belongs to this state at the end of the attempt.
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

    /// Returns whether the service of a key is in the state.
    pub(super) fn is_in_state(&self, key: &str) -> bool {
        self.ownership.is_in_state(&self.bundle.service_name(key))
    }

    /// Returns the mutable progress of the service of a key.
    pub(super) fn note(&mut self, key: &str) -> &mut Progress {
        self.progress.entry(key.to_owned()).or_default()
    }

    /// Returns whether a condition holds for the progress of every service of the bundle.
    pub(super) fn is_noted_for_all(&self, done: fn(&Progress) -> bool) -> bool {
        let mut keys = self.bundle.services.keys();
        keys.all(|key| self.progress.get(key).is_some_and(done))
    }
}
