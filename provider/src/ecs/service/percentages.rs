//! Validates the percentages of running tasks during a rollout. They must allow ECS to replace a task.

/// Reason why a rollout can never replace a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PercentError {
    /// ECS can neither stop nor start a task.
    #[error(
        "a minimum of {minimum} % and a maximum of {maximum} % do not allow ECS to replace a task"
    )]
    Deadlock {
        /// `minimumHealthyPercent`.
        minimum: u32,
        /// `maximumPercent`.
        maximum: u32,
    },
    /// The maximum is below 100 % or below the minimum.
    #[error("a minimum of {minimum} % and a maximum of {maximum} % contradict each other")]
    Contradiction {
        /// `minimumHealthyPercent`.
        minimum: u32,
        /// `maximumPercent`.
        maximum: u32,
    },
}

impl PercentError {
    /// Returns the largest minimum and the smallest maximum. Each of them allows a rollout of `count` tasks to replace a task.
    /// Returns `None` if the count is unknown or zero.
    #[must_use]
    pub fn limits(&self, count: Option<u32>) -> Option<(u64, u64)> {
        let count = u64::from(count.filter(|count| *count > 0)?);
        let (most, least) = (
            100 * (count - 1) / count,
            (100 * (count + 1)).div_ceil(count),
        );
        Some((most, least))
    }
}

/// Checks that a rollout of `count` tasks can replace at least one task. If the count is unknown, checks that at least
/// one count allows a replacement. ECS rounds the minimum up and the maximum down. Source: DeploymentConfiguration, API
/// reference.
///
/// # Errors
/// Returns an error if the rollout cannot replace a task. ECS itself reports this condition only as an event and
/// continues the rollout indefinitely.
pub fn check_percentages(
    minimum: u32,
    maximum: u32,
    count: Option<u32>,
) -> Result<(), PercentError> {
    if maximum < 100 || minimum > maximum {
        return Err(PercentError::Contradiction { minimum, maximum });
    }
    let (lower, upper) = (u64::from(minimum), u64::from(maximum));
    let stuck = match count.map(u64::from) {
        Some(count) => {
            let must_run = (lower * count).div_ceil(100);
            let may_run = upper * count / 100;
            count > 0 && must_run >= count && may_run <= count
        }
        // With enough tasks, all other pairs allow ECS to replace at least one task.
        None => lower >= 100 && upper <= 100,
    };
    match stuck {
        true => Err(PercentError::Deadlock { minimum, maximum }),
        false => Ok(()),
    }
}

/// Limits on the number of tasks during a rollout, as reported for a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TaskLimits {
    /// `minimumHealthyPercent`.
    pub minimum: u32,
    /// `maximumPercent`.
    pub maximum: u32,
    /// Desired count.
    pub count: u32,
}

impl TaskLimits {
    /// Checks that ECS can replace a task.
    ///
    /// # Errors
    /// Returns an error if ECS cannot replace a task.
    pub fn check(&self) -> Result<(), PercentError> {
        check_percentages(self.minimum, self.maximum, Some(self.count))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_that_prevent_replacement_are_rejected() {
        for (minimum, maximum, count) in [
            (100, 200, Some(1)),
            (0, 100, Some(1)),
            (50, 100, Some(2)),
            (50, 150, Some(2)),
            (100, 125, Some(4)),
            (90, 110, Some(10)),
            (100, 100, Some(0)),
            (50, 150, None),
            (99, 100, None),
            (100, 101, None),
            (100, 200, Some(u32::MAX)),
        ] {
            let checked = check_percentages(minimum, maximum, count);
            assert_eq!(checked, Ok(()), "{minimum}/{maximum}/{count:?}");
        }
        for (minimum, maximum, count) in [
            (100, 100, Some(1)),
            (51, 100, Some(1)),
            (50, 150, Some(1)),
            (1, 199, Some(1)),
            (100, 150, Some(1)),
            (90, 110, Some(4)),
            (100, 124, Some(4)),
            (100, 100, None),
        ] {
            let refused = check_percentages(minimum, maximum, count);
            assert_eq!(
                refused,
                Err(PercentError::Deadlock { minimum, maximum }),
                "{minimum}/{maximum}/{count:?}"
            );
        }
        for (minimum, maximum) in [(100, 50), (0, 99), (120, 110)] {
            for count in [Some(1), Some(0), None] {
                let refused = check_percentages(minimum, maximum, count);
                assert_eq!(
                    refused,
                    Err(PercentError::Contradiction { minimum, maximum })
                );
            }
        }
    }
}
