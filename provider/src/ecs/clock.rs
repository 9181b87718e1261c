//! Injected time source: the current time, pauses, and limits on waiting time.

use std::future::Future;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

/// Source of the current time and pauses.
pub trait Clock: Send + Sync {
    /// Returns the current time.
    fn now(&self) -> Timestamp;

    /// Returns the time until a deadline, or zero if the deadline has passed.
    fn left_until(&self, deadline: Instant) -> Duration;

    /// Waits for `duration`.
    fn sleep(&self, duration: Duration) -> impl Future<Output = ()> + Send;
}

/// Clock of the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn left_until(&self, deadline: Instant) -> Duration {
        deadline.saturating_duration_since(Instant::now())
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

/// Schedule of pauses between polls: the first pause, the growth rate, and the longest pause.
#[derive(Clone, Copy, Debug)]
pub struct Schedule {
    /// First pause.
    pub first: Duration,
    /// Percentage by which each pause exceeds the previous pause.
    pub growth_percent: u32,
    /// Longest pause.
    pub longest: Duration,
}

impl Schedule {
    /// Schedule for rollouts. A rollout takes minutes on AWS and seconds on an emulator.
    pub const ROLLOUT: Self = Self {
        first: Duration::from_millis(500),
        growth_percent: 60,
        longest: Duration::from_secs(15),
    };

    /// Returns the pause to make after the specified total waiting time. The pause is the maximum delay until a change
    /// is detected.
    #[must_use]
    pub fn pause_after(self, waited: Duration) -> Duration {
        let mut pauses = self.pauses();
        let (mut pause, mut total) = (pauses.take(), Duration::ZERO);
        while pause < self.longest && total < waited {
            total += pause;
            pause = pauses.take();
        }
        pause
    }

    /// Returns the sequence of pauses.
    #[must_use]
    pub fn pauses(self) -> Pauses {
        Pauses {
            schedule: self,
            next: self.first,
        }
    }
}

/// Endless sequence of pauses that grow according to a [`Schedule`].
#[derive(Clone, Copy, Debug)]
pub struct Pauses {
    schedule: Schedule,
    next: Duration,
}

impl Pauses {
    /// Returns the next pause.
    pub fn take(&mut self) -> Duration {
        let pause = self.next;
        let longer = pause * (100 + self.schedule.growth_percent) / 100;
        self.next = longer.min(self.schedule.longest);
        pause
    }
}

/// Limit on the waiting time for an operation.
#[derive(Clone, Debug)]
pub struct WaitLimit {
    /// Time at which waiting ends.
    pub deadline: Timestamp,
    /// Token that is canceled when the user interrupts the operation.
    pub cancel: CancellationToken,
}

/// Reason why an operation stopped waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaitEnd {
    /// The user interrupted the operation.
    Cancelled,
    /// The deadline has passed.
    TimedOut,
}

impl WaitLimit {
    /// Returns this limit, shortened to at most `duration` from now.
    #[must_use]
    pub fn at_most(&self, clock: &impl Clock, duration: Duration) -> Self {
        let brief = Self::lasting(clock, duration, self.cancel.clone());
        Self {
            deadline: brief.deadline.min(self.deadline),
            ..brief
        }
    }

    /// Creates a limit that ends `duration` from now.
    pub fn lasting(clock: &impl Clock, duration: Duration, cancel: CancellationToken) -> Self {
        let duration = SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX);
        let deadline = clock.now().checked_add(duration).unwrap_or(Timestamp::MAX);
        Self { deadline, cancel }
    }

    /// Returns the remaining time.
    ///
    /// # Errors
    /// Returns an error if the user has interrupted the operation or the deadline has passed.
    pub fn left(&self, clock: &impl Clock) -> Result<Duration, WaitEnd> {
        if self.cancel.is_cancelled() {
            return Err(WaitEnd::Cancelled);
        }
        let left =
            Duration::try_from(self.deadline.duration_since(clock.now())).unwrap_or_default();
        if left.is_zero() {
            return Err(WaitEnd::TimedOut);
        }
        Ok(left)
    }

    /// Waits for `duration`, but not past the deadline.
    ///
    /// # Errors
    /// Returns an error if the user interrupts the operation or the deadline has passed.
    pub async fn pause(&self, clock: &impl Clock, duration: Duration) -> Result<(), WaitEnd> {
        let left = self.left(clock)?;
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => Err(WaitEnd::Cancelled),
            () = clock.sleep(duration.min(left)) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_up_to_the_longest_pause() {
        let mut pauses = Schedule::ROLLOUT.pauses();
        let pauses: Vec<_> = (0..12).map(|_| pauses.take()).collect();
        assert_eq!(pauses[0], Duration::from_millis(500));
        assert!(pauses.windows(2).all(|pair| pair[0] <= pair[1]));
        assert_eq!(pauses[11], Duration::from_secs(15));
        let after = |seconds| Schedule::ROLLOUT.pause_after(Duration::from_secs(seconds));
        assert_eq!(after(0), Duration::from_millis(500));
        assert_eq!(
            after(1),
            Duration::from_millis(1280),
            "after 0.5 s and 0.8 s"
        );
        assert_eq!(after(3600), Duration::from_secs(15));
        let forever = Schedule::ROLLOUT.pause_after(Duration::MAX);
        assert_eq!(forever, Duration::from_secs(15));
    }
}
