//! Times in certificates and revocation lists, with a precision of one second.

use std::fmt;

use jiff::Timestamp;
use x509_parser::prelude::FromDer;
use x509_parser::time::ASN1Time;

use super::der::NotDer;

/// Time as defined in RFC 5280 section 4.1.2.5. Its `Display` implementation uses the RFC 3339 format. The supported years are
/// 0 to 9999, which includes 9999-12-31, the date that indicates no expiration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Time {
    seconds: i64,
    year: i32,
    month: u8,
    day: u8,
    clock: (u8, u8, u8),
}

impl Time {
    pub(super) fn new(time: ASN1Time) -> Self {
        let date = time.to_datetime();
        Self {
            seconds: time.timestamp(),
            year: date.year(),
            month: u8::from(date.month()),
            day: date.day(),
            clock: (date.hour(), date.minute(), date.second()),
        }
    }

    /// Decodes a DER time.
    pub(super) fn from_der(octets: &[u8]) -> Result<Self, NotDer> {
        match ASN1Time::from_der(octets) {
            Ok(([], time)) => Ok(Self::new(time)),
            _ => Err(NotDer),
        }
    }

    /// Returns whether the time is before `other`.
    #[must_use]
    pub fn is_before(&self, other: Timestamp) -> bool {
        self.nanoseconds() < other.as_nanosecond()
    }

    /// Returns whether the time is after `other`.
    #[must_use]
    pub fn is_after(&self, other: Timestamp) -> bool {
        self.nanoseconds() > other.as_nanosecond()
    }

    fn nanoseconds(&self) -> i128 {
        i128::from(self.seconds) * 1_000_000_000
    }

    /// Returns the seconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn seconds(&self) -> i64 {
        self.seconds
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (hour, minute, second) = self.clock;
        write!(
            f,
            "{:04}-{:02}-{:02}T{hour:02}:{minute:02}:{second:02}Z",
            self.year, self.month, self.day
        )
    }
}
