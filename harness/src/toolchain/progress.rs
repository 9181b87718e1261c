//! Reports the progress of long operations. This module must not print. Implementations of [`Progress`] print.

use std::time::{Duration, Instant};

/// Receives the phases of an installation.
pub trait Progress: Sync {
    /// Called when a phase starts. `name` is a phrase such as `building OpenTofu 1.12.6`.
    fn begin(&self, name: &str);
    /// Called with each output line.
    fn line(&self, _line: &str) {}
    /// Called when the phase has succeeded after `elapsed`.
    fn end(&self, name: &str, elapsed: Duration);
    /// Called when the phase has failed after `elapsed`. The error is returned to the caller.
    fn fail(&self, name: &str, elapsed: Duration) {
        self.end(name, elapsed);
    }
}

/// Ignores progress.
pub struct Quiet;

impl Progress for Quiet {
    fn begin(&self, _name: &str) {}
    fn end(&self, _name: &str, _elapsed: Duration) {}
}

/// Runs `work` as one phase.
pub(super) fn phase<T, E>(
    progress: &dyn Progress,
    name: &str,
    work: impl FnOnce() -> Result<T, E>,
) -> Result<T, E> {
    let start = Instant::now();
    progress.begin(name);
    let result = work();
    match &result {
        Ok(_) => progress.end(name, start.elapsed()),
        Err(_) => progress.fail(name, start.elapsed()),
    }
    result
}
