//! Update times of revocation lists: the time of the next update, and the freshness of a list at a point in time.
//!
//! Instants have a precision of one second, as in lists. This module does not read a clock; the caller passes `now`.

use jiff::{SignedDuration, Timestamp};

use super::list::RevocationList;
use super::succession::CLOCK_TOLERANCE;
use crate::pki::validity::Validity;

/// Maximum time between two updates: one year of 365 days.
pub const MAX_VALIDITY_HOURS: i64 = 8760;

/// Configured validity period of a list, and the time before its end when the list is issued again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schedule {
    validity_hours: i64,
    refresh_before_hours: Option<i64>,
}

/// Reason why a schedule is not allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    /// The validity period is out of range.
    #[error(
        "the validity period must be between 1 and {MAX_VALIDITY_HOURS} hours, but is {0} hours"
    )]
    Validity(i64),
    /// The refresh time is out of range. A list would be due as soon as it is issued.
    #[error(
        "refresh_before_hours must be at least 1 and less than validity_hours ({validity}), but is {refresh_before}"
    )]
    RefreshBefore {
        /// Configured refresh time in hours.
        refresh_before: i64,
        /// Configured validity period in hours.
        validity: i64,
    },
    /// The certificate of the issuer has expired, so verifiers reject all of its lists.
    #[error("the certificate of the issuer expired at {0}")]
    IssuerExpired(Timestamp),
    /// The time of the next update exceeds the supported time range.
    #[error("a revocation list that is issued at {0} exceeds the supported time range")]
    Calendar(Timestamp),
}

/// Freshness of a list at a point in time, from best to worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Freshness {
    /// Less than half of the validity period has passed.
    Fresh,
    /// At least half of the validity period has passed, but the refresh time is not reached. Worth a warning.
    Aging,
    /// The refresh time is reached. The list must be issued again.
    Due,
    /// The time of the next update has passed. Verifiers reject certificates because the list is not current.
    Expired,
}

impl Schedule {
    /// Creates a schedule. Without `refresh_before_hours`, a list is due after half of its validity period.
    ///
    /// # Errors
    /// Returns an error if a number is out of range.
    pub fn new(
        validity_hours: i64,
        refresh_before_hours: Option<i64>,
    ) -> Result<Self, ScheduleError> {
        if !(1..=MAX_VALIDITY_HOURS).contains(&validity_hours) {
            return Err(ScheduleError::Validity(validity_hours));
        }
        match refresh_before_hours {
            Some(refresh_before) if !(1..validity_hours).contains(&refresh_before) => {
                Err(ScheduleError::RefreshBefore {
                    refresh_before,
                    validity: validity_hours,
                })
            }
            _ => Ok(Self {
                validity_hours,
                refresh_before_hours,
            }),
        }
    }

    /// Returns `thisUpdate` and `nextUpdate` of a list that is issued at `now`.
    ///
    /// # Errors
    /// Returns an error if `nextUpdate` exceeds the supported time range.
    pub fn updates(self, now: Timestamp) -> Result<(Timestamp, Timestamp), ScheduleError> {
        let outside = |_| ScheduleError::Calendar(now);
        let this_update = Timestamp::from_second(now.as_second()).map_err(outside)?;
        let validity = SignedDuration::from_hours(self.validity_hours);
        let next_update = this_update.checked_add(validity).map_err(outside)?;
        Ok((this_update, next_update))
    }

    /// Like [`Schedule::updates`], but the list is current only until the certificate of the issuer expires. After that,
    /// verifiers cannot verify its signature.
    ///
    /// # Errors
    /// Returns an error if the certificate of the issuer has expired, or if `nextUpdate` exceeds the supported time range.
    pub fn updates_within(
        self,
        now: Timestamp,
        issuer: &Validity,
    ) -> Result<(Timestamp, Timestamp), ScheduleError> {
        let (this_update, next_update) = self.updates(now)?;
        match expiration(issuer, now) {
            Some(not_after) => Err(ScheduleError::IssuerExpired(not_after)),
            None => Ok((this_update, next_update.min(issuer.not_after()))),
        }
    }

    /// Returns the time when a list is due to be issued again.
    #[must_use]
    pub fn refresh_at(self, list: &RevocationList) -> Timestamp {
        let before = match self.refresh_before_hours {
            Some(hours) => SignedDuration::from_hours(hours),
            None => half(list),
        };
        // A list whose validity period is shorter than the refresh time is due immediately.
        let refresh_at = list.next_update.checked_sub(before);
        refresh_at.unwrap_or(list.this_update).max(list.this_update)
    }

    /// Returns the freshness of a list at `now`. A list that [`is_premature`] is due, because verifiers reject it.
    #[must_use]
    pub fn freshness(self, list: &RevocationList, now: Timestamp) -> Freshness {
        if now > list.next_update {
            Freshness::Expired
        } else if is_premature(list, now) || now >= self.refresh_at(list) {
            Freshness::Due
        } else if list.next_update.duration_since(now) <= half(list) {
            Freshness::Aging
        } else {
            Freshness::Fresh
        }
    }

    /// Like [`Schedule::freshness`], but a list that is current until the certificate of the issuer expires is not due, because no
    /// later list can be current for longer.
    #[must_use]
    pub fn freshness_within(
        self,
        list: &RevocationList,
        issuer: &Validity,
        now: Timestamp,
    ) -> Freshness {
        match self.freshness(list, now) {
            Freshness::Due
                if list.next_update >= issuer.not_after() && !is_premature(list, now) =>
            {
                Freshness::Aging
            }
            other => other,
        }
    }
}

/// Returns the end of the validity period of an issuer, if it has passed at `now`. Verifiers then reject all of its lists.
#[must_use]
pub fn expiration(issuer: &Validity, now: Timestamp) -> Option<Timestamp> {
    let not_after = issuer.not_after();
    (now >= not_after).then_some(not_after)
}

/// Returns whether a list was issued by a clock that is ahead of `now` by more than [`CLOCK_TOLERANCE`]. Verifiers reject the list
/// until its `thisUpdate`, so it must be issued again. The new list has an earlier `thisUpdate`.
#[must_use]
pub fn is_premature(list: &RevocationList, now: Timestamp) -> bool {
    list.this_update.duration_since(now) > CLOCK_TOLERANCE
}

fn half(list: &RevocationList) -> SignedDuration {
    list.next_update.duration_since(list.this_update) / 2
}
