//! Runs handlers of every kind, and handles interrupts, deadlines, panics, and the self-check of responses.

use std::future::Future;
use std::sync::{PoisonError, RwLock, RwLockWriteGuard};
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use super::Call;
use super::handlers::Handlers;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::selfcheck::Violation;
use crate::timeouts::DEFAULT_TIMEOUT;

/// Runs the calls in a process.
pub(crate) struct Runner {
    stop: RwLock<CancellationToken>,
    /// Whether several hosts share the process, as they do with `--debug`.
    shared: bool,
    pub(crate) handlers: Handlers,
    /// Whether responses are checked against the rules of Terraform and OpenTofu before they are sent.
    self_check: bool,
}

impl Runner {
    /// Creates a runner. `shared` specifies whether several hosts share the process. Only debug builds, which tests use,
    /// check responses.
    pub(crate) fn new(shared: bool) -> Self {
        Self {
            stop: RwLock::default(),
            shared,
            handlers: Handlers::on_own_threads(),
            self_check: cfg!(debug_assertions),
        }
    }

    /// Cancels all calls in progress.
    ///
    /// If the process has a single host, later calls are also canceled until the next configuration. A stop can arrive just
    /// before the call that it targets, and such a process ends after the stop. In a shared process, later calls can come
    /// from other hosts and are not canceled.
    pub(crate) fn stop(&self) {
        if self.shared {
            std::mem::take(&mut *self.stop_mut()).cancel();
        } else {
            self.token().cancel();
        }
    }

    /// Ends a stop. Later calls are no longer canceled.
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

    /// Returns a call that has this timeout.
    pub(crate) fn call(&self, time: Duration) -> Call {
        // A call that exceeds its timeout is canceled independently of other calls, so it needs a separate token.
        let cancel = self.token().child_token();
        let now = Instant::now();
        Call::new(
            cancel,
            now.checked_add(time).unwrap_or(now + DEFAULT_TIMEOUT),
        )
    }

    /// Returns a call that has this timeout and that a stop does not cancel. Handlers that release the resources of an
    /// earlier call use it.
    pub(crate) fn call_after_stop(&self, time: Duration) -> Call {
        let now = Instant::now();
        Call::new(
            CancellationToken::new(),
            now.checked_add(time).unwrap_or(now + DEFAULT_TIMEOUT),
        )
    }

    /// Returns whether results are compared with the plan.
    pub(crate) fn checks(&self) -> bool {
        self.self_check
    }

    /// Runs the handler for a call.
    ///
    /// # Errors
    /// Returns an error if the handler fails, panics, or times out. For a panic or a timeout, the error names the RPC.
    pub(crate) async fn handled<T: Send + 'static>(
        &self,
        rpc: &str,
        call: &Call,
        handler: impl Future<Output = Result<T, Diagnostics>> + Send + 'static,
    ) -> Result<T, Diagnostics> {
        let handled = self.handlers.run_call(call, handler).await;
        handled.unwrap_or_else(|unfinished| Err(unfinished.diagnostic(rpc, "").into()))
    }

    /// Converts rule violations that Terraform and OpenTofu would report to diagnostics. Each diagnostic contains the rule and the
    /// attribute path.
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
