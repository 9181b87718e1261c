//! Validity period of a certificate: the configured term, the resulting instants, and the status at a point in time.
//!
//! Instants have a precision of one second, as in certificates. This module does not read a clock; the caller passes
//! `now`.
//!
//! `notBefore` precedes the issuance by a margin because clocks of verifying systems are not exact. Without the margin,
//! a system with a clock that is a few seconds slow would reject a new certificate. The margin does not affect
//! `notAfter`.

use jiff::{SignedDuration, Timestamp};

/// Maximum validity period of a root: 25 years of 365 days.
pub const MAX_VALIDITY_DAYS: i64 = 9125;

/// Maximum time between `notBefore` and the issuance: 24 hours.
pub const MAX_NOT_BEFORE_MARGIN_MINUTES: i64 = 1440;

/// Maximum validity period in hours.
const MAX_HOURS: i64 = MAX_VALIDITY_DAYS * 24;

const SECONDS_PER_DAY: i64 = 86_400;
const SECONDS_PER_HOUR: i64 = 3600;
const SECONDS_PER_MINUTE: i64 = 60;
const MAX_SECONDS: i64 =
    MAX_VALIDITY_DAYS * SECONDS_PER_DAY + MAX_NOT_BEFORE_MARGIN_MINUTES * SECONDS_PER_MINUTE;

/// Validity period that a configuration specifies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Term {
    /// End of the validity period.
    pub end: End,
    /// Minutes between the beginning of the validity period and the issuance.
    pub not_before_margin_minutes: i64,
}

/// Configured end of a validity period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Number of days (86,400 seconds each) after the issuance.
    Days(i64),
    /// Number of hours after the issuance. Only certificates of end entities have such short validity periods.
    Hours(i64),
    /// A fixed instant.
    At(Timestamp),
}

/// Status of a validity period at a point in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValidityStatus {
    /// More than a tenth of the validity period remains.
    Valid,
    /// At most a tenth of the validity period remains.
    Expiring,
    /// The end has passed.
    Expired,
}

impl ValidityStatus {
    /// Returns the attribute value that represents the status.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Expiring => "expiring",
            Self::Expired => "expired",
        }
    }
}

/// First and last instants at which a certificate is valid (RFC 5280 section 4.1.2.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    not_before: Timestamp,
    not_after: Timestamp,
}

/// Reason why a validity period is not allowed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ValidityError {
    /// The number of days is out of range.
    #[error("the validity period must be between 1 and {MAX_VALIDITY_DAYS} days, but is {0} days")]
    Days(i64),
    /// The number of hours is out of range.
    #[error("the validity period must be between 1 and {MAX_HOURS} hours, but is {0} hours")]
    Hours(i64),
    /// The margin before the issuance is out of range.
    #[error(
        "the margin before the issuance must be between 0 and {MAX_NOT_BEFORE_MARGIN_MINUTES} minutes, but is {0} minutes"
    )]
    Margin(i64),
    /// The end is not later than the beginning.
    #[error("the end of the validity period, {end}, is not later than {start}")]
    Ends {
        /// Beginning of the validity period, or the time of issuance.
        start: Timestamp,
        /// End of the validity period.
        end: Timestamp,
    },
    /// The end is too far in the future.
    #[error(
        "the end of the validity period, {end}, is more than {MAX_VALIDITY_DAYS} days after {start}"
    )]
    TooLong {
        /// Beginning of the validity period, or the time of issuance.
        start: Timestamp,
        /// End of the validity period.
        end: Timestamp,
    },
    /// A certificate cannot represent fractions of a second.
    #[error("{0} has a fraction of a second, which a certificate cannot represent")]
    Fraction(Timestamp),
    /// The validity period exceeds the supported time range.
    #[error("a validity period that starts at {now} exceeds the supported time range")]
    Calendar {
        /// Time of issuance.
        now: Timestamp,
    },
}

impl Term {
    /// Returns the validity period of a certificate that is issued at `now`.
    ///
    /// # Errors
    /// Returns an error if the term is out of range or its end has passed.
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
            End::Hours(hours) if !(1..=MAX_HOURS).contains(&hours) => {
                return Err(ValidityError::Hours(hours));
            }
            End::Hours(hours) => after(issued, hours * SECONDS_PER_HOUR)?,
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

    /// Returns whether a validity period matches the configured term, regardless of the time of issuance.
    pub fn is_met_by(self, validity: &Validity) -> bool {
        match (self.end, self.end.seconds_after_issuance()) {
            (End::At(end), _) => validity.not_after == end,
            (_, Some(term)) => validity.seconds() == term.saturating_add(self.margin_seconds()),
            (_, None) => false,
        }
    }

    /// Returns the margin in seconds. A margin out of range is limited to the range of the type.
    pub(super) fn margin_seconds(self) -> i64 {
        self.not_before_margin_minutes
            .saturating_mul(SECONDS_PER_MINUTE)
    }
}

impl End {
    /// Returns the time from the issuance to the end in seconds, or `None` if the end is fixed. A number out of range is
    /// limited to the range of the type.
    pub(super) fn seconds_after_issuance(self) -> Option<i64> {
        match self {
            Self::Days(days) => Some(days.saturating_mul(SECONDS_PER_DAY)),
            Self::Hours(hours) => Some(hours.saturating_mul(SECONDS_PER_HOUR)),
            Self::At(_) => None,
        }
    }
}

impl Validity {
    /// Returns the validity period between two instants.
    ///
    /// # Errors
    /// Returns an error if the end is not later than the beginning, the end is too far in the future, or an instant has
    /// a fraction of a second.
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

    /// Returns the first instant at which the certificate is valid.
    pub fn not_before(&self) -> Timestamp {
        self.not_before
    }

    /// Returns the last instant at which the certificate is valid.
    pub fn not_after(&self) -> Timestamp {
        self.not_after
    }

    /// Splits the length of the validity period into whole days and remaining minutes. If the configuration specifies a
    /// number of days, the remaining minutes are the margin. Returns `None` if the length is shorter than a day or is
    /// not a whole number of minutes.
    pub fn days_and_minutes(&self) -> Option<(i64, i64)> {
        let (days, rest) = (
            self.seconds() / SECONDS_PER_DAY,
            self.seconds() % SECONDS_PER_DAY,
        );
        (days > 0 && rest % SECONDS_PER_MINUTE == 0).then_some((days, rest / SECONDS_PER_MINUTE))
    }

    /// Returns the status at `now`.
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

    pub(super) fn seconds(&self) -> i64 {
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
    fn days_count_from_the_whole_second_of_issuance_and_the_margin_precedes_the_issuance() {
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
    fn days_and_margin_are_derived_from_the_length() {
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
    fn a_fixed_end_matches_regardless_of_the_time_of_issuance() {
        let end = at("2036-01-01T01:00:00+01:00");
        let until = term(End::At(end), 60);
        let validity = until.from(at("2026-11-20T12:00:00Z")).unwrap();
        assert_eq!(validity.not_before().to_string(), "2026-11-20T11:00:00Z");
        assert_eq!(validity.not_after().to_string(), "2036-01-01T00:00:00Z");
        assert!(until.is_met_by(&validity) && term(End::At(end), 0).is_met_by(&validity));
        assert!(!term(End::At(at("2036-01-01T00:00:01Z")), 60).is_met_by(&validity));
    }

    #[test]
    fn terms_out_of_range_are_rejected() {
        let now = at("2026-11-20T12:00:00Z");
        for days in [i64::MIN, -1, 0, 9126, i64::MAX] {
            assert_eq!(
                term(End::Days(days), 60).from(now),
                Err(ValidityError::Days(days))
            );
        }
        for hours in [i64::MIN, 0, 219_001, i64::MAX] {
            assert_eq!(
                term(End::Hours(hours), 60).from(now),
                Err(ValidityError::Hours(hours))
            );
        }
        let hour = term(End::Hours(1), 5).from(now).unwrap();
        assert_eq!(
            (hour.not_before(), hour.not_after()),
            (at("2026-11-20T11:55:00Z"), at("2026-11-20T13:00:00Z"))
        );
        assert!(term(End::Hours(1), 5).is_met_by(&hour));
        assert!(!term(End::Hours(2), 5).is_met_by(&hour));
        for days in [1, 9125] {
            assert!(term(End::Days(days), 1440).from(now).is_ok(), "{days}");
        }
        for margin in [i64::MIN, -1, 1441, i64::MAX] {
            assert_eq!(
                term(End::Days(1), margin).from(now),
                Err(ValidityError::Margin(margin))
            );
        }
        // The margin permits neither an end in the past nor an end that is too far in the future.
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
    fn validity_is_limited_to_the_maximum_term_and_margin() {
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
    fn status_is_expiring_in_the_last_tenth_and_expired_after_the_end() {
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
