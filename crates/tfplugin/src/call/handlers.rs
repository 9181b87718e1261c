//! The threads of handlers. They are separate from those of the server, so that a handler that blocks its thread does not
//! delay a stop.
//!
//! The server decodes and answers on threads of its own. A handler is a task on other threads, and its panic is returned as a
//! value. The switch takes about ten microseconds; a call to an API takes milliseconds. In return a handler that blocks
//! delays neither `StopProvider` nor other calls.

use std::future::Future;
use std::sync::OnceLock;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;
use tracing::Instrument;

use super::Call;
use super::panic::Panicked;
use crate::diagnostics::Diagnostic;

/// How many handlers run at a time if all of them block; others run whenever one waits.
const THREADS: usize = 8;

/// The threads of handlers, started with the first one: most processes answer with a schema and run none.
pub(crate) struct Handlers {
    runtime: OnceLock<Option<Runtime>>,
    limits: Limits,
}

/// How long the framework waits for a handler that is late.
#[derive(Clone, Copy)]
pub(crate) struct Limits {
    /// From its deadline until it is cancelled.
    pub(crate) grace: Duration,
    /// From then until it is given up.
    pub(crate) last: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            // A create that ends at its deadline may still undo what it made.
            grace: Duration::from_secs(5 * 60),
            last: Duration::from_secs(60),
        }
    }
}

/// The reason why a handler has no result.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unfinished {
    #[error(transparent)]
    Panicked(#[from] Panicked),
    #[error("it did not end in time, and not when it was cancelled either")]
    Late,
}

impl Handlers {
    /// Threads of their own.
    pub(crate) fn apart() -> Self {
        Self {
            runtime: OnceLock::new(),
            limits: Limits::default(),
        }
    }

    /// The threads of the caller.
    #[cfg(test)]
    pub(crate) fn within(limits: Limits) -> Self {
        Self {
            runtime: OnceLock::from(None),
            limits,
        }
    }

    /// Runs a handler to its end.
    ///
    /// # Errors
    /// The handler panicked, or the process ends before it does.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        handler: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, Unfinished> {
        let ended = self.spawn(handler).await;
        Ok(ended.map_err(Panicked::from)?)
    }

    /// Runs the handler of a call. It ends by itself at its deadline; one that does not is cancelled, and then given
    /// up.
    ///
    /// # Errors
    /// The handler panicked or was given up.
    pub(crate) async fn run_call<T: Send + 'static>(
        &self,
        call: &Call,
        handler: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, Unfinished> {
        let mut handler = self.spawn(handler);
        let late = call.deadline + self.limits.grace;
        tokio::select! {
            ended = &mut handler => return Ok(ended.map_err(Panicked::from)?),
            () = tokio::time::sleep_until(late.into()) => call.cancel.cancel(),
        }
        match tokio::time::timeout(self.limits.last, &mut handler).await {
            Ok(ended) => Ok(ended.map_err(Panicked::from)?),
            Err(_) => {
                handler.abort();
                Err(Unfinished::Late)
            }
        }
    }

    fn spawn<T: Send + 'static>(
        &self,
        handler: impl Future<Output = T> + Send + 'static,
    ) -> JoinHandle<T> {
        let handler = handler.in_current_span();
        let runtime = self.runtime.get_or_init(|| {
            let mut threads = Builder::new_multi_thread();
            let threads = threads.worker_threads(THREADS).thread_name("handler");
            let runtime = threads.enable_all().build();
            if let Err(error) = &runtime {
                tracing::warn!(%error, "handlers run on the threads of the server: no others could be started");
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
        // Work that nobody waits for any more must not hold up the end.
        if let Some(runtime) = self.runtime.take().flatten() {
            runtime.shutdown_background();
        }
    }
}

impl Unfinished {
    /// What the user is told; `known` says what is stored now.
    pub(crate) fn diagnostic(&self, rpc: &str, known: &str) -> Diagnostic {
        match self {
            Self::Panicked(panicked) => {
                let detail = format!("{panicked}{known}");
                Diagnostic::bug(format!("The provider crashed in {rpc}"), detail)
            }
            Self::Late => {
                let detail = format!(
                    "{rpc} ran past its timeout and did not stop when it was cancelled.{known} Allow more time in the \
                     block `timeouts` if the resource has one, and apply again."
                );
                Diagnostic::error("The operation did not end in time", detail)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// docs/protocol.md, "Panics".
    #[tokio::test]
    async fn a_panic_becomes_a_value_with_its_message() {
        let handlers = Handlers::apart();
        let formatted = handlers.run::<()>(async { panic!("no {}", "luck") }).await;
        assert_eq!(formatted.expect_err("panicked").to_string(), "no luck");
        let fixed = handlers.run::<()>(async { panic!("plain") }).await;
        assert_eq!(fixed.expect_err("panicked").to_string(), "plain");
        assert_eq!(handlers.run(async { 7 }).await.expect("no panic"), 7);
    }

    /// The runtime of this test has one thread, and the test blocks it.
    #[tokio::test]
    async fn a_handler_runs_while_the_server_is_busy() {
        let handlers = Handlers::apart();
        let (begin, begun) = std::sync::mpsc::channel();
        let (finish, finished) = std::sync::mpsc::channel();
        let handler = async move { begin.send(()).is_ok() && finished.recv().is_ok() };
        let mut handler = Box::pin(handlers.run(handler));
        assert!(futures::poll!(&mut handler).is_pending());
        let patience = Duration::from_secs(60);
        begun.recv_timeout(patience).expect("the handler runs");
        finish.send(()).expect("the handler waits");
        assert!(handler.await.expect("no panic"));
    }
}
