//! Records the calls to in-memory services, and makes selected calls fail.
//!
//! Services that share a script also share the numbering of the calls.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use tokio::sync::Notify;

use crate::aws::{AwsError, AwsErrorKind};

/// Time of a crash relative to the effect of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Crash {
    /// The call does not take effect.
    BeforeEffect,
    /// The call takes effect, but the process does not receive the response.
    AfterEffect,
}

/// Event during a call.
#[derive(Clone)]
pub(crate) enum Fault {
    /// The process crashes: the call never returns, and [`Script::crashed`] resolves.
    Crash(Crash),
    /// The call fails with this error code and message, without an effect.
    Refuse(&'static str, &'static str),
    /// The call takes effect, but its response is lost.
    LoseResponse,
    /// AWS throttles the call.
    Throttle,
    /// A read returns the result from before the last write. Writes are not affected.
    StaleRead,
    /// Another process acts before the call takes effect.
    Meanwhile(Arc<dyn Fn() + Send + Sync>),
}

/// State that a read observes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum View {
    /// State after all writes.
    Current,
    /// State before the last write.
    Previous,
}

#[derive(Default)]
struct Events {
    calls: Vec<&'static str>,
    faults: BTreeMap<usize, Fault>,
}

/// The calls of a test and their faults. Clones share the content.
#[derive(Clone, Default)]
pub(crate) struct Script {
    events: Arc<Mutex<Events>>,
    crashed: Arc<Notify>,
}

impl Script {
    /// Sets the event for a call, and clears the recorded calls. The first call has the number 0.
    pub(crate) fn fault_at(&self, call: usize, fault: Fault) {
        let mut events = self.events.lock().unwrap();
        events.calls.clear();
        events.faults.insert(call, fault);
    }

    /// Removes all events, and clears the recorded calls.
    pub(crate) fn recover(&self) {
        *self.events.lock().unwrap() = Events::default();
    }

    /// Returns all calls in order, such as `kms:Sign`.
    pub(crate) fn calls(&self) -> Vec<&'static str> {
        self.events.lock().unwrap().calls.clone()
    }

    /// Resolves when the process has crashed.
    pub(crate) async fn crashed(&self) {
        self.crashed.notified().await;
    }

    /// Runs the effect of a call, unless the script prevents it.
    pub(super) async fn call<T>(
        &self,
        action: &'static str,
        effect: impl FnOnce(View) -> Result<T, AwsError> + Send,
    ) -> Result<T, AwsError> {
        let fault = {
            let mut events = self.events.lock().unwrap();
            let number = events.calls.len();
            events.calls.push(action);
            events.faults.get(&number).cloned()
        };
        let crash = || async {
            self.crashed.notify_one();
            std::future::pending().await
        };
        match fault {
            None => effect(View::Current),
            Some(Fault::StaleRead) => effect(View::Previous),
            Some(Fault::Refuse(code, message)) => Err(AwsError::service(action, code, message)),
            Some(Fault::Throttle) => {
                let message = "Rate exceeded";
                Err(AwsError::service(action, "ThrottlingException", message))
            }
            Some(Fault::Meanwhile(act)) => {
                act();
                effect(View::Current)
            }
            Some(Fault::LoseResponse) => {
                drop(effect(View::Current));
                Err(AwsError {
                    action,
                    kind: AwsErrorKind::TimedOut,
                    code: None,
                    message: "the response was lost".to_owned(),
                })
            }
            Some(Fault::Crash(Crash::BeforeEffect)) => crash().await,
            Some(Fault::Crash(Crash::AfterEffect)) => {
                drop(effect(View::Current));
                crash().await
            }
        }
    }
}
