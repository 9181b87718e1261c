//! Runs the handlers of every kind: cancellation by an interrupt, deadlines, panics, and the self-check of answers.

use std::future::Future;
use std::sync::{PoisonError, RwLock, RwLockWriteGuard};
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use super::Call;
use super::handlers::{Handlers, Unfinished};
use super::panic::{self, Panicked};
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::selfcheck::Violation;
use crate::timeouts::DEFAULT_TIMEOUT;

/// Runs the calls of one process.
pub(crate) struct Runner {
    stop: RwLock<CancellationToken>,
    /// Whether several command lines share the process, as they do under `--debug`.
    shared: bool,
    pub(crate) handlers: Handlers,
    /// Whether answers are checked against the rules of the command lines before they are sent.
    self_check: bool,
}

impl Runner {
    /// Runs the calls of one command line, or of several that share the process. Answers are checked in debug builds,
    /// where tests run.
    pub(crate) fn new(shared: bool) -> Self {
        Self {
            stop: RwLock::default(),
            shared,
            handlers: Handlers::apart(),
            self_check: cfg!(debug_assertions),
        }
    }

    /// Cancels every call in progress.
    ///
    /// In a process of one command line every later call is cancelled too, until the next configuration: a stop may
    /// arrive just before the call that it is meant for, and such a process ends then. A process that is shared goes on
    /// for the other command lines, whose calls the stop is not meant for.
    pub(crate) fn stop(&self) {
        if self.shared {
            std::mem::take(&mut *self.stop_mut()).cancel();
        } else {
            self.token().cancel();
        }
    }

    /// Lets calls run again after a stop.
    pub(crate) fn resume(&self) {
        let mut token = self.stop_mut();
        if token.is_cancelled() {
            *token = CancellationToken::new();
        }
    }

    fn stop_mut(&self) -> RwLockWriteGuard<'_, CancellationToken> {
        self.stop.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn token(&self) -> CancellationToken {
        let token = self.stop.read();
        token.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Returns a call that may take this long.
    pub(crate) fn call(&self, time: Duration) -> Call {
        // A token of its own: a call that is late is cancelled by itself.
        let cancel = self.token().child_token();
        let now = Instant::now();
        Call::new(
            cancel,
            now.checked_add(time).unwrap_or(now + DEFAULT_TIMEOUT),
        )
    }

    /// Returns a call that may take this long, also after a stop: it releases what an earlier call holds.
    pub(crate) fn call_after_stop(&self, time: Duration) -> Call {
        let now = Instant::now();
        Call::new(
            CancellationToken::new(),
            now.checked_add(time).unwrap_or(now + DEFAULT_TIMEOUT),
        )
    }

    /// Whether results are compared with what was planned.
    pub(crate) fn checks(&self) -> bool {
        self.self_check
    }

    /// Runs the handler of a call.
    ///
    /// # Errors
    /// The handler fails, panics or does not end in time. An error of the latter two names the RPC.
    pub(crate) async fn handled<T: Send + 'static>(
        &self,
        rpc: &str,
        call: &Call,
        handler: impl Future<Output = Result<T, Diagnostics>> + Send + 'static,
    ) -> Result<T, Diagnostics> {
        let handled = self.handlers.run_call(call, handler).await;
        handled.unwrap_or_else(|unfinished| Err(unfinished.diagnostic(rpc, "").into()))
    }

    /// As [`Self::handled`], of a handler that works with values that no log may hold: a panic is reported without its
    /// message.
    pub(crate) async fn confidential<T: Send + 'static>(
        &self,
        rpc: &str,
        call: &Call,
        handler: impl Future<Output = Result<T, Diagnostics>> + Send + 'static,
    ) -> Result<T, Diagnostics> {
        let handler = panic::confidential(handler);
        let handled = self.handlers.run_call(call, handler).await;
        handled.unwrap_or_else(|unfinished| {
            let unfinished = match unfinished {
                Unfinished::Panicked(_) => Unfinished::Panicked(Panicked::withheld()),
                Unfinished::Late => Unfinished::Late,
            };
            Err(unfinished.diagnostic(rpc, "").into())
        })
    }

    /// Turns violations of the command lines' rules into diagnostics that name the rule and the place.
    pub(crate) fn violations(
        &self,
        what: &str,
        type_name: &str,
        check: impl FnOnce() -> Vec<Violation>,
    ) -> Diagnostics {
        if !self.self_check {
            return Diagnostics::new();
        }
        let summary = format!("{what} of {type_name} breaks the protocol");
        check()
            .into_iter()
            .map(|violation| Diagnostic::bug(&summary, &violation).at(violation.path.clone()))
            .collect()
    }
}
