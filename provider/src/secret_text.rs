//! Text that contains key material.
//!
//! The text is wiped when dropped, and cannot be printed, cloned, or compared. Do not implement `Debug`, `Display` or
//! `Serialize`: callers must access the content through [`SecretText::expose`], so a search for this function finds all
//! uses.

use std::str::Chars;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use zeroize::Zeroizing;

/// Text that is wiped from memory when dropped and does not implement `Debug`.
pub struct SecretText(Zeroizing<String>);

impl SecretText {
    /// Returns the content. Every caller handles key material.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for SecretText {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

impl From<Zeroizing<String>> for SecretText {
    fn from(text: Zeroizing<String>) -> Self {
        Self(text)
    }
}

impl<'de> Deserialize<'de> for SecretText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // The parser would copy a string with escape sequences to a buffer that is not wiped.
        let raw = <&RawValue>::deserialize(deserializer)?;
        let text = unescaped(raw.get()).ok_or_else(|| D::Error::custom("not a string"))?;
        Ok(Self(text))
    }
}

/// Returns the content of a JSON string (RFC 8259 section 7) in one buffer. An escape sequence is longer than the character that it
/// stands for, so the buffer is never reallocated. Returns `None` for other values.
fn unescaped(json: &str) -> Option<Zeroizing<String>> {
    let inner = json.strip_prefix('"')?.strip_suffix('"')?;
    let mut text = Zeroizing::new(String::with_capacity(json.len()));
    let mut rest = inner.chars();
    while let Some(sign) = rest.next() {
        text.push(match sign {
            '\\' => escaped(&mut rest)?,
            other => other,
        });
    }
    Some(text)
}

/// Reads the part of an escape sequence after the backslash.
fn escaped(rest: &mut Chars<'_>) -> Option<char> {
    Some(match rest.next()? {
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'u' => {
            let first = code_unit(rest)?;
            let unit = match first {
                // A surrogate pair stands for one character.
                0xd800..=0xdbff if rest.next() == Some('\\') && rest.next() == Some('u') => {
                    return char::decode_utf16([first, code_unit(rest)?]).next()?.ok();
                }
                unit => unit,
            };
            char::from_u32(unit.into())?
        }
        other => other,
    })
}

fn code_unit(rest: &mut Chars<'_>) -> Option<u16> {
    let mut digits = std::iter::repeat_with(|| rest.next()?.to_digit(16)).take(4);
    let unit = digits.try_fold(0, |unit, digit| Some(unit << 4 | digit?))?;
    u16::try_from(unit).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_secret_is_read_without_a_copy_in_the_parser() {
        let json = r#""-----BEGIN\n\u00e9\ud83d\ude00\\\"\/\b\f\r\t""#;
        let expected: String = serde_json::from_str(json).unwrap();
        let text: SecretText = serde_json::from_str(json).unwrap();
        assert_eq!(text.expose(), expected);
        // No reallocation has left a part of the text in freed memory.
        assert_eq!(text.0.capacity(), json.len());
        // A reader cannot lend its input, so the parser would have to copy it.
        assert!(serde_json::from_reader::<_, SecretText>(json.as_bytes()).is_err());
        for other in ["null", "1", "{}", "[\"a\"]", r#""\ud800""#] {
            assert!(
                serde_json::from_str::<SecretText>(other).is_err(),
                "{other}"
            );
        }
    }

    proptest! {
        #[test]
        fn every_text_is_read_back(text in any::<String>()) {
            let json = serde_json::to_string(&text).unwrap();
            let read: SecretText = serde_json::from_str(&json).unwrap();
            prop_assert_eq!(read.expose(), &text);
        }
    }
}
