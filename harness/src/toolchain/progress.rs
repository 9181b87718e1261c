//! How long work reports on itself. Must not print: the listener does.

use std::time::{Duration, Instant};

/// Listens to the phases of an installation.
pub trait Progress: Sync {
    /// A phase begins; `name` is a phrase such as `building OpenTofu 1.12.6`.
    fn begin(&self, name: &str);
    /// The tool at work said something.
    fn line(&self, _line: &str) {}
    /// The phase ended well after `elapsed`.
    fn end(&self, name: &str, elapsed: Duration);
    /// The phase failed after `elapsed`; the error itself is returned to the caller.
    fn fail(&self, name: &str, elapsed: Duration) {
        self.end(name, elapsed);
    }
}

/// Listens to nothing.
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
