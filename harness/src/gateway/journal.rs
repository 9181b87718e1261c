//! What was called: service, action, status, time, error. Never a body, so never a secret.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// One call that reached the gateway.
#[derive(Clone, Debug)]
pub struct Call {
    /// Its place in the order of arrival, over all accounts.
    pub sequence: u64,
    /// The account that signed it.
    pub account: String,
    /// The service's signing name, such as `ecs`; `network` for an attempt to reach another host.
    pub service: String,
    /// The action, such as `CreateService`; for S3 method and shape of the path.
    pub action: String,
    /// Who called: `User-Agent` and `X-Amz-User-Agent`.
    pub agent: String,
    /// The HTTP status of the answer; `None` while under way, and where the answer was withheld.
    pub status: Option<u16>,
    /// The error code of the answer.
    pub error: Option<String>,
    /// From arrival to answer; zero while under way.
    pub duration: Duration,
    /// What a rule did to the call.
    pub rule: Option<&'static str>,
}

/// How often an action was called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Count {
    /// The service's signing name.
    pub service: String,
    /// The action.
    pub action: String,
    /// Calls of any outcome.
    pub calls: usize,
    /// Calls that were answered with an error or not at all.
    pub errors: usize,
}

/// Every call since the gateway started.
#[derive(Default)]
pub struct Journal {
    calls: Mutex<Vec<Call>>,
}

impl Journal {
    /// Writes a call down on arrival and returns its place.
    pub(super) fn arrive(&self, mut call: Call) -> u64 {
        let mut calls = self.lock();
        call.sequence = calls.len() as u64;
        let sequence = call.sequence;
        calls.push(call);
        sequence
    }

    /// Completes the entry of a call.
    pub(super) fn complete(&self, sequence: u64, complete: impl FnOnce(&mut Call)) {
        let index = usize::try_from(sequence).unwrap_or(usize::MAX);
        if let Some(call) = self.lock().get_mut(index) {
            complete(call);
        }
    }

    /// The calls of one account, in order.
    #[must_use]
    pub fn of_account(&self, account: &str) -> Vec<Call> {
        self.lock()
            .iter()
            .filter(|call| call.account == account)
            .cloned()
            .collect()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Call>> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Calls per service and action, in alphabetical order.
pub(crate) fn counts(calls: &[Call]) -> Vec<Count> {
    let mut counted: BTreeMap<(&str, &str), (usize, usize)> = BTreeMap::new();
    for call in calls {
        let entry = counted.entry((&call.service, &call.action)).or_default();
        entry.0 += 1;
        entry.1 += usize::from(call.error.is_some() || call.status.is_none());
    }
    counted
        .into_iter()
        .map(|((service, action), (calls, errors))| Count {
            service: service.to_owned(),
            action: action.to_owned(),
            calls,
            errors,
        })
        .collect()
}
