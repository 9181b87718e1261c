//! Threads that run handlers. They are separate from the server threads, so a handler that blocks its thread delays neither
//! `StopProvider` nor other calls.
//!
//! Each handler runs as a task, and a panic is returned as an error. Switching threads takes about ten microseconds, whereas
//! an API call takes milliseconds.

use std::future::Future;
use std::sync::OnceLock;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;
use tracing::Instrument;

use super::Call;
use super::panic::{self, Panicked};
use crate::diagnostics::Diagnostic;

/// Number of threads. It limits how many handlers can block at the same time.
const THREADS: usize = 8;

/// Stack size of a thread in octets. The frames of nested asynchronous functions in a provider can exceed the default of
/// 2 MiB in a build without optimization. The memory is reserved, but only used if a handler needs it.
const STACK: usize = 16 << 20;

/// Threads that run handlers. They are started when the first handler runs, because most processes only return a schema.
pub(crate) struct Handlers {
    runtime: OnceLock<Option<Runtime>>,
    limits: Limits,
}

/// Limits on the time that the framework waits for a handler after its deadline.
#[derive(Clone, Copy)]
pub(crate) struct Limits {
    /// Time from the deadline until the handler is canceled.
    pub(crate) grace: Duration,
    /// Time from cancellation until the handler is aborted.
    pub(crate) after_cancel: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            // A create operation that reaches its deadline might still delete the object that it created.
            grace: Duration::from_secs(5 * 60),
            after_cancel: Duration::from_secs(60),
        }
    }
}

/// Reason why a handler did not return a result.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unfinished {
    #[error(transparent)]
    Panicked(#[from] Panicked),
    #[error("the handler exceeded its timeout and did not stop after it was canceled")]
    Late,
}

impl Handlers {
    /// Runs handlers on separate threads.
    pub(crate) fn on_own_threads() -> Self {
        Self {
            runtime: OnceLock::new(),
            limits: Limits::default(),
        }
    }

    /// Runs handlers on the caller's threads.
    #[cfg(test)]
    pub(crate) fn on_caller_threads(limits: Limits) -> Self {
        Self {
            runtime: OnceLock::from(None),
            limits,
        }
    }

    /// Runs a handler to completion.
    ///
    /// # Errors
    /// Returns an error if the handler panics, or if the process ends before the handler does.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        confidential: bool,
        handler: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, Unfinished> {
        let ended = self.spawn(confidential, handler).await;
        Ok(ended.map_err(|error| Panicked::new(error, confidential))?)
    }

    /// Runs the handler for a call. If the handler does not return after its deadline, it is first canceled and then
    /// aborted.
    ///
    /// # Errors
    /// Returns an error if the handler panics or is aborted.
    pub(crate) async fn run_call<T: Send + 'static>(
        &self,
        call: &Call,
        handler: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, Unfinished> {
        let mut handler = self.spawn(call.confidential, handler);
        let panicked = |error| Panicked::new(error, call.confidential);
        let late = call.deadline + self.limits.grace;
        tokio::select! {
            ended = &mut handler => return Ok(ended.map_err(panicked)?),
            () = tokio::time::sleep_until(late.into()) => call.cancel.cancel(),
        }
        match tokio::time::timeout(self.limits.after_cancel, &mut handler).await {
            Ok(ended) => Ok(ended.map_err(panicked)?),
            Err(_) => {
                handler.abort();
                Err(Unfinished::Late)
            }
        }
    }

    fn spawn<T: Send + 'static>(
        &self,
        confidential: bool,
        handler: impl Future<Output = T> + Send + 'static,
    ) -> JoinHandle<T> {
        let handler = panic::reported(confidential, handler).in_current_span();
        let runtime = self.runtime.get_or_init(|| {
            let mut threads = Builder::new_multi_thread();
            let threads = threads
                .worker_threads(THREADS)
                .thread_stack_size(STACK)
                .thread_name("handler");
            let runtime = threads.enable_all().build();
            if let Err(error) = &runtime {
                tracing::warn!(%error, "cannot start threads for handlers; handlers run on the server threads");
            }
            runtime.ok()
        });
        match runtime {
            Some(runtime) => runtime.spawn(handler),
            None => tokio::spawn(handler),
        }
    }
}

impl Drop for Handlers {
    fn drop(&mut self) {
        // Abandoned handlers must not delay the exit of the process.
        if let Some(runtime) = self.runtime.take().flatten() {
            runtime.shutdown_background();
        }
    }
}

impl Unfinished {
    /// Returns the diagnostic for the user. `known` describes the current content of the state.
    pub(crate) fn diagnostic(&self, rpc: &str, known: &str) -> Diagnostic {
        match self {
            Self::Panicked(panicked) => {
                let detail = format!("{panicked}{known}");
                Diagnostic::bug(format!("The provider crashed in {rpc}"), detail)
            }
            Self::Late => {
                let detail = format!(
                    "{rpc} exceeded its timeout and did not stop after it was canceled.{known} Increase the timeout in \
                     the `timeouts` block if the resource has one, and apply again."
                );
                Diagnostic::error("Operation timed out", detail)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// docs/protocol.md, "Panics".
    #[tokio::test]
    async fn panics_are_returned_with_their_message() {
        let handlers = Handlers::on_own_threads();
        let formatted = handlers
            .run::<()>(false, async { panic!("no {}", "luck") })
            .await;
        assert_eq!(formatted.expect_err("panicked").to_string(), "no luck");
        let fixed = handlers.run::<()>(false, async { panic!("plain") }).await;
        assert_eq!(fixed.expect_err("panicked").to_string(), "plain");
        assert_eq!(handlers.run(false, async { 7 }).await.expect("no panic"), 7);
    }

    /// The test runtime has a single thread, which the test blocks.
    #[tokio::test]
    async fn handler_runs_while_the_server_is_blocked() {
        let handlers = Handlers::on_own_threads();
        let (begin, begun) = std::sync::mpsc::channel();
        let (finish, finished) = std::sync::mpsc::channel();
        let handler = async move { begin.send(()).is_ok() && finished.recv().is_ok() };
        let mut handler = Box::pin(handlers.run(false, handler));
        assert!(futures::poll!(&mut handler).is_pending());
        let timeout = Duration::from_secs(60);
        begun.recv_timeout(timeout).expect("the handler runs");
        finish.send(()).expect("the handler waits");
        assert!(handler.await.expect("no panic"));
    }
}
