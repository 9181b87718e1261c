//! Retries of calls that failed with a transient error.
//!
//! The SDK has already retried such a call. It is retried further for the duration of the operation, because an
//! operation that ends early requires more repair than one that takes longer.

use std::future::Future;

use jiff::SignedDuration;

use super::api::{Answer, EcsApi};
use super::clock::{Clock, WaitEnd};
use super::error::BundleError;
use super::rollout::Deployer;
use crate::aws::{AwsError, AwsErrorKind};

/// Maximum duration of server or network failures until a call is given up. Throttled calls are retried without this
/// limit.
const OUTAGE: SignedDuration = SignedDuration::from_secs(120);

impl<A: EcsApi, C: Clock> Deployer<'_, A, C> {
    /// Makes an idempotent call, with retries after transient errors.
    ///
    /// # Errors
    /// [`BundleError::Aws`] with the last error, [`BundleError::WaitEnded`] if the user interrupts.
    pub(super) async fn repeat<T, F>(
        &self,
        doing: &str,
        call: impl FnMut() -> F + Send,
    ) -> Result<T, BundleError>
    where
        T: Send,
        F: Future<Output = Answer<T>> + Send,
    {
        self.repeat_while(doing, is_passing, call).await
    }

    /// Retries a call while its errors are transient. `passes` receives each error and the time since the first call.
    ///
    /// # Errors
    /// Same as [`Self::repeat`].
    pub(super) async fn repeat_while<T, F>(
        &self,
        doing: &str,
        passes: fn(&AwsError, SignedDuration) -> bool,
        mut call: impl FnMut() -> F + Send,
    ) -> Result<T, BundleError>
    where
        T: Send,
        F: Future<Output = Answer<T>> + Send,
    {
        let began = self.clock.now();
        let mut pauses = self.schedule.pauses();
        loop {
            let error = match call().await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            if !passes(&error, self.clock.now().duration_since(began)) {
                return Err(BundleError::aws(doing)(error));
            }
            self.pause_before_retry(doing, pauses.take(), error).await?;
        }
    }

    /// Waits before a retry.
    ///
    /// # Errors
    /// The error of the call if the deadline has passed, [`BundleError::WaitEnded`] if the user interrupts.
    pub(super) async fn pause_before_retry(
        &self,
        doing: &str,
        pause: std::time::Duration,
        error: AwsError,
    ) -> Result<(), BundleError> {
        let paused = self.wait_limit.pause(self.clock, pause).await;
        paused.map_err(|why| match why {
            // The error of AWS is more useful than a timeout.
            WaitEnd::TimedOut => BundleError::aws(doing)(error),
            WaitEnd::Cancelled => BundleError::WaitEnded {
                awaited: format!("a retry to {doing}").into(),
                why,
            },
        })
    }
}

/// Returns whether an error is transient, given the time since the first call.
pub(super) fn is_passing(error: &AwsError, age: SignedDuration) -> bool {
    error.kind == AwsErrorKind::Throttled || error.is_transient() && age < OUTAGE
}

/// Returns whether a failed call may have taken effect. A throttled call has not.
pub(super) fn is_lost(error: &AwsError) -> bool {
    error.is_transient() && error.kind != AwsErrorKind::Throttled
}
