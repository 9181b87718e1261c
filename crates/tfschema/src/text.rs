//! Strings in Unicode normalization form C, the form in which the command lines compare and store them.

use std::fmt;
use std::ops::Deref;

use unicode_normalization::{UnicodeNormalization, is_nfc};

/// A string in Unicode normalization form C (NFC).
///
/// Both command lines normalize every string. Without normalization, a provider would report a difference between `é` as one
/// code point and as two.
///
/// ```
/// use tfschema::Text;
/// assert_eq!(Text::from("e\u{301}"), Text::from("\u{e9}"));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text(String);

impl Text {
    /// Returns the text as a string slice.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Converts the text to an owned string.
    pub fn into_string(self) -> String {
        self.0
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        // ASCII is in every normalization form, and most texts are ASCII.
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
