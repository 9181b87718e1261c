//! Numbers between the SDK, which has signed ones, and the domain.

/// Counts are never negative, though the API's type could be.
pub(super) fn count(number: i32) -> u32 {
    u32::try_from(number).unwrap_or_default()
}

/// Validation keeps all numbers far below the limit of the API's type.
pub(super) fn number(count: u32) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}
