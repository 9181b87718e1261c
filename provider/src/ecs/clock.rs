//! Time, given from outside: what time it is, waiting, and when to stop waiting.

use std::future::Future;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

/// The present moment and the passing of time.
pub trait Clock: Send + Sync {
    /// The present moment.
    fn now(&self) -> Timestamp;

    /// How long it is until a deadline; zero if that has passed.
    fn left_until(&self, deadline: Instant) -> Duration;

    /// Lets time pass.
    fn sleep(&self, duration: Duration) -> impl Future<Output = ()> + Send;
}

/// The machine's clock.
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

/// How long to wait between two looks: the first pause, the factor by which pauses grow, and the longest.
#[derive(Clone, Copy, Debug)]
pub struct Schedule {
    /// The first pause.
    pub first: Duration,
    /// By how many percent each pause is longer than the one before.
    pub growth_percent: u32,
    /// The longest pause.
    pub longest: Duration,
}

impl Schedule {
    /// For rollouts, which take minutes on AWS and seconds on an emulator.
    pub const ROLLOUT: Self = Self {
        first: Duration::from_millis(500),
        growth_percent: 60,
        longest: Duration::from_secs(15),
    };

    /// The pause that follows when the pauses before it have taken so long: how late a change may be noticed.
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

    /// The pauses, one after the other.
    #[must_use]
    pub fn pauses(self) -> Pauses {
        Pauses {
            schedule: self,
            next: self.first,
        }
    }
}

/// Pauses that grow by a [`Schedule`], without end.
#[derive(Clone, Copy, Debug)]
pub struct Pauses {
    schedule: Schedule,
    next: Duration,
}

impl Pauses {
    /// The next pause.
    pub fn take(&mut self) -> Duration {
        let pause = self.next;
        let longer = pause * (100 + self.schedule.growth_percent) / 100;
        self.next = longer.min(self.schedule.longest);
        pause
    }
}

/// When an operation stops waiting.
#[derive(Clone, Debug)]
pub struct Patience {
    /// When it should give up.
    pub deadline: Timestamp,
    /// Cancelled when the user interrupts.
    pub cancel: CancellationToken,
}

/// Why an operation stopped waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Impatience {
    /// The user interrupted.
    Cancelled,
    /// The deadline has passed.
    TimedOut,
}

impl Patience {
    /// The same patience, but not for longer than so long from now on.
    #[must_use]
    pub fn at_most(&self, clock: &impl Clock, duration: Duration) -> Self {
        let brief = Self::lasting(clock, duration, self.cancel.clone());
        Self {
            deadline: brief.deadline.min(self.deadline),
            ..brief
        }
    }

    /// Patience from now on, for so long.
    pub fn lasting(clock: &impl Clock, duration: Duration, cancel: CancellationToken) -> Self {
        let duration = SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX);
        let deadline = clock.now().checked_add(duration).unwrap_or(Timestamp::MAX);
        Self { deadline, cancel }
    }

    /// How long patience still lasts.
    ///
    /// # Errors
    /// [`Impatience`] if the user has interrupted or the deadline has passed.
    pub fn left(&self, clock: &impl Clock) -> Result<Duration, Impatience> {
        if self.cancel.is_cancelled() {
            return Err(Impatience::Cancelled);
        }
        let left =
            Duration::try_from(self.deadline.duration_since(clock.now())).unwrap_or_default();
        if left.is_zero() {
            return Err(Impatience::TimedOut);
        }
        Ok(left)
    }

    /// Waits, but not longer than patience lasts.
    ///
    /// # Errors
    /// [`Impatience`] if the user interrupts or the deadline comes first.
    pub async fn pause(&self, clock: &impl Clock, duration: Duration) -> Result<(), Impatience> {
        let left = self.left(clock)?;
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => Err(Impatience::Cancelled),
            () = clock.sleep(duration.min(left)) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_the_longest_and_stay_there() {
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
