//! Conversion of numbers between the SDK, which uses signed integers, and the domain.

/// Converts a count from the API. Counts are never negative, although the API type is signed.
pub(super) fn count(number: i32) -> u32 {
    u32::try_from(number).unwrap_or_default()
}

/// Converts a number for the API. Validation keeps all numbers far below the limit of the API type.
pub(super) fn number(count: u32) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}
