//! Validity of a certificate: the configured term, the two instants it gives, and how close the end is.
//!
//! Instants have whole seconds, as certificates do. This module reads no clock; `now` is always handed in.
//!
//! `notBefore` is earlier than the moment of issue by a margin, because the clocks of the systems that verify are not
//! exact: without it a system whose clock is a few seconds behind rejects a new certificate. `notAfter` does not move
//! with it.

use jiff::{SignedDuration, Timestamp};

/// The longest a root may be valid: 25 years of 365 days.
pub const MAX_VALIDITY_DAYS: i64 = 9125;

/// The longest time by which `notBefore` may be earlier than the moment of issue: 24 hours.
pub const MAX_NOT_BEFORE_MARGIN_MINUTES: i64 = 1440;

const SECONDS_PER_DAY: i64 = 86_400;
const SECONDS_PER_MINUTE: i64 = 60;
const MAX_SECONDS: i64 =
    MAX_VALIDITY_DAYS * SECONDS_PER_DAY + MAX_NOT_BEFORE_MARGIN_MINUTES * SECONDS_PER_MINUTE;

/// The validity that a configuration specifies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Term {
    /// When the validity ends.
    pub end: End,
    /// Minutes by which the validity begins before the moment of issue.
    pub not_before_margin_minutes: i64,
}

/// The configured end of a validity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// So many days of 86 400 seconds after the moment of issue.
    Days(i64),
    /// This instant.
    At(Timestamp),
}

/// How close the end of a validity is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValidityStatus {
    /// More than a tenth of the validity is left.
    Valid,
    /// At most a tenth of the validity is left.
    Expiring,
    /// The end has passed.
    Expired,
}

impl ValidityStatus {
    /// The status as an attribute has it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Expiring => "expiring",
            Self::Expired => "expired",
        }
    }
}

/// The instants between which a certificate is valid, both included (RFC 5280 section 4.1.2.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    not_before: Timestamp,
    not_after: Timestamp,
}

/// A validity that no certificate may have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ValidityError {
    /// The number of days is out of range.
    #[error("a root is valid for 1 to {MAX_VALIDITY_DAYS} days, not for {0}")]
    Days(i64),
    /// The margin before the moment of issue is out of range.
    #[error("the margin of the beginning is 0 to {MAX_NOT_BEFORE_MARGIN_MINUTES} minutes, not {0}")]
    Margin(i64),
    /// The end is not after the beginning.
    #[error("the end of validity, {end}, is not after {start}")]
    Ends {
        /// Beginning of the validity, or the moment of issue.
        start: Timestamp,
        /// End.
        end: Timestamp,
    },
    /// The end is too far away.
    #[error("the end of validity, {end}, is more than {MAX_VALIDITY_DAYS} days after {start}")]
    TooLong {
        /// Beginning of the validity, or the moment of issue.
        start: Timestamp,
        /// End.
        end: Timestamp,
    },
    /// A certificate cannot express fractions of a second.
    #[error("{0} has a fraction of a second, which a certificate cannot express")]
    Fraction(Timestamp),
    /// The clock shows a time that cannot be added to.
    #[error("a validity that is counted from {now} is outside the calendar")]
    Calendar {
        /// The moment of issue.
        now: Timestamp,
    },
}

impl Term {
    /// Returns the validity of a certificate that is issued at `now`.
    ///
    /// # Errors
    /// The term is out of range or already over.
    pub fn from(self, now: Timestamp) -> Result<Validity, ValidityError> {
        let outside = |_| ValidityError::Calendar { now };
        let after = |start: Timestamp, seconds: i64| {
            start
                .checked_add(SignedDuration::from_secs(seconds))
                .map_err(outside)
        };
        let margin = self.not_before_margin_minutes;
        if !(0..=MAX_NOT_BEFORE_MARGIN_MINUTES).contains(&margin) {
            return Err(ValidityError::Margin(margin));
        }
        let issued = Timestamp::from_second(now.as_second()).map_err(outside)?;
        let end = match self.end {
            End::Days(days) if !(1..=MAX_VALIDITY_DAYS).contains(&days) => {
                return Err(ValidityError::Days(days));
            }
            End::Days(days) => after(issued, days * SECONDS_PER_DAY)?,
            End::At(end) => end,
        };
        match end.as_second() - issued.as_second() {
            ..=0 => return Err(ValidityError::Ends { start: issued, end }),
            seconds if seconds > MAX_VALIDITY_DAYS * SECONDS_PER_DAY => {
                return Err(ValidityError::TooLong { start: issued, end });
            }
            _ => {}
        }
        Validity::new(after(issued, -margin * SECONDS_PER_MINUTE)?, end)
    }

    /// Returns whether a certificate with this validity is what the configuration specifies, whenever it was issued.
    pub fn is_met_by(self, validity: &Validity) -> bool {
        let margin = self
            .not_before_margin_minutes
            .saturating_mul(SECONDS_PER_MINUTE);
        match self.end {
            End::Days(days) => {
                validity.seconds() == days.saturating_mul(SECONDS_PER_DAY).saturating_add(margin)
            }
            End::At(end) => validity.not_after == end,
        }
    }
}

impl Validity {
    /// Makes a validity of two instants.
    ///
    /// # Errors
    /// The end is not after the beginning or is too far away, or one of them has a fraction of a second.
    pub fn new(not_before: Timestamp, not_after: Timestamp) -> Result<Self, ValidityError> {
        for instant in [not_before, not_after] {
            if instant.subsec_nanosecond() != 0 {
                return Err(ValidityError::Fraction(instant));
            }
        }
        let validity = Self {
            not_before,
            not_after,
        };
        let (start, end) = (not_before, not_after);
        match validity.seconds() {
            ..=0 => Err(ValidityError::Ends { start, end }),
            seconds if seconds > MAX_SECONDS => Err(ValidityError::TooLong { start, end }),
            _ => Ok(validity),
        }
    }

    /// The first instant at which the certificate is valid.
    pub fn not_before(&self) -> Timestamp {
        self.not_before
    }

    /// The last instant at which the certificate is valid.
    pub fn not_after(&self) -> Timestamp {
        self.not_after
    }

    /// Returns the whole days of the validity and the minutes that are left over, which are the margin of its
    /// beginning where both were configured so; `None` where the length is not a number of days and whole minutes.
    pub fn days_and_minutes(&self) -> Option<(i64, i64)> {
        let (days, rest) = (
            self.seconds() / SECONDS_PER_DAY,
            self.seconds() % SECONDS_PER_DAY,
        );
        (days > 0 && rest % SECONDS_PER_MINUTE == 0).then_some((days, rest / SECONDS_PER_MINUTE))
    }

    /// Returns how close the end is at `now`.
    pub fn status_at(&self, now: Timestamp) -> ValidityStatus {
        let left = self.not_after.as_second() - now.as_second();
        if now > self.not_after {
            ValidityStatus::Expired
        } else if left * 10 <= self.seconds() {
            ValidityStatus::Expiring
        } else {
            ValidityStatus::Valid
        }
    }

    fn seconds(&self) -> i64 {
        self.not_after.as_second() - self.not_before.as_second()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn term(end: End, not_before_margin_minutes: i64) -> Term {
        Term {
            end,
            not_before_margin_minutes,
        }
    }

    #[test]
    fn days_are_counted_from_the_whole_second_of_issue_and_the_beginning_is_earlier() {
        let days = |margin| term(End::Days(3650), margin);
        let now = at("2026-11-20T12:00:00.75Z");
        for (margin, not_before) in [
            (0, "2026-11-20T12:00:00Z"),
            (60, "2026-11-20T11:00:00Z"),
            (1440, "2026-11-19T12:00:00Z"),
        ] {
            let validity = days(margin).from(now).unwrap();
            assert_eq!(validity.not_before(), at(not_before));
            assert_eq!(validity.not_after(), at("2036-11-17T12:00:00Z"));
            assert!(days(margin).is_met_by(&validity));
            assert!(!days(margin + 1).is_met_by(&validity));
            assert!(!term(End::Days(3651), margin).is_met_by(&validity));
            assert!(!term(End::Days(3649), margin).is_met_by(&validity));
        }
    }

    #[test]
    fn days_and_margin_are_told_apart_by_the_length() {
        let length = |end, margin| {
            let validity = term(end, margin).from(at("2026-11-20T12:00:00Z")).unwrap();
            validity.days_and_minutes()
        };
        assert_eq!(length(End::Days(3650), 60), Some((3650, 60)));
        assert_eq!(length(End::Days(1), 0), Some((1, 0)));
        assert_eq!(length(End::Days(1), 1439), Some((1, 1439)));
        assert_eq!(length(End::At(at("2030-01-01T00:00:30Z")), 60), None);
        assert_eq!(length(End::At(at("2026-11-20T13:00:00Z")), 0), None);
    }

    #[test]
    fn an_end_is_met_whenever_the_certificate_was_issued() {
        let end = at("2036-01-01T01:00:00+01:00");
        let until = term(End::At(end), 60);
        let validity = until.from(at("2026-11-20T12:00:00Z")).unwrap();
        assert_eq!(validity.not_before().to_string(), "2026-11-20T11:00:00Z");
        assert_eq!(validity.not_after().to_string(), "2036-01-01T00:00:00Z");
        assert!(until.is_met_by(&validity) && term(End::At(end), 0).is_met_by(&validity));
        assert!(!term(End::At(at("2036-01-01T00:00:01Z")), 60).is_met_by(&validity));
    }

    #[test]
    fn terms_out_of_range_are_refused() {
        let now = at("2026-11-20T12:00:00Z");
        for days in [i64::MIN, -1, 0, 9126, i64::MAX] {
            assert_eq!(
                term(End::Days(days), 60).from(now),
                Err(ValidityError::Days(days))
            );
        }
        for days in [1, 9125] {
            assert!(term(End::Days(days), 1440).from(now).is_ok(), "{days}");
        }
        for margin in [i64::MIN, -1, 1441, i64::MAX] {
            assert_eq!(
                term(End::Days(1), margin).from(now),
                Err(ValidityError::Margin(margin))
            );
        }
        // The margin does not make an end acceptable that has passed, or one that is too far away.
        let until = |text: &str| term(End::At(at(text)), 60).from(now);
        assert!(matches!(
            until("2026-11-20T12:00:00Z"),
            Err(ValidityError::Ends { start, .. }) if start == now
        ));
        assert!(until("2026-11-20T12:00:01Z").is_ok());
        assert!(until("2051-11-14T12:00:00Z").is_ok());
        assert!(matches!(
            until("2051-11-14T12:00:01Z"),
            Err(ValidityError::TooLong { start, .. }) if start == now
        ));
        assert!(matches!(
            until("2027-01-01T00:00:00.5Z"),
            Err(ValidityError::Fraction(_))
        ));
        let first = Timestamp::MIN;
        assert_eq!(
            term(End::Days(1), 60).from(first),
            Err(ValidityError::Calendar { now: first })
        );
    }

    #[test]
    fn two_instants_are_a_validity_of_at_most_the_longest_term_and_margin() {
        let start = at("2026-11-20T12:00:00Z");
        let lasting = |seconds| Validity::new(start, start + SignedDuration::from_secs(seconds));
        assert!(matches!(lasting(0), Err(ValidityError::Ends { .. })));
        assert!(lasting(1).is_ok() && lasting(9126 * 86_400).is_ok());
        assert!(matches!(
            lasting(9126 * 86_400 + 1),
            Err(ValidityError::TooLong { .. })
        ));
    }

    #[test]
    fn the_last_tenth_of_a_validity_is_expiring_and_its_last_second_is_valid() {
        let validity =
            Validity::new(at("2026-01-01T00:00:00Z"), at("2026-01-11T00:00:00Z")).unwrap();
        for (now, expected) in [
            ("2025-12-31T00:00:00Z", ValidityStatus::Valid),
            ("2026-01-09T23:59:59Z", ValidityStatus::Valid),
            ("2026-01-10T00:00:00Z", ValidityStatus::Expiring),
            ("2026-01-11T00:00:00Z", ValidityStatus::Expiring),
            ("2026-01-11T00:00:01Z", ValidityStatus::Expired),
        ] {
            assert_eq!(validity.status_at(at(now)), expected, "{now}");
        }
        assert_eq!(
            [
                ValidityStatus::Valid,
                ValidityStatus::Expiring,
                ValidityStatus::Expired
            ]
            .map(ValidityStatus::name),
            ["valid", "expiring", "expired"]
        );
    }
}
