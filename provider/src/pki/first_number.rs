//! The first number of a series of published documents, whose numbers must always rise.

use jiff::Timestamp;

/// Returns the number of a document without a predecessor: the time in seconds since 1970, or 1 before that time. If the
/// published documents are lost, the number of their replacement is still higher.
pub(super) fn first_number(now: Timestamp) -> u64 {
    u64::try_from(now.as_second()).unwrap_or(0).max(1)
}
