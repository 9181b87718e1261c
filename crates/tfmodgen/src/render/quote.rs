//! Texts between quotes. The one place where a text becomes source, so that none becomes code.

use std::fmt::Write as _;

/// A text as a quoted string of the language, of which it is the value.
pub(super) fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    push_escaped(&mut quoted, text);
    quoted.push('"');
    quoted
}

/// Adds a text to the inside of a quoted string.
///
/// Every `${` and every `%{` gets its sign doubled, whatever stands before: `$${` in a text is written `$$${`, which
/// the language reads as an escaped marker after a plain sign.
pub(super) fn push_escaped(quoted: &mut String, text: &str) {
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\\' => quoted.push_str("\\\\"),
            '"' => quoted.push_str("\\\""),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '$' | '%' if characters.peek() == Some(&'{') => {
                quoted.push(character);
                quoted.push(character);
            }
            _ if needs_code(character) => {
                // Writing into a string cannot fail.
                let _ = match u32::from(character) {
                    code @ ..=0xffff => write!(quoted, "\\u{code:04x}"),
                    code => write!(quoted, "\\U{code:08x}"),
                };
            }
            _ => quoted.push(character),
        }
    }
}

/// Characters that a reader would not see, or that a tool would take for a line end.
fn needs_code(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}')
}
