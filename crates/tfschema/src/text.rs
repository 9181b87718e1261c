//! Strings in Unicode normalization form C. Terraform and OpenTofu compare and store strings in this form.

use std::fmt;
use std::ops::Deref;

use unicode_normalization::{UnicodeNormalization, is_nfc};

/// A string in Unicode normalization form C (NFC).
///
/// Terraform and OpenTofu normalize every string. Without normalization, a provider would report a difference between
/// `é` as one code point and `é` as two code points.
///
/// ```
/// use tfschema::Text;
/// assert_eq!(Text::from("e\u{301}"), Text::from("\u{e9}"));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text(String);

impl Text {
    /// Returns this string as a string slice.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Converts this string to an owned string.
    pub fn into_string(self) -> String {
        self.0
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        // ASCII strings are in every normalization form, and most strings are ASCII.
        if text.is_ascii() || is_nfc(&text) {
            Self(text)
        } else {
            Self(text.nfc().collect())
        }
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self::from(text.to_owned())
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
