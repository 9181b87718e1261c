//! The end of repetitions: an operation that is interrupted, or whose time is over, begins no further attempt of a call.
//!
//! The SDK repeats a failed call without knowing the operation that makes it. A call that runs inside [`during`] is not
//! repeated any more once the operation has ended and a short time has passed, in which what was done is looked up or
//! undone. A first attempt is never held back, so that the end of an operation can still say what exists.

use std::convert::Infallible;
use std::future::{Future, pending};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::retries::classifiers::{ClassifyRetry, RetryAction};
use tfplugin::Call;

/// How long calls are still repeated after an operation was interrupted or its time was over.
pub const GRACE: Duration = Duration::from_secs(30);

tokio::task_local! {
    /// Whether calls of the present operation are repeated no more.
    static ENDED: Arc<AtomicBool>;
}

/// Does the work of an operation. Its calls are not repeated any more once the operation is interrupted or its deadline
/// has passed, and `grace` after that.
pub async fn during<T>(call: &Call, grace: Duration, work: impl Future<Output = T>) -> T {
    let ended = Arc::new(AtomicBool::new(false));
    let work = ENDED.scope(Arc::clone(&ended), work);
    tokio::select! {
        biased;
        never = end(call, grace, &ended) => match never {},
        done = work => done,
    }
}

/// Marks the end of an operation when it comes. It never resolves.
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

/// Forbids repetitions after the end of the operation; decides nothing before it and outside of [`during`].
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
