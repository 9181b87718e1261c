//! Which services an attempt may change: those that the state knows, those that it creates, and those that it claims.
//!
//! A service is created with the tag [`UNFINISHED_TAG`], whose value names the attempt. Removing the tag is the last step
//! of an attempt that succeeds. A service that no state knows is claimed only while it has the tag: the attempt that
//! created it ended early, so no state holds the service. Without the tag the service belongs to another state, to another
//! bundle, or to nobody that this provider knows, and is never changed. How a service is claimed is in [`super::claim`].

use std::collections::BTreeSet;

use super::api::{Service, ServiceStatus, Tags};
use super::bundle::{BUNDLE_TAG, Bundle, UNFINISHED_TAG, owns};
use super::error::{BundleError, Taken};

/// What an attempt may change.
pub(super) struct Ownership<'b> {
    /// Names of services that the state knows: ours even without a tag, because they were imported.
    in_state: &'b BTreeSet<String>,
    /// Value of the tag of services that this attempt creates or claims.
    mark: String,
    /// Names of services that this attempt has created or claimed.
    marked: BTreeSet<String>,
}

impl<'b> Ownership<'b> {
    /// Ownership of an attempt that has created and claimed nothing yet. The mark is used by no other attempt.
    pub(super) fn new(in_state: &'b BTreeSet<String>, mark: String) -> Self {
        Self {
            in_state,
            mark,
            marked: BTreeSet::new(),
        }
    }

    /// Returns whether the state knows the service of this name.
    pub(super) fn is_in_state(&self, name: &str) -> bool {
        self.in_state.contains(name)
    }

    /// Names of all services that the state knows.
    pub(super) fn in_state(&self) -> &'b BTreeSet<String> {
        self.in_state
    }

    /// Names of the services that this attempt has created or claimed.
    pub(super) fn marked(&self) -> &BTreeSet<String> {
        &self.marked
    }

    /// Value of the tag of services that this attempt creates or claims.
    pub(super) fn mark(&self) -> &str {
        &self.mark
    }

    /// Notes that a service has the mark of this attempt.
    pub(super) fn note(&mut self, name: &str) {
        self.marked.insert(name.to_owned());
    }

    /// Returns whether a service is ours at the end of an attempt, by its name and the tags that it is described with: the
    /// state knows it, or this attempt has created or claimed it and no other one has claimed it since.
    pub(super) fn holds(&self, name: &str, tags: &Tags) -> bool {
        let marked = match tags.get(UNFINISHED_TAG) {
            Some(mark) => *mark == self.mark,
            // It is finished, or a creation of a moment ago that is not described with its tags yet.
            None => self.marked.contains(name),
        };
        marked || self.is_in_state(name)
    }

    /// Returns whether a service bears the mark of this attempt.
    pub(super) fn has_marked(&self, service: &Service) -> bool {
        mark_of(service) == Some(&self.mark)
    }
}

/// Why a service cannot be claimed by the bundle of this name; `None` if it can, or does not exist any more.
#[must_use]
pub fn taken(bundle: &str, service: &Service) -> Option<Taken> {
    if service.status != ServiceStatus::Active {
        return None;
    }
    match service.tags.get(BUNDLE_TAG) {
        None => Some(Taken::Unowned),
        Some(_) if owns(bundle, service) => mark_of(service).is_none().then_some(Taken::OtherState),
        Some(other) => Some(Taken::OtherBundle(other.clone())),
    }
}

/// The name of the attempt that created or claimed a service last, as long as the service is unfinished.
pub(super) fn mark_of(service: &Service) -> Option<&String> {
    service.tags.get(UNFINISHED_TAG)
}

/// The error that a service exists which is not ours.
pub(super) fn exists(bundle: &Bundle, key: &str, taken: Taken, update: bool) -> BundleError {
    BundleError::Exists {
        key: key.to_owned(),
        service: bundle.service_name(key),
        bundle: Box::new(bundle.identity()),
        taken,
        update,
    }
}
