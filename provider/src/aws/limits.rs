//! Limits on retries. An operation that was interrupted or whose deadline has passed starts no further retries.
//!
//! The SDK retries a failed call regardless of the operation that makes the call. A call inside [`during`] is not
//! retried after the operation has ended and a grace period has passed. In the grace period, the operation queries or
//! reverts its changes. The first attempt of a call is always made, so an operation can report which objects exist.

use std::convert::Infallible;
use std::future::{Future, pending};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::retries::classifiers::{ClassifyRetry, RetryAction};
use tfplugin::Call;

/// Period during which calls are still retried after an operation was interrupted or its deadline passed.
pub const GRACE: Duration = Duration::from_secs(30);

tokio::task_local! {
    /// Whether the retries of the current operation have ended.
    static ENDED: Arc<AtomicBool>;
}

/// Runs the work of an operation. Calls are no longer retried once `grace` has elapsed after the operation was
/// interrupted or its deadline passed.
pub async fn during<T>(call: &Call, grace: Duration, work: impl Future<Output = T>) -> T {
    let ended = Arc::new(AtomicBool::new(false));
    let work = ENDED.scope(Arc::clone(&ended), work);
    tokio::select! {
        biased;
        never = end(call, grace, &ended) => match never {},
        done = work => done,
    }
}

/// Sets `ended` when the operation ends. This future never resolves.
async fn end(call: &Call, grace: Duration, ended: &AtomicBool) -> Infallible {
    tokio::select! {
        () = call.cancel.cancelled() => {}
        () = tokio::time::sleep_until(call.deadline.into()) => {}
    }
    if !grace.is_zero() {
        tokio::time::sleep(grace).await;
    }
    ended.store(true, Ordering::Relaxed);
    pending().await
}

/// Prevents retries after the end of the operation. Before the end, and outside of [`during`], the other classifiers
/// determine whether to retry a call.
#[derive(Debug)]
pub(super) struct WithinOperation;

impl ClassifyRetry for WithinOperation {
    fn classify_retry(&self, _context: &InterceptorContext) -> RetryAction {
        let ended = ENDED.try_with(|ended| ended.load(Ordering::Relaxed));
        match ended {
            Ok(true) => RetryAction::RetryForbidden,
            Ok(false) | Err(_) => RetryAction::NoActionIndicated,
        }
    }

    fn name(&self) -> &'static str {
        "WithinOperation"
    }
}
