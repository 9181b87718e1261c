//! What happens when a handler panics: the host is told in words that it knows, and the process lives on.
//!
//! Two halves. [`install_hook`] prints the crash so that hosts show it; [`caught`] runs a handler in its own task and gives
//! its panic back as a value, of which the RPC layer makes a diagnostic.

use std::any::Any;
use std::backtrace::{Backtrace, BacktraceStatus};
use std::io::Write;
use std::panic::PanicHookInfo;

use tokio::task::JoinError;
use tracing::Instrument;

tokio::task_local! {
    /// Set while a handler runs whose panic may tell a secret.
    static CONFIDENTIAL: ();
}

/// What stands for the message of a panic that may tell a secret.
const WITHHELD: &str =
    "the message is not shown, because it may contain a secret; the provider's log names the place";

/// Runs a handler whose panic is reported without its message: it works with values that no log may hold.
pub(crate) async fn confidential<T>(work: impl Future<Output = T>) -> T {
    CONFIDENTIAL.scope((), work).await
}

/// Replaces the process's panic hook by one whose text begins with `panic: `, which is what hosts look for.
pub(crate) fn install_hook() {
    std::panic::set_hook(Box::new(|panic| {
        // One write, so that lines of other threads do not come between.
        let _ = std::io::stderr()
            .lock()
            .write_all(crash_text(panic).as_bytes());
    }));
}

fn crash_text(panic: &PanicHookInfo<'_>) -> String {
    let place = panic
        .location()
        .map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
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
        .unwrap_or_else(|| "a value that is not text".to_owned())
}

/// A handler that did not come to its end.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub(crate) struct Panicked {
    /// What the panic said.
    pub(crate) message: String,
}

impl Panicked {
    /// The same without its message.
    pub(crate) fn withheld() -> Self {
        Self {
            message: WITHHELD.to_owned(),
        }
    }
}

impl From<JoinError> for Panicked {
    fn from(error: JoinError) -> Self {
        let message = match error.try_into_panic() {
            Ok(payload) => message_of(&*payload),
            Err(_) => "the provider process is ending".to_owned(),
        };
        Self { message }
    }
}

/// Runs `work` in a task of its own and waits for it.
///
/// The task is not ended when the waiting is: the server drops the future of a call that its client cancelled, and
/// work half done in the cloud is worse than work that nobody waits for.
///
/// # Errors
/// When `work` panics, or when the process ends before it does.
pub(crate) async fn caught<T: Send + 'static>(
    work: impl Future<Output = T> + Send + 'static,
) -> Result<T, Panicked> {
    Ok(tokio::spawn(work.in_current_span()).await?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::oneshot;

    /// docs/protocol.md, "Panics".
    #[tokio::test]
    async fn a_panic_becomes_a_value_with_its_message() {
        let formatted: Result<(), _> = caught(async { panic!("no {}", "luck") }).await;
        assert_eq!(formatted.expect_err("panicked").message, "no luck");
        let fixed: Result<(), _> = caught(async { panic!("plain") }).await;
        assert_eq!(fixed.expect_err("panicked").message, "plain");
        assert_eq!(caught(async { 7 }).await.expect("no panic"), 7);
    }

    #[tokio::test]
    async fn work_goes_on_when_nobody_waits() {
        let (go, gone) = oneshot::channel::<()>();
        let (done, seen) = oneshot::channel();
        let mut waiting = Box::pin(caught(async move {
            gone.await.expect("told to go on");
            done.send(7).expect("still listened to");
        }));
        assert!(futures::poll!(&mut waiting).is_pending());
        drop(waiting);
        go.send(()).expect("the work is alive");
        assert_eq!(seen.await, Ok(7));
    }
}
