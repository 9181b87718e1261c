//! Stores objects by account, region, and ID. Must not contain service logic.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use super::super::request::Request;

/// Account, region, and ID.
type Key = (String, String, String);

/// Objects of one type in all accounts and regions.
#[derive(Default)]
pub(in crate::gateway) struct Stored {
    objects: Mutex<BTreeMap<Key, Value>>,
}

impl Stored {
    pub(in crate::gateway) fn get(&self, request: &Request, identity: &str) -> Option<Value> {
        self.lock().get(&key(request, identity)).cloned()
    }

    pub(in crate::gateway) fn insert(&self, request: &Request, identity: &str, object: Value) {
        self.lock().insert(key(request, identity), object);
    }

    pub(in crate::gateway) fn remove(&self, request: &Request, identity: &str) -> Option<Value> {
        self.lock().remove(&key(request, identity))
    }

    /// Returns every object in the caller's account and region, ordered by ID.
    pub(in crate::gateway) fn all(&self, request: &Request) -> Vec<Value> {
        let (account, region, _) = key(request, "");
        let objects = self.lock();
        let own = objects
            .iter()
            .filter(|((owner, place, _), _)| *owner == account && *place == region);
        own.map(|(_, object)| object.clone()).collect()
    }

    /// Returns the objects for which a condition holds, ordered by ID.
    pub(in crate::gateway) fn matching(
        &self,
        request: &Request,
        condition: impl Fn(&Value) -> bool,
    ) -> Vec<Value> {
        let mut objects = self.all(request);
        objects.retain(condition);
        objects
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Key, Value>> {
        self.objects.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn key(request: &Request, identity: &str) -> Key {
    let region = request.region().to_owned();
    (request.account.clone(), region, identity.to_owned())
}
