//! Runs the handlers of every kind: cancellation by an interrupt, deadlines, panics, and the self-check of responses.

use std::future::Future;
use std::sync::{PoisonError, RwLock, RwLockWriteGuard};
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use super::Call;
use super::handlers::Handlers;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::selfcheck::Violation;
use crate::timeouts::DEFAULT_TIMEOUT;

/// Runs the calls of one process.
pub(crate) struct Runner {
    stop: RwLock<CancellationToken>,
    /// Whether several hosts share the process, as with `--debug`.
    shared: bool,
    pub(crate) handlers: Handlers,
    /// Whether responses are checked against the rules of Terraform and OpenTofu before they are sent.
    self_check: bool,
}

impl Runner {
    /// Creates a runner for one host, or for several hosts that share the process. Only debug builds, as used in tests,
    /// check responses.
    pub(crate) fn new(shared: bool) -> Self {
        Self {
            stop: RwLock::default(),
            shared,
            handlers: Handlers::on_own_threads(),
            self_check: cfg!(debug_assertions),
        }
    }

    /// Cancels every call in progress.
    ///
    /// In a process with one host, later calls are cancelled too, until the next configuration: a stop may arrive just
    /// before the call that it targets, and such a process ends after the stop. In a shared process, later calls may come
    /// from other hosts and are not cancelled.
    pub(crate) fn stop(&self) {
        if self.shared {
            std::mem::take(&mut *self.stop_mut()).cancel();
        } else {
            self.token().cancel();
        }
    }

    /// Allows calls again after a stop.
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

    /// Returns a call with this timeout.
    pub(crate) fn call(&self, time: Duration) -> Call {
        // A call that exceeds its timeout is cancelled without the others, so it needs a separate token.
        let cancel = self.token().child_token();
        let now = Instant::now();
        Call::new(
            cancel,
            now.checked_add(time).unwrap_or(now + DEFAULT_TIMEOUT),
        )
    }

    /// Returns a call with this timeout that a stop does not cancel, for a handler that releases resources of an earlier
    /// call.
    pub(crate) fn call_after_stop(&self, time: Duration) -> Call {
        let now = Instant::now();
        Call::new(
            CancellationToken::new(),
            now.checked_add(time).unwrap_or(now + DEFAULT_TIMEOUT),
        )
    }

    /// Whether results are compared with the plan.
    pub(crate) fn checks(&self) -> bool {
        self.self_check
    }

    /// Runs the handler of a call.
    ///
    /// # Errors
    /// The handler fails, panics or times out. The error of a panic or timeout names the RPC.
    pub(crate) async fn handled<T: Send + 'static>(
        &self,
        rpc: &str,
        call: &Call,
        handler: impl Future<Output = Result<T, Diagnostics>> + Send + 'static,
    ) -> Result<T, Diagnostics> {
        let handled = self.handlers.run_call(call, handler).await;
        handled.unwrap_or_else(|unfinished| Err(unfinished.diagnostic(rpc, "").into()))
    }

    /// Converts violations of the rules of Terraform and OpenTofu to diagnostics with the rule and the attribute path.
    pub(crate) fn violations(
        &self,
        subject: &str,
        type_name: &str,
        check: impl FnOnce() -> Vec<Violation>,
    ) -> Diagnostics {
        if !self.self_check {
            return Diagnostics::new();
        }
        let summary = format!("{subject} of {type_name} violates the plugin protocol");
        check()
            .into_iter()
            .map(|violation| Diagnostic::bug(&summary, &violation).at(violation.path.clone()))
            .collect()
    }
}
