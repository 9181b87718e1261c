//! The shared layer of all calls: cancellation, deadline and warnings, and the [`Runner`] that runs a handler with them.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use tokio_util::sync::CancellationToken;

use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::timeouts::DEFAULT_TIMEOUT;

mod handlers;
pub(crate) mod panic;
mod runner;

pub(crate) use handlers::Unfinished;
#[cfg(test)]
pub(crate) use handlers::{Handlers, Limits};
pub(crate) use runner::Runner;

/// A future without its type.
pub(crate) type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Cancellation, deadline and warnings of a call.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Call {
    /// Cancelled when the user interrupts the command: stop waiting, and return what is known.
    pub cancel: CancellationToken,
    /// When the operation should stop waiting, by the resource's timeouts.
    pub deadline: Instant,
    /// Warnings for the user, reported however the operation ends.
    pub warnings: Warnings,
}

impl Call {
    /// A call without warnings, for a unit test.
    pub fn new(cancel: CancellationToken, deadline: Instant) -> Self {
        Self {
            cancel,
            deadline,
            warnings: Warnings::default(),
        }
    }

    /// A call that is not cancelled and that has the default timeout, from now.
    pub fn for_test() -> Self {
        Self::new(CancellationToken::new(), Instant::now() + DEFAULT_TIMEOUT)
    }
}

/// Warnings that a call collects while it runs. Clones share one list.
///
/// The user sees them when the call succeeds, and before the errors when it is refused, fails or panics. An error
/// that is pushed here is an error: it fails the call.
#[derive(Clone, Debug, Default)]
pub struct Warnings(Arc<Mutex<Diagnostics>>);

impl Warnings {
    /// Adds a warning.
    pub fn push(&self, warning: Diagnostic) {
        self.extend([warning]);
    }

    /// Adds several warnings.
    pub fn extend(&self, warnings: impl IntoIterator<Item = Diagnostic>) {
        // Collected first: an iterator of the author must not run, and push here, under the lock.
        let warnings: Vec<Diagnostic> = warnings.into_iter().collect();
        self.lock().extend(warnings);
    }

    /// Returns the warnings so far, for a unit test.
    pub fn collected(&self) -> Diagnostics {
        self.lock().clone()
    }

    /// The outcome of the call, with the warnings beside the value or before the errors. An error among the warnings
    /// fails the call.
    pub(crate) fn beside<T>(
        &self,
        outcome: Result<T, Diagnostics>,
    ) -> Result<(T, Diagnostics), Diagnostics> {
        let mut diagnostics = std::mem::take(&mut *self.lock());
        match outcome {
            Ok(value) => Ok((value, diagnostics.into_result()?)),
            Err(errors) => {
                diagnostics.extend(errors);
                Err(diagnostics)
            }
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Diagnostics> {
        // A panic elsewhere cannot leave a list half written.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
