//! An attempt to apply a bundle: how far it has come, and how it ended.

use std::collections::{BTreeMap, BTreeSet};

use super::api::Service;
use super::bundle::{Bundle, Deployed};
use super::definition::TaskDefinition;
use super::error::BundleError;
use super::notice::Notice;
use super::ownership::Ownership;
use super::rollout::Rolled;

/// How an attempt to apply a bundle ended, and what it left.
#[derive(Debug)]
pub struct Applied {
    /// What is there now, by key.
    pub services: BTreeMap<String, Deployed>,
    /// What this attempt made.
    pub made: Made,
    /// What the user should know although nothing failed.
    pub notices: Vec<Notice>,
    /// Names of services that the state knows and the bundle has no more, and that still exist.
    pub not_removed: BTreeSet<String>,
    /// Whether every service has the tags of the bundle.
    pub tagged: bool,
    /// Whether every service was deployed anew, where that was asked for.
    pub forced: bool,
    /// Whether nothing was made or changed.
    pub untouched: bool,
    /// Why it did not end well.
    pub result: Result<(), BundleError>,
}

impl Applied {
    /// An attempt that could not begin.
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

/// What an attempt made, in case it must be undone.
#[derive(Debug, Default)]
pub struct Made {
    /// Names of services.
    pub services: Vec<String>,
    /// ARNs of task definitions.
    pub revisions: Vec<String>,
    /// Names of services that the state does not know, made by an earlier attempt and taken over by this one.
    pub taken_over: Vec<String>,
    /// Value of the tag of the services that this attempt created. A service with another value was taken over since.
    pub mark: String,
}

/// The state of an attempt.
pub(super) struct Attempt<'b> {
    pub(super) bundle: &'b Bundle,
    pub(super) ownership: Ownership<'b>,
    pub(super) present: BTreeMap<String, Service>,
    /// Whether anything may have been made or changed.
    pub(super) touched: bool,
    /// How far the attempt has come with each service, by key.
    pub(super) progress: BTreeMap<String, Progress>,
    pub(super) made: Made,
    pub(super) notices: Vec<Notice>,
}

/// How far an attempt has come with one service.
#[derive(Default)]
pub(super) struct Progress {
    /// The revision that it shall run, once that is known.
    pub(super) prepared: Option<Prepared>,
    /// Whether a deployment was requested, whether or not the answer came.
    pub(super) started: bool,
    /// Whether it was deployed anew, as far as that was waited for.
    pub(super) deployed: bool,
    /// The end of its rollout, where that was waited for.
    pub(super) rolled: Option<Rolled>,
    /// Whether it has the tags of the bundle.
    pub(super) tagged: bool,
}

/// A revision that a service shall run.
#[derive(Clone)]
pub(super) struct Prepared {
    /// What it says, or would say if it were not pinned.
    pub(super) definition: TaskDefinition,
    /// Its ARN.
    pub(super) arn: String,
    /// Whether this bundle registered it.
    pub(super) ours: bool,
}

impl Attempt<'_> {
    /// Names of services that the state knows and the bundle has no more. The name is the identity of a service: its key
    /// may change.
    pub(super) fn removed(&self) -> BTreeSet<String> {
        let wanted = self.bundle.service_names(self.bundle.services.keys());
        self.ownership.in_state() - &wanted
    }

    /// Returns whether the service of a key is ours at the end of the attempt.
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

    /// Returns whether the state knows the service of a key.
    pub(super) fn is_in_state(&self, key: &str) -> bool {
        self.ownership.is_in_state(&self.bundle.service_name(key))
    }

    /// Returns how far the attempt has come with the service of a key, to note more.
    pub(super) fn note(&mut self, key: &str) -> &mut Progress {
        self.progress.entry(key.to_owned()).or_default()
    }

    /// Returns whether something is noted for every service of the bundle.
    pub(super) fn is_noted_for_all(&self, done: fn(&Progress) -> bool) -> bool {
        let mut keys = self.bundle.services.keys();
        keys.all(|key| self.progress.get(key).is_some_and(done))
    }
}
