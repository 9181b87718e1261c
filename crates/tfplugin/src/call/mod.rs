//! Functionality that all calls share: cancellation, deadline, warnings, and the [`Runner`] for handlers.

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

/// Boxed future, which hides its concrete type.
pub(crate) type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Context of a call: cancellation, deadline, and warnings.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Call {
    /// Token that is canceled when the user interrupts the command. The handler must then stop waiting and return the known
    /// result.
    pub cancel: CancellationToken,
    /// Time at which the operation must stop waiting, as determined by the timeouts of the resource.
    pub deadline: Instant,
    /// Warnings for the user, which are reported whether the operation succeeds or fails.
    pub warnings: Warnings,
    /// Whether the message of a panic may contain a secret, so that it is not reported.
    confidential: bool,
}

impl Call {
    /// Creates a call without warnings, for use in unit tests.
    pub fn new(cancel: CancellationToken, deadline: Instant) -> Self {
        Self {
            cancel,
            deadline,
            warnings: Warnings::default(),
            confidential: false,
        }
    }

    /// Reports a panic of the handler without its message if `confidential`, because the handler processes values that must
    /// not be logged.
    pub(crate) fn confidential(self, confidential: bool) -> Self {
        Self {
            confidential,
            ..self
        }
    }

    /// Creates a call that starts now and has the default timeout, for use in unit tests.
    pub fn for_test() -> Self {
        Self::new(CancellationToken::new(), Instant::now() + DEFAULT_TIMEOUT)
    }
}

/// Warnings that a call collects while it runs. All clones share the same list.
///
/// The warnings are reported if the call succeeds. If the call fails or panics, the warnings precede the errors. Adding an
/// error to this list causes the call to fail.
#[derive(Clone, Debug, Default)]
pub struct Warnings(Arc<Mutex<Diagnostics>>);

impl Warnings {
    /// Adds a warning.
    pub fn push(&self, warning: Diagnostic) {
        self.extend([warning]);
    }

    /// Adds several warnings.
    pub fn extend(&self, warnings: impl IntoIterator<Item = Diagnostic>) {
        // The author's iterator can itself add warnings, so it must not run while the lock is held.
        let warnings: Vec<Diagnostic> = warnings.into_iter().collect();
        self.lock().extend(warnings);
    }

    /// Returns the warnings collected so far, for use in unit tests.
    pub fn collected(&self) -> Diagnostics {
        self.lock().clone()
    }

    /// Adds the warnings to the outcome of the call. They accompany the value, or precede the errors. An error among the
    /// warnings causes the call to fail.
    pub(crate) fn attach<T>(
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
        // A panic while the lock is held cannot make the list inconsistent.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
