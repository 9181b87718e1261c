//! Repeating calls that AWS was too busy to answer.
//!
//! The SDK has repeated such a call a few times already. Here it is repeated as long as the operation may last, because
//! an operation that ends early leaves more to be mended than one that takes longer.

use std::future::Future;

use jiff::SignedDuration;

use super::api::{Answer, EcsApi};
use super::clock::{Clock, Impatience};
use super::error::BundleError;
use super::rollout::Deployer;
use crate::aws::{AwsError, AwsErrorKind};

/// How long AWS may fail, or not be reachable, until a call is given up. Throttling is no failure: it is waited out.
const OUTAGE: SignedDuration = SignedDuration::from_secs(120);

impl<A: EcsApi, C: Clock> Deployer<'_, A, C> {
    /// Makes a call that may be made twice, again and again while AWS is too busy to answer.
    ///
    /// # Errors
    /// [`BundleError::Aws`] with the last refusal, [`BundleError::Impatient`] if the user interrupts.
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

    /// Makes a call again and again while its refusals pass by themselves. `passes` is given each refusal and how long
    /// ago the first call was made.
    ///
    /// # Errors
    /// As [`Self::repeat`].
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
            self.await_chance(doing, pauses.take(), error).await?;
        }
    }

    /// Waits before a call is made again.
    ///
    /// # Errors
    /// The refusal if time is up, [`BundleError::Impatient`] if the user interrupts.
    pub(super) async fn await_chance(
        &self,
        doing: &str,
        pause: std::time::Duration,
        error: AwsError,
    ) -> Result<(), BundleError> {
        let paused = self.patience.pause(self.clock, pause).await;
        paused.map_err(|why| match why {
            // What AWS said is worth more than that time is up.
            Impatience::TimedOut => BundleError::aws(doing)(error),
            Impatience::Cancelled => BundleError::Impatient {
                awaited: format!("a chance to {doing}").into(),
                why,
            },
        })
    }
}

/// Whether a refusal passes by itself, of a call that was made first so long ago.
pub(super) fn is_passing(error: &AwsError, age: SignedDuration) -> bool {
    error.kind == AwsErrorKind::Throttled || error.is_transient() && age < OUTAGE
}

/// Whether a call may have had its effect although its answer is an error. A call that was throttled has had none.
pub(super) fn is_lost(error: &AwsError) -> bool {
    error.is_transient() && error.kind != AwsErrorKind::Throttled
}
