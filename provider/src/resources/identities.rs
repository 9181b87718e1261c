//! Identities of objects that this process has seen with a prior state.
//!
//! The command line plans a replacement as two calls in one process: from the prior state to the planned one, and from
//! nothing to the planned one. The second call looks like the plan of a new object. A tainted object has only the second
//! call, after it was read. A resource whose name is unique remembers here what it has read or planned with a prior
//! state, and so recognises a replacement that keeps the name, also where a look-up in AWS is denied.
//!
//! The memory lasts from one configuration of the provider to the next: a process that is reattached serves several
//! commands.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The identity of an object in AWS: two objects of a state with the same identity are the same object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Identity {
    resource_type: &'static str,
    name: String,
}

impl Identity {
    /// Identity of an object of a resource type, by what is unique about it.
    #[must_use]
    pub fn new(resource_type: &'static str, name: impl Into<String>) -> Self {
        Self {
            resource_type,
            name: name.into(),
        }
    }
}

/// What is planned for an object with a prior state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It stays as it is, or is updated in place.
    Stays,
    /// It is deleted.
    Deleted,
}

/// The identities that this process has seen with a prior state. Clones share one memory.
#[derive(Clone, Debug, Default)]
pub struct Identities(Arc<Mutex<BTreeMap<Identity, Option<Fate>>>>);

impl Identities {
    /// Notes that an object of this identity has a prior state and exists.
    pub fn remember(&self, identity: Identity) {
        self.seen().entry(identity).or_default();
    }

    /// Notes what is planned for an object of this identity, and returns whether that contradicts another plan of this
    /// process: then the state holds two objects of one identity, one of which is kept while the other is deleted, such as
    /// a deposed object.
    #[must_use]
    pub fn contradicts(&self, identity: Identity, fate: Fate) -> bool {
        let mut seen = self.seen();
        let planned = seen.entry(identity).or_default();
        let other = planned.is_some_and(|planned| planned != fate);
        planned.get_or_insert(fate);
        other
    }

    /// Notes that no object of this identity is left: it was deleted, or a read found that it is gone.
    pub fn forget(&self, identity: &Identity) {
        self.seen().remove(identity);
    }

    /// Returns whether an object of this identity was seen with a prior state.
    #[must_use]
    pub fn contains(&self, identity: &Identity) -> bool {
        self.seen().contains_key(identity)
    }

    /// Forgets everything. The provider calls it when it is configured anew.
    pub fn clear(&self) {
        self.seen().clear();
    }

    /// The map is whole after every operation, so a panic of another holder does not matter.
    fn seen(&self) -> MutexGuard<'_, BTreeMap<Identity, Option<Fate>>> {
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
    fn an_identity_is_known_from_remember_to_forget() {
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
    fn plans_that_keep_and_delete_one_identity_contradict_each_other_in_either_order() {
        for (first, second) in [(Fate::Stays, Fate::Deleted), (Fate::Deleted, Fate::Stays)] {
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
    fn clones_share_one_memory_across_threads_and_survive_a_panic() {
        let identities = Identities::default();
        let other = identities.clone();
        let panicked = std::thread::spawn(move || {
            other.remember(bundle("shop"));
            let _held = other.seen();
            panic!("while the memory is held");
        });
        assert!(panicked.join().is_err());
        assert!(identities.contains(&bundle("shop")));
        identities.clear();
        assert!(!identities.contains(&bundle("shop")));
    }
}
