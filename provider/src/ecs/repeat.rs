//! Retries of calls that failed with a transient error.
//!
//! The SDK has already retried such a call. This module continues to retry the call for the duration of the operation,
//! because recovering from an operation that ended early requires more effort than waiting longer.

use std::future::Future;

use jiff::SignedDuration;

use super::api::{Answer, EcsApi};
use super::clock::{Clock, WaitEnd};
use super::error::BundleError;
use super::rollout::Deployer;
use crate::aws::{AwsError, AwsErrorKind};

/// Maximum duration of retries after server or network failures. This limit does not apply to throttled calls.
const OUTAGE: SignedDuration = SignedDuration::from_secs(120);

impl<A: EcsApi, C: Clock> Deployer<'_, A, C> {
    /// Makes an idempotent call and retries it after transient errors.
    ///
    /// # Errors
    /// Returns an error if the call fails with a permanent error or all retries fail ([`BundleError::Aws`]), or if the
    /// user interrupts the operation ([`BundleError::WaitEnded`]).
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
    /// Returns an error in the same cases as [`Self::repeat`].
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
    /// Returns an error if the deadline has passed (the error from the call) or the user interrupts the operation
    /// ([`BundleError::WaitEnded`]).
    pub(super) async fn pause_before_retry(
        &self,
        doing: &str,
        pause: std::time::Duration,
        error: AwsError,
    ) -> Result<(), BundleError> {
        let paused = self.wait_limit.pause(self.clock, pause).await;
        paused.map_err(|why| match why {
            // The AWS error is more useful than a timeout error.
            WaitEnd::TimedOut => BundleError::aws(doing)(error),
            WaitEnd::Cancelled => BundleError::WaitEnded {
                awaited: format!("a retry to {doing}").into(),
                why,
            },
        })
    }
}

/// Returns whether an error is transient. `age` is the time since the first call.
pub(super) fn is_passing(error: &AwsError, age: SignedDuration) -> bool {
    error.kind == AwsErrorKind::Throttled || error.is_transient() && age < OUTAGE
}

/// Returns whether a failed call may have taken effect. A throttled call has not taken effect.
pub(super) fn is_lost(error: &AwsError) -> bool {
    error.is_transient() && error.kind != AwsErrorKind::Throttled
}
