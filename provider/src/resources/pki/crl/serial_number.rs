//! The form of serial numbers in the configuration.
//!
//! These functions are pure.

use crate::pki::SerialNumber;

/// Requirement for a serial number, as the end of a sentence that starts with "must".
pub(super) const SERIAL_NUMBER_RULE: &str = "be a serial number: lowercase hexadecimal digits, two per octet, without leading \
    zero octets";

/// Returns whether a string is the canonical form of a serial number.
#[must_use]
pub(super) fn is_serial_number(text: &str) -> bool {
    let number: Result<SerialNumber, _> = text.parse();
    number.is_ok_and(|number| number.to_string() == text)
}
