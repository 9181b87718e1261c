//! Times in certificates and revocation lists, with a precision of one second.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::DateTime;
use x509_parser::asn1_rs::{Any, Tag};

use super::der::{self, NotDer};

/// Time as defined in RFC 5280 section 4.1.2.5. Its `Display` implementation uses the RFC 3339 format. The supported years are
/// 0 to 9999, which includes 9999-12-31, the date that indicates no expiration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Time {
    /// Date and clock time in UTC.
    utc: DateTime,
}

const EPOCH: DateTime = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);

impl Time {
    /// Decodes a DER `Time` in the only formats that RFC 5280 section 4.1.2.5 allows: UTCTime `YYMMDDHHMMSSZ` and GeneralizedTime
    /// `YYYYMMDDHHMMSSZ`.
    pub(super) fn from_der(octets: &[u8]) -> Result<Self, NotDer> {
        Self::of(&der::only(octets)?)
    }

    /// Decodes a `Time`.
    pub(super) fn of(element: &Any<'_>) -> Result<Self, NotDer> {
        let (year, rest) = if element.tag() == Tag::UtcTime {
            let (year, rest) = digits(der::content(element, Tag::UtcTime)?, 2)?;
            (year + if year < 50 { 2000 } else { 1900 }, rest)
        } else {
            digits(der::content(element, Tag::GeneralizedTime)?, 4)?
        };
        let mut fields = [0_i8; 5];
        let mut rest = rest;
        for field in &mut fields {
            let (number, after) = digits(rest, 2)?;
            *field = i8::try_from(number).map_err(|_| NotDer)?;
            rest = after;
        }
        let [month, day, hour, minute, second] = fields;
        match (
            DateTime::new(year, month, day, hour, minute, second, 0),
            rest,
        ) {
            (Ok(utc), b"Z") => Ok(Self { utc }),
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
        i128::from(self.seconds()) * 1_000_000_000
    }

    /// Returns the seconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub fn seconds(&self) -> i64 {
        self.utc.duration_since(EPOCH).as_secs()
    }
}

/// Reads a decimal number with a fixed number of digits. Also returns the rest of the octets.
fn digits(octets: &[u8], count: usize) -> Result<(i16, &[u8]), NotDer> {
    let (number, rest) = octets.split_at_checked(count).ok_or(NotDer)?;
    let mut value = 0;
    for digit in number {
        if !digit.is_ascii_digit() {
            return Err(NotDer);
        }
        value = value * 10 + i16::from(digit - b'0');
    }
    Ok((value, rest))
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}Z", self.utc)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const UTC: u8 = 0x17;
    const GENERALIZED: u8 = 0x18;

    /// Encodings, and the times and formats that RFC 5280 section 4.1.2.5 defines for them.
    const TIMES: &[(u8, &str, Option<&str>)] = &[
        (UTC, "260101120000Z", Some("2026-01-01T12:00:00Z")),
        (UTC, "491231235959Z", Some("2049-12-31T23:59:59Z")),
        (UTC, "500101000000Z", Some("1950-01-01T00:00:00Z")),
        (GENERALIZED, "20500101000000Z", Some("2050-01-01T00:00:00Z")),
        (GENERALIZED, "99991231235959Z", Some("9999-12-31T23:59:59Z")),
        (UTC, "260101120000+0530", None),
        (UTC, "2601011200Z", None),
        (UTC, "260101120000", None),
        (UTC, "260101120000Z ", None),
        (UTC, "20260101120000Z", None),
        (UTC, "26010112000 Z", None),
        (UTC, "260230120000Z", None),
        (UTC, "261301120000Z", None),
        (UTC, "260101246000Z", None),
        (GENERALIZED, "20300101120000.5Z", None),
        (GENERALIZED, "203001011200Z", None),
        (GENERALIZED, "20300101120000+0100", None),
        (GENERALIZED, "300101120000Z", None),
        (0x97, "260101120000Z", None),
        (0x37, "260101120000Z", None),
        (0x13, "260101120000Z", None),
    ];

    #[test]
    fn times_have_seconds_and_no_offset() {
        for (tag, text, expected) in TIMES {
            let length = u8::try_from(text.len()).expect("short");
            let der = [&[*tag, length], text.as_bytes()].concat();
            let found = Time::from_der(&der).ok().map(|time| time.to_string());
            assert_eq!(found.as_deref(), *expected, "{tag:#x} {text}");
        }
    }

    #[test]
    fn seconds_are_counted_from_the_epoch() {
        // `date -u -d 9999-12-31T23:59:59Z +%s` and `date -u -d 1950-01-01 +%s`.
        for (text, expected) in [
            ("99991231235959Z", 253_402_300_799),
            ("19500101000000Z", -631_152_000),
        ] {
            let der = [&[GENERALIZED, 15], text.as_bytes()].concat();
            let found = Time::from_der(&der).map(|time| time.seconds());
            assert_eq!(found, Ok(expected), "{text}");
        }
    }
}
