//! Checks of the attributes that determine where objects are published.

use crate::aws::objects::{check_bucket_name, check_key};

/// Requirement for a bucket name, as the end of a sentence that starts with "must".
pub const BUCKET_RULE: &str =
    "be the name of a bucket: 3 to 63 lowercase letters, digits, periods, and hyphens";

/// Requirement for an object key, as the end of a sentence that starts with "must".
pub const KEY_RULE: &str = "be an object key: 1 to 1024 octets without a leading slash, a \".\" or \"..\" segment, control \
    characters, or backslashes";

/// Values of `on_destroy`.
pub const ON_DESTROY: [&str; 2] = ["retain", "delete"];

/// Returns whether a string is the name of a bucket.
#[must_use]
pub fn is_bucket(name: &str) -> bool {
    check_bucket_name(name).is_ok()
}

/// Returns whether a string is the key of a published object. Control characters and backslashes are rejected because a
/// URL cannot contain them unencoded.
#[must_use]
pub fn is_key(key: &str) -> bool {
    let is_allowed = |character: char| !character.is_control() && character != '\\';
    check_key(key) && !key.starts_with('/') && key.chars().all(is_allowed)
}

/// Returns whether a string is the ID of an AWS account.
#[must_use]
pub fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|digit| digit.is_ascii_digit())
}
