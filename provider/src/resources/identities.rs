//! Records the identities of objects that this process has observed with a prior state.
//!
//! Terraform and OpenTofu plan a replacement with two calls in one process: the first call has the prior state, and the
//! second call has a null prior state. The second call is identical to the plan for a new object. A tainted object is
//! read, and then planned with the second call only. A resource type with unique names records the identities that it
//! reads or plans with a prior state. Thus, it detects a replacement that keeps the name, even if IAM denies the lookup
//! in AWS.
//!
//! The provider clears the record when it is configured because a reattached process serves more than one command.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Identity of an object in AWS. If two objects in a state have the same identity, they refer to the same AWS object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Identity {
    resource_type: &'static str,
    name: String,
}

impl Identity {
    /// Creates an object identity from the resource type and the unique name.
    #[must_use]
    pub fn new(resource_type: &'static str, name: impl Into<String>) -> Self {
        Self {
            resource_type,
            name: name.into(),
        }
    }
}

/// Planned action for an object with a prior state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlannedAction {
    /// The object is kept or updated in place.
    Keep,
    /// The object is deleted.
    Delete,
}

/// Identities that this process has observed with a prior state. All clones share the same record.
#[derive(Clone, Debug, Default)]
pub struct Identities(Arc<Mutex<BTreeMap<Identity, Option<PlannedAction>>>>);

impl Identities {
    /// Records that an object with this identity has a prior state and exists.
    pub fn remember(&self, identity: Identity) {
        self.seen().entry(identity).or_default();
    }

    /// Records the planned action for an object with this identity, and returns whether it conflicts with an earlier
    /// plan in this process. A conflict means that the state contains two objects with the same identity, such as a
    /// current object and a deposed object, and that only one of the two is kept.
    #[must_use]
    pub fn contradicts(&self, identity: Identity, action: PlannedAction) -> bool {
        let mut seen = self.seen();
        let planned = seen.entry(identity).or_default();
        let other = planned.is_some_and(|planned| planned != action);
        planned.get_or_insert(action);
        other
    }

    /// Removes the identity of an object that was deleted, or that a read operation did not find.
    pub fn forget(&self, identity: &Identity) {
        self.seen().remove(identity);
    }

    /// Returns whether this process has observed an object with this identity and a prior state.
    #[must_use]
    pub fn contains(&self, identity: &Identity) -> bool {
        self.seen().contains_key(identity)
    }

    /// Removes all identities. The provider calls this function when it is configured.
    pub fn clear(&self) {
        self.seen().clear();
    }

    /// Locks the map. A poisoned lock is ignored because every operation leaves the map consistent.
    fn seen(&self) -> MutexGuard<'_, BTreeMap<Identity, Option<PlannedAction>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bundle(name: &str) -> Identity {
        Identity::new("skreg_ecs_service_bundle", name)
    }

    #[test]
    fn remembered_identity_is_contained_until_it_is_forgotten() {
        let identities = Identities::default();
        assert!(!identities.contains(&bundle("main/shop")));
        identities.remember(bundle("main/shop"));
        identities.remember(bundle("main/shop"));
        assert!(identities.contains(&bundle("main/shop")));
        identities.forget(&bundle("main/shop"));
        assert!(!identities.contains(&bundle("main/shop")));
        identities.forget(&bundle("main/shop"));
    }

    #[test]
    fn identities_differ_by_type_and_by_name() {
        let identities = Identities::default();
        identities.remember(bundle("shop"));
        assert!(!identities.contains(&bundle("main/shop")));
        assert!(!identities.contains(&Identity::new("skreg_pki_root_ca", "shop")));
        identities.forget(&Identity::new("skreg_pki_root_ca", "shop"));
        assert!(identities.contains(&bundle("shop")));
    }

    #[test]
    fn keeping_and_deleting_one_identity_conflict_in_either_order() {
        for (first, second) in [
            (PlannedAction::Keep, PlannedAction::Delete),
            (PlannedAction::Delete, PlannedAction::Keep),
        ] {
            let identities = Identities::default();
            identities.remember(bundle("shop"));
            assert!(!identities.contradicts(bundle("shop"), first));
            assert!(!identities.contradicts(bundle("shop"), first));
            assert!(!identities.contradicts(bundle("other"), second));
            identities.remember(bundle("shop"));
            assert!(identities.contradicts(bundle("shop"), second));
            assert!(identities.contradicts(bundle("shop"), second));
            assert!(identities.contains(&bundle("shop")));
            identities.forget(&bundle("shop"));
            assert!(!identities.contradicts(bundle("shop"), second));
        }
    }

    #[test]
    fn clones_share_one_record_across_threads_and_survive_a_panic() {
        let identities = Identities::default();
        let other = identities.clone();
        let panicked = std::thread::spawn(move || {
            other.remember(bundle("shop"));
            let _held = other.seen();
            panic!("while the lock is held");
        });
        assert!(panicked.join().is_err());
        assert!(identities.contains(&bundle("shop")));
        identities.clear();
        assert!(!identities.contains(&bundle("shop")));
    }
}
