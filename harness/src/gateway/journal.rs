//! Records calls: service, action, status, time, and error. Never records a body, because bodies contain secrets.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// A call that reached the gateway.
#[derive(Clone, Debug)]
pub struct Call {
    /// Sequence number across all accounts, in order of arrival.
    pub sequence: u64,
    /// The account that signed the call.
    pub account: String,
    /// Signing name of the service, such as `ecs`. `network` for an attempt to reach another host.
    pub service: String,
    /// Name of the action, such as `CreateService`. For S3, the method and the form of the path.
    pub action: String,
    /// Name of the operation in the service model, such as `PutObject`. `None` if the model does not define it.
    pub operation: Option<String>,
    /// Client that sent the call: `User-Agent` and `X-Amz-User-Agent`.
    pub agent: String,
    /// HTTP status of the response. `None` while the call is in progress, or if the response was dropped.
    pub status: Option<u16>,
    /// Error code in the response.
    pub error: Option<String>,
    /// Time from arrival to response. Zero while the call is in progress.
    pub duration: Duration,
    /// Effect that a rule had on the call.
    pub rule: Option<&'static str>,
}

/// Number of calls to an action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Count {
    /// Signing name of the service.
    pub service: String,
    /// Name of the action.
    pub action: String,
    /// Number of all calls.
    pub calls: usize,
    /// Number of calls with an error or without a response.
    pub errors: usize,
}

/// All calls since the gateway started.
#[derive(Default)]
pub struct Journal {
    calls: Mutex<Vec<Call>>,
}

impl Journal {
    /// Records a call on arrival and returns its sequence number.
    pub(super) fn arrive(&self, mut call: Call) -> u64 {
        let mut calls = self.lock();
        call.sequence = calls.len() as u64;
        let sequence = call.sequence;
        calls.push(call);
        sequence
    }

    /// Completes the record for a call.
    pub(super) fn complete(&self, sequence: u64, complete: impl FnOnce(&mut Call)) {
        let index = usize::try_from(sequence).unwrap_or(usize::MAX);
        if let Some(call) = self.lock().get_mut(index) {
            complete(call);
        }
    }

    /// Returns the calls to one account, in order.
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

/// Counts calls by service and action, ordered by service and action.
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
