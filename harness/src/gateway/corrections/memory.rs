//! Stores values that the emulator does not store, by account and ID. Must not contain service logic.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::super::request::Request;

type Values<T> = BTreeMap<(String, String), T>;

/// Values by account and ID.
pub(super) struct Memory<T> {
    kept: Mutex<Values<T>>,
}

impl<T> Default for Memory<T> {
    fn default() -> Self {
        Self {
            kept: Mutex::default(),
        }
    }
}

impl<T: Clone> Memory<T> {
    pub(super) fn get(&self, account: &str, identity: &str) -> Option<T> {
        self.lock().get(&key(account, identity)).cloned()
    }

    pub(super) fn insert(&self, request: &Request, identity: &str, value: T) {
        self.lock().insert(key(&request.account, identity), value);
    }

    pub(super) fn remove(&self, request: &Request, identity: &str) -> Option<T> {
        self.lock().remove(&key(&request.account, identity))
    }

    /// Returns every value of the caller's account, ordered by ID.
    pub(super) fn of(&self, request: &Request) -> Vec<(String, T)> {
        let kept = self.lock();
        let own = kept
            .iter()
            .filter(|((account, _), _)| *account == request.account);
        own.map(|((_, identity), value)| (identity.clone(), value.clone()))
            .collect()
    }

    fn lock(&self) -> MutexGuard<'_, Values<T>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn key(account: &str, identity: &str) -> (String, String) {
    (account.to_owned(), identity.to_owned())
}
