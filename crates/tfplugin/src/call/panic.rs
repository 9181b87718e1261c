//! Handling of panics in handlers. The process continues after a panic, and reports it in the format that hosts recognize.
//!
//! [`install_hook`] prints the message that hosts display. [`caught`] runs a handler in a separate task and returns a panic
//! as an error, which the RPC layer converts to a diagnostic.

use std::any::Any;
use std::backtrace::{Backtrace, BacktraceStatus};
use std::io::Write;
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind, resume_unwind};

use tokio::task::JoinError;
use tracing::Instrument;

tokio::task_local! {
    /// Set while a handler runs whose panic message could contain a secret.
    static CONFIDENTIAL: ();
}

/// Replaces the message of a panic that could contain a secret.
const WITHHELD: &str =
    "the message is not shown because it could contain a secret; see the log for the location";

/// Runs a handler. If it is `confidential`, a panic is reported without its message, because the handler processes values
/// that must not be logged.
pub(crate) async fn reported<T>(confidential: bool, work: impl Future<Output = T>) -> T {
    match confidential {
        true => CONFIDENTIAL.scope((), work).await,
        false => work.await,
    }
}

/// Runs a synchronous check like [`reported`]. The payload of a panic does not contain the message either.
pub(crate) fn checked<T>(confidential: bool, check: impl FnOnce() -> T) -> T {
    if !confidential {
        return check();
    }
    let checked = CONFIDENTIAL.sync_scope((), || catch_unwind(AssertUnwindSafe(check)));
    checked.unwrap_or_else(|_| resume_unwind(Box::new(WITHHELD)))
}

/// Replaces the panic hook of the process with a hook that prints the prefix `panic: `. Hosts use this prefix to detect a
/// crash.
pub(crate) fn install_hook() {
    std::panic::set_hook(Box::new(|panic| {
        // A single write prevents interleaving with the output of other threads.
        let _ = std::io::stderr()
            .lock()
            .write_all(crash_text(panic).as_bytes());
    }));
}

fn crash_text(panic: &PanicHookInfo<'_>) -> String {
    let place = panic
        .location()
        .map_or_else(|| "an unknown location".to_owned(), ToString::to_string);
    let message = match CONFIDENTIAL.try_with(|()| ()) {
        Ok(()) => WITHHELD.to_owned(),
        Err(_) => message_of(panic.payload()),
    };
    let mut text = format!("panic: {message}\n\nat {place}\n");
    let backtrace = Backtrace::capture();
    match backtrace.status() {
        BacktraceStatus::Captured => text.push_str(&backtrace.to_string()),
        _ => text.push_str("(set RUST_BACKTRACE=1 for a backtrace)\n"),
    }
    text
}

fn message_of(payload: &(dyn Any + Send)) -> String {
    let fixed = payload
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned());
    fixed
        .or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "the panic payload is not a string".to_owned())
}

/// Error for a handler that did not complete.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub(crate) struct Panicked {
    /// Panic message.
    pub(crate) message: String,
}

impl Panicked {
    /// Returns the error of a task that did not complete. It contains the message of the panic unless the task is
    /// `confidential`.
    pub(crate) fn new(error: JoinError, confidential: bool) -> Self {
        let message = match error.try_into_panic() {
            Ok(_) if confidential => WITHHELD.to_owned(),
            Ok(payload) => message_of(&*payload),
            Err(_) => "the provider process is shutting down".to_owned(),
        };
        Self { message }
    }
}

/// Runs `work` in a separate task and waits for it.
///
/// The task continues after the returned future is dropped. The server drops the future when the client cancels the call,
/// and a partially completed cloud operation is worse than an abandoned one.
///
/// # Errors
/// Returns an error if `work` panics, or if the process ends before `work` does.
pub(crate) async fn caught<T: Send + 'static>(
    work: impl Future<Output = T> + Send + 'static,
) -> Result<T, Panicked> {
    let ended = tokio::spawn(work.in_current_span()).await;
    ended.map_err(|error| Panicked::new(error, false))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::oneshot;

    /// docs/protocol.md, "Panics".
    #[tokio::test]
    async fn panics_are_returned_with_their_message() {
        let formatted: Result<(), _> = caught(async { panic!("no {}", "luck") }).await;
        assert_eq!(formatted.expect_err("panicked").message, "no luck");
        let fixed: Result<(), _> = caught(async { panic!("plain") }).await;
        assert_eq!(fixed.expect_err("panicked").message, "plain");
        assert_eq!(caught(async { 7 }).await.expect("no panic"), 7);
    }

    #[tokio::test]
    async fn work_continues_after_its_caller_is_dropped() {
        let (resume, resumed) = oneshot::channel::<()>();
        let (done, result) = oneshot::channel();
        let mut waiting = Box::pin(caught(async move {
            resumed.await.expect("the sender exists");
            done.send(7).expect("the receiver exists");
        }));
        assert!(futures::poll!(&mut waiting).is_pending());
        drop(waiting);
        resume.send(()).expect("the work is running");
        assert_eq!(result.await, Ok(7));
    }
}
