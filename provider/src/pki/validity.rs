//! How long a certificate is valid: what a configuration asks for, and the two instants that come of it.
//!
//! Instants have whole seconds, as certificates do. This module reads no clock; `now` is always handed in.

use jiff::{SignedDuration, Timestamp};

/// The longest a root may be valid: 25 years of 365 days.
pub const MAX_VALIDITY_DAYS: i64 = 9125;

const SECONDS_PER_DAY: i64 = 86_400;

/// The validity that a configuration asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Term {
    /// So many days of 86 400 seconds from the moment of issue.
    Days(i64),
    /// From the moment of issue to this instant.
    Until(Timestamp),
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
    /// The end is not after the beginning.
    #[error("the end of validity, {not_after}, is not after its beginning, {not_before}")]
    Ends {
        /// Beginning.
        not_before: Timestamp,
        /// End.
        not_after: Timestamp,
    },
    /// The end is too far away.
    #[error(
        "the end of validity, {not_after}, is more than {MAX_VALIDITY_DAYS} days after its beginning, {not_before}"
    )]
    TooLong {
        /// Beginning.
        not_before: Timestamp,
        /// End.
        not_after: Timestamp,
    },
    /// A certificate cannot express fractions of a second.
    #[error("{0} has a fraction of a second, which a certificate cannot express")]
    Fraction(Timestamp),
    /// The clock shows a time that cannot be added to.
    #[error("the validity of {days} days from {now} ends outside the calendar")]
    Calendar {
        /// The instant that was to be the beginning.
        now: Timestamp,
        /// Days asked for.
        days: i64,
    },
}

impl Term {
    /// The validity of a certificate that is issued at `now`.
    ///
    /// # Errors
    /// When the term is out of range or already over.
    pub fn from(self, now: Timestamp) -> Result<Validity, ValidityError> {
        let not_before = Timestamp::from_second(now.as_second())
            .map_err(|_| ValidityError::Calendar { now, days: 0 })?;
        match self {
            Self::Days(days) if !(1..=MAX_VALIDITY_DAYS).contains(&days) => {
                Err(ValidityError::Days(days))
            }
            Self::Days(days) => {
                let not_after = not_before
                    .checked_add(SignedDuration::from_secs(days * SECONDS_PER_DAY))
                    .map_err(|_| ValidityError::Calendar { now, days })?;
                Validity::new(not_before, not_after)
            }
            Self::Until(not_after) => Validity::new(not_before, not_after),
        }
    }

    /// Whether a certificate with this validity is what the configuration asks for, whenever it was issued.
    pub fn is_met_by(self, validity: &Validity) -> bool {
        match self {
            Self::Days(days) => validity.seconds() == days.saturating_mul(SECONDS_PER_DAY),
            Self::Until(not_after) => validity.not_after == not_after,
        }
    }
}

impl Validity {
    /// Makes a validity of two instants.
    ///
    /// # Errors
    /// When the end is not after the beginning, is too far away, or either has a fraction of a second.
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
        match validity.seconds() {
            ..=0 => Err(ValidityError::Ends {
                not_before,
                not_after,
            }),
            seconds if seconds > MAX_VALIDITY_DAYS * SECONDS_PER_DAY => {
                Err(ValidityError::TooLong {
                    not_before,
                    not_after,
                })
            }
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

    /// The length in days, when it is a whole number of them.
    pub fn whole_days(&self) -> Option<i64> {
        (self.seconds() % SECONDS_PER_DAY == 0).then_some(self.seconds() / SECONDS_PER_DAY)
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

    #[test]
    fn days_are_counted_from_the_whole_second() {
        let validity = Term::Days(3650)
            .from(at("2026-11-20T12:00:00.75Z"))
            .unwrap();
        assert_eq!(validity.not_before(), at("2026-11-20T12:00:00Z"));
        assert_eq!(validity.not_after(), at("2036-11-17T12:00:00Z"));
        assert_eq!(validity.whole_days(), Some(3650));
        assert!(Term::Days(3650).is_met_by(&validity) && !Term::Days(3651).is_met_by(&validity));
    }

    #[test]
    fn an_end_is_met_whenever_the_certificate_was_issued() {
        let end = at("2036-01-01T01:00:00+01:00");
        let validity = Term::Until(end).from(at("2026-11-20T12:00:00Z")).unwrap();
        assert_eq!(validity.not_after().to_string(), "2036-01-01T00:00:00Z");
        assert!(Term::Until(end).is_met_by(&validity));
        assert_eq!(validity.whole_days(), None);
    }

    #[test]
    fn terms_out_of_range_are_refused() {
        let now = at("2026-11-20T12:00:00Z");
        for days in [i64::MIN, -1, 0, 9126, i64::MAX] {
            assert_eq!(Term::Days(days).from(now), Err(ValidityError::Days(days)));
        }
        assert!(Term::Days(1).from(now).is_ok() && Term::Days(9125).from(now).is_ok());
        assert!(matches!(
            Term::Until(now).from(now),
            Err(ValidityError::Ends { .. })
        ));
        assert!(matches!(
            Term::Until(at("2051-11-20T12:00:00Z")).from(now),
            Err(ValidityError::TooLong { .. })
        ));
        assert!(matches!(
            Term::Until(at("2027-01-01T00:00:00.5Z")).from(now),
            Err(ValidityError::Fraction(_))
        ));
    }
}
