//! Quoted strings. Only this module converts strings to source code, which ensures that no string becomes code.

use std::fmt::Write as _;

/// Returns a string as a quoted string in HCL.
pub(super) fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    push_escaped(&mut quoted, text);
    quoted.push('"');
    quoted
}

/// Escapes a string and appends it to the content of a quoted string.
///
/// The first character of every `${` and `%{` is doubled, regardless of the preceding character. For example, `$${` becomes `$$${`,
/// which the language parses as `$` and an escaped marker.
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

/// Returns whether a character is escaped because it is invisible or could be treated as a line break.
fn needs_code(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}')
}
