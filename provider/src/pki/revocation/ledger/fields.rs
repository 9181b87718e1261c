//! Members that all ledger records share, and strict conversion of values.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};

use super::error::LedgerError;
use crate::pki::fingerprint::Sha256Fingerprint;

/// Record version that the provider reads and writes.
pub(super) const VERSION: u64 = 1;

/// Members that all versions have.
#[derive(Deserialize)]
struct Header {
    #[serde(rename = "type")]
    format: String,
    v: u64,
}

/// Reads a record of the specified type.
pub(super) fn read<T: DeserializeOwned>(
    json: &str,
    expected: &'static str,
) -> Result<T, LedgerError> {
    match serde_json::from_str::<Header>(json) {
        Ok(header) if header.format == expected && header.v == VERSION => {}
        Ok(header) if header.format == expected => {
            return Err(LedgerError::UnknownVersion {
                found: header.v,
                newest: VERSION,
            });
        }
        _ => return Err(LedgerError::Foreign { expected }),
    }
    serde_json::from_str(json).map_err(|error| LedgerError::Malformed {
        line: error.line(),
        column: error.column(),
    })
}

/// Reads a member that can be null but not absent.
pub(super) fn nullable<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<String>, D::Error> {
    Option::deserialize(deserializer)
}

/// First year of `UTCTime` (RFC 5280 section 4.1.2.5.1). A revocation list cannot represent an earlier time.
const FIRST_YEAR: i16 = 1950;

/// Reads an instant in the only format that records use: RFC 3339 in UTC with whole seconds. The year is at least 1950.
pub(super) fn instant(member: &'static str, text: &str) -> Result<Timestamp, LedgerError> {
    let instant: Option<Timestamp> = text.parse().ok();
    instant
        .filter(|instant| instant.subsec_nanosecond() == 0 && instant.to_string() == text)
        .filter(|instant| instant.to_zoned(TimeZone::UTC).year() >= FIRST_YEAR)
        .ok_or(LedgerError::Member(member))
}

pub(super) fn hash(member: &'static str, text: &str) -> Result<Sha256Fingerprint, LedgerError> {
    Sha256Fingerprint::from_digits(text).ok_or(LedgerError::Member(member))
}

/// Checks that a value is an ARN with six parts.
pub(super) fn arn(member: &'static str, text: String) -> Result<String, LedgerError> {
    let is_arn = text.starts_with("arn:") && text.split(':').count() >= 6;
    let is_printable = text.bytes().all(|octet| octet.is_ascii_graphic());
    match is_arn && is_printable {
        true => Ok(text),
        false => Err(LedgerError::Member(member)),
    }
}

/// Returns the instant without its fraction of a second, because records have whole seconds.
pub(super) fn whole_seconds(instant: Timestamp) -> Timestamp {
    Timestamp::from_second(instant.as_second()).unwrap_or(instant)
}
