//! Conversion of numbers between the signed integers of the SDK and the types of this crate.

/// Converts a count from the API. Counts are never negative, although the API type is signed.
pub(super) fn count(number: i32) -> u32 {
    u32::try_from(number).unwrap_or_default()
}

/// Converts a number to the API type. Validation keeps all numbers far below the limit of that type.
pub(super) fn number(count: u32) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}
