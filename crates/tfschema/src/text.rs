//! Strings in Unicode normalisation form C, which is how the command lines compare and store them.

use std::fmt;
use std::ops::Deref;

use unicode_normalization::{UnicodeNormalization, is_nfc};

/// A string in Unicode normalisation form C (NFC).
///
/// Both command lines normalise every string; a provider that does not would report a difference
/// between `é` written as one code point and as two.
///
/// ```
/// use tfschema::Text;
/// assert_eq!(Text::from("e\u{301}"), Text::from("\u{e9}"));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text(String);

impl Text {
    /// The text as a string slice.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text as an owned string.
    pub fn into_string(self) -> String {
        self.0
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        // ASCII is in every normalisation form, and almost all text is ASCII.
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
