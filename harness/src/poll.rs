//! Waits for programs that report no changes. Must not depend on their purpose.

use std::thread;
use std::time::{Duration, Instant};

/// Time between two checks.
const INTERVAL: Duration = Duration::from_millis(20);

/// Polls until `ready` returns `Some(true)`. Returns `false` on timeout or if `ready` returns `Some(false)`.
pub(crate) fn poll(deadline: Instant, mut ready: impl FnMut() -> Option<bool>) -> bool {
    loop {
        match ready() {
            Some(answer) => return answer,
            None if Instant::now() >= deadline => return false,
            None => thread::sleep(INTERVAL),
        }
    }
}
