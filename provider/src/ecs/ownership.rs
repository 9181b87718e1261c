//! Ownership of services. An attempt can change services in the state, services that it creates, and services that it
//! claims.
//!
//! A service is created with the tag [`UNFINISHED_TAG`], whose value identifies the attempt. The last step of a
//! successful attempt removes the tag. A service that is not in the state is claimed only while it has the tag. The tag
//! indicates that the attempt that created the service ended early, so the service is not in any state. A service
//! without the tag belongs to another state or to another bundle, or was created outside of this provider, and is never
//! changed. [`super::claim`] claims services.

use std::collections::BTreeSet;

use super::api::{Service, ServiceStatus, Tags};
use super::bundle::{BUNDLE_TAG, Bundle, UNFINISHED_TAG, owns};
use super::error::{BundleError, Taken};

/// Services that an attempt is allowed to change.
pub(super) struct Ownership<'b> {
    /// Names of services in the state. These services are owned even without a tag, because they may have been
    /// imported.
    in_state: &'b BTreeSet<String>,
    /// Tag value for services that this attempt creates or claims.
    mark: String,
    /// Names of services that this attempt has created or claimed.
    marked: BTreeSet<String>,
}

impl<'b> Ownership<'b> {
    /// Creates the ownership for an attempt that has not created or claimed a service yet. The mark must be unique to
    /// the attempt.
    pub(super) fn new(in_state: &'b BTreeSet<String>, mark: String) -> Self {
        Self {
            in_state,
            mark,
            marked: BTreeSet::new(),
        }
    }

    /// Returns whether the service with this name is in the state.
    pub(super) fn is_in_state(&self, name: &str) -> bool {
        self.in_state.contains(name)
    }

    /// Returns the names of all services in the state.
    pub(super) fn in_state(&self) -> &'b BTreeSet<String> {
        self.in_state
    }

    /// Returns the names of the services that this attempt has created or claimed.
    pub(super) fn marked(&self) -> &BTreeSet<String> {
        &self.marked
    }

    /// Returns the tag value for services that this attempt creates or claims.
    pub(super) fn mark(&self) -> &str {
        &self.mark
    }

    /// Records that a service has the mark of this attempt.
    pub(super) fn note(&mut self, name: &str) {
        self.marked.insert(name.to_owned());
    }

    /// Returns whether a service with this name and these tags is owned at the end of an attempt. A service is owned if
    /// it is in the state, or if this attempt has created or claimed it and no other attempt has claimed it since.
    pub(super) fn holds(&self, name: &str, tags: &Tags) -> bool {
        let marked = match tags.get(UNFINISHED_TAG) {
            Some(mark) => *mark == self.mark,
            // The service is finished, or it was recently created and its tags are not visible yet.
            None => self.marked.contains(name),
        };
        marked || self.is_in_state(name)
    }

    /// Returns whether a service has the mark of this attempt.
    pub(super) fn has_marked(&self, service: &Service) -> bool {
        mark_of(service) == Some(&self.mark)
    }
}

/// Returns the reason why the bundle with this name cannot claim a service. Returns `None` if the bundle can claim it,
/// or if the service no longer exists.
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

/// Returns the ID of the attempt that last created or claimed a service, if the service is unfinished.
pub(super) fn mark_of(service: &Service) -> Option<&String> {
    service.tags.get(UNFINISHED_TAG)
}

/// Creates the error for an existing service that cannot be claimed.
pub(super) fn exists(bundle: &Bundle, key: &str, taken: Taken, update: bool) -> BundleError {
    BundleError::Exists {
        key: key.to_owned(),
        service: bundle.service_name(key),
        bundle: Box::new(bundle.identity()),
        taken,
        update,
    }
}
