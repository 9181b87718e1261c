//! Distinguished names from any issuer (RFC 5280 section 4.1.2.4), with all attribute types and string types.

use std::fmt::{self, Write as _};

use x509_parser::asn1_rs::{Any, Tag};

use super::der::{self, NotDer};
use crate::pki::fingerprint::to_hex;
use crate::pki::name::prepared;

/// Attribute types with a short name in RFC 4514 section 3.
const SHORT_NAMES: [(&str, &str); 9] = [
    ("2.5.4.3", "CN"),
    ("2.5.4.7", "L"),
    ("2.5.4.8", "ST"),
    ("2.5.4.10", "O"),
    ("2.5.4.11", "OU"),
    ("2.5.4.6", "C"),
    ("2.5.4.9", "STREET"),
    ("0.9.2342.19200300.100.1.25", "DC"),
    ("0.9.2342.19200300.100.1.1", "UID"),
];

/// Distinguished name. Its `Display` implementation uses the RFC 4514 string format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    rdns: Vec<Vec<Attribute>>,
    /// Attributes of each relative distinguished name in the form that is compared. Sorted, because their order is not
    /// significant.
    compared: Vec<Vec<Compared>>,
    der: Vec<u8>,
}

/// Attribute of a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// Object identifier of the attribute type in dotted notation.
    pub oid: String,
    /// Value as a string, or `None` if the value is not a string.
    text: Option<String>,
    /// Value in DER format.
    der: Vec<u8>,
}

/// Attribute in the form that is compared. Equal forms stand for attributes that match (RFC 5280 section 7.1).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Compared {
    /// Type and prepared string.
    Text(String, String),
    /// Type and DER encoding of a value that is not a string.
    Encoded(String, Vec<u8>),
}

impl Name {
    /// Decodes a DER `Name`.
    pub(super) fn from_der(der: &[u8]) -> Result<Self, NotDer> {
        let rdns = der::sequence(der)?;
        let rdns: Vec<_> = rdns.iter().map(relative_name).collect::<Result<_, _>>()?;
        Ok(Self {
            compared: rdns.iter().map(|rdn| compared(rdn)).collect(),
            rdns,
            der: der.to_vec(),
        })
    }

    /// Returns the DER encoding.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// Returns whether the name has no attributes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rdns.is_empty()
    }

    /// Returns the attributes in encoding order.
    pub fn attributes(&self) -> impl Iterator<Item = &Attribute> {
        self.rdns.iter().flatten()
    }

    /// Returns the value of the last and most specific attribute with this type.
    #[must_use]
    pub fn last(&self, oid: &str) -> Option<String> {
        let of_type = self.attributes().filter(|attribute| attribute.oid == oid);
        of_type.last().map(Attribute::value)
    }

    /// Returns whether two names match according to RFC 5280 section 7.1. The types and their order must be the same. The values
    /// can differ only in string type, case, and white space.
    #[must_use]
    pub fn matches(&self, other: &Self) -> bool {
        self.compared == other.compared
    }

    /// Returns whether the name starts with all relative distinguished names in `base` (RFC 5280 section 4.2.1.10).
    #[must_use]
    pub fn is_within(&self, base: &Self) -> bool {
        self.compared.starts_with(&base.compared)
    }
}

fn compared(rdn: &[Attribute]) -> Vec<Compared> {
    let mut attributes: Vec<Compared> = rdn.iter().map(Attribute::compared).collect();
    attributes.sort_unstable();
    attributes
}

impl Attribute {
    /// Returns the value as a string. For a value that is not a string, returns `#` followed by the DER encoding in hexadecimal.
    #[must_use]
    pub fn value(&self) -> String {
        match &self.text {
            Some(text) => text.clone(),
            None => self.encoded(),
        }
    }

    fn encoded(&self) -> String {
        format!("#{}", to_hex(&self.der))
    }

    fn compared(&self) -> Compared {
        let oid = self.oid.clone();
        match &self.text {
            Some(text) => Compared::Text(oid, prepared(text)),
            None => Compared::Encoded(oid, self.der.clone()),
        }
    }
}

fn relative_name(rdn: &Any<'_>) -> Result<Vec<Attribute>, NotDer> {
    let attributes = der::all(der::content(rdn, Tag::Set)?)?;
    match attributes.is_empty() {
        true => Err(NotDer),
        false => attributes.iter().map(attribute).collect(),
    }
}

fn attribute(element: &Any<'_>) -> Result<Attribute, NotDer> {
    let parts = der::elements(element)?;
    let [oid, value] = &parts[..] else {
        return Err(NotDer);
    };
    let start = element.data.len() - length_after_first(element.data)?;
    Ok(Attribute {
        oid: der::object_identifier(oid)?,
        text: text(value),
        der: element.data[start..].to_vec(),
    })
}

/// Returns the number of octets after the first element.
fn length_after_first(octets: &[u8]) -> Result<usize, NotDer> {
    use x509_parser::asn1_rs::FromDer as _;
    let (rest, _) = Any::from_der(octets).map_err(|_| NotDer)?;
    Ok(rest.len())
}

/// Decodes the string types in `DirectoryString` and the string types that specific attributes use.
fn text(value: &Any<'_>) -> Option<String> {
    let tag = value.tag();
    let octets = der::content(value, tag).ok()?;
    match tag {
        Tag::Utf8String
        | Tag::PrintableString
        | Tag::Ia5String
        | Tag::NumericString
        | Tag::VisibleString => String::from_utf8(octets.to_vec()).ok(),
        // In practice, software uses Latin-1 in TeletexString instead of the encoding in ITU-T T.61.
        Tag::TeletexString => Some(octets.iter().copied().map(char::from).collect()),
        Tag::BmpString => {
            let (units, []) = octets.as_chunks::<2>() else {
                return None;
            };
            let units: Vec<u16> = units.iter().copied().map(u16::from_be_bytes).collect();
            String::from_utf16(&units).ok()
        }
        Tag::UniversalString => {
            let (points, []) = octets.as_chunks::<4>() else {
                return None;
            };
            let points = points.iter().copied().map(u32::from_be_bytes);
            points.map(char::from_u32).collect()
        }
        _ => None,
    }
}

impl fmt::Display for Name {
    /// Writes the last relative distinguished name first, such as `CN=Example Root CA,O=Example,C=DE`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, rdn) in self.rdns.iter().rev().enumerate() {
            if position > 0 {
                f.write_char(',')?;
            }
            for (position, attribute) in rdn.iter().enumerate() {
                if position > 0 {
                    f.write_char('+')?;
                }
                write!(f, "{attribute}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Attribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let short = SHORT_NAMES.iter().find(|(oid, _)| *oid == self.oid);
        match (short, &self.text) {
            (Some((_, name)), Some(text)) => write!(f, "{name}={}", escaped(text)),
            (Some((_, name)), None) => write!(f, "{name}={}", self.encoded()),
            (None, _) => write!(f, "{}={}", self.oid, self.encoded()),
        }
    }
}

/// Escapes a value according to RFC 4514 section 2.4. Also escapes control characters, line separators, and bidirectional
/// formatting characters, which keeps the name on one line and its characters in order.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let last = text.chars().count().saturating_sub(1);
    for (position, sign) in text.chars().enumerate() {
        let special = match sign {
            '"' | '+' | ',' | ';' | '<' | '>' | '\\' => true,
            '#' => position == 0,
            ' ' => position == 0 || position == last,
            _ => false,
        };
        match sign {
            _ if special => out.extend(['\\', sign]),
            control if control.is_control() || is_formatting(control) => {
                for octet in control.encode_utf8(&mut [0; 4]).bytes() {
                    // Writing to a string cannot fail.
                    let _ = write!(out, "\\{octet:02X}");
                }
            }
            other => out.push(other),
        }
    }
    out
}

/// Returns whether a character separates lines or has the Unicode property `Bidi_Control`.
const fn is_formatting(sign: char) -> bool {
    matches!(
        sign,
        '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    )
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    const ORGANIZATIONAL_UNIT: [u8; 5] = [0x06, 0x03, 0x55, 0x04, 0x0b];

    fn element(tag: u8, content: &[u8]) -> Vec<u8> {
        let length = u32::try_from(content.len()).expect("short").to_be_bytes();
        let significant = length.iter().position(|octet| *octet != 0).unwrap_or(3);
        let length = &length[significant..];
        let form = 0x80 | u8::try_from(length.len()).expect("short");
        match length {
            [short @ 0..=0x7f] => [&[tag, *short], content].concat(),
            _ => [&[tag, form], length, content].concat(),
        }
    }

    /// Returns a name with one relative distinguished name. Its attributes are organizational units with these tags and values.
    fn name(values: &[(u8, &str)]) -> Name {
        let attribute = |(tag, value): &(u8, &str)| {
            let value = element(*tag, value.as_bytes());
            element(0x30, &[&ORGANIZATIONAL_UNIT[..], &value].concat())
        };
        let attributes: Vec<u8> = values.iter().flat_map(attribute).collect();
        Name::from_der(&element(0x30, &element(0x31, &attributes))).expect("a name")
    }

    #[test]
    fn relative_names_are_compared_as_multisets() {
        let [a, b] = [(0x0c, "a"), (0x0c, "b")];
        for (left, right, expected) in [
            (&[a, b][..], &[b, a][..], true),
            (&[a, b], &[(0x13, "B"), (0x16, " A ")], true),
            (&[a, a], &[a, a], true),
            (&[a, a], &[a, b], false),
            (&[a, b], &[a, a], false),
            (&[a, a, b], &[a, b, b], false),
            (&[a], &[a, a], false),
            // A constructed string, and a context-specific tag with the number of UTF8String, are not strings.
            (&[(0x8c, "a")], &[a], false),
            (&[(0x2c, "a")], &[a], false),
        ] {
            let (left, right) = (name(left), name(right));
            assert_eq!(left.matches(&right), expected, "{left} and {right}");
            assert_eq!(right.matches(&left), expected, "{right} and {left}");
            assert_eq!(left.is_within(&right), expected, "{left} within {right}");
        }
    }

    #[test]
    fn large_relative_names_are_compared_quickly() {
        let values: Vec<String> = (0..20_000).map(|number| number.to_string()).collect();
        let mut values: Vec<_> = values.iter().map(|value| (0x0c, &**value)).collect();
        let ascending = name(&values);
        values.reverse();
        let descending = name(&values);
        let start = Instant::now();
        assert!(ascending.matches(&descending));
        // A comparison of all pairs takes minutes.
        assert!(start.elapsed() < Duration::from_secs(5));
    }

    #[test]
    fn strings_are_shown_on_one_line_in_order() {
        // The hexadecimal digits are the UTF-8 octets (RFC 4514 section 2.4).
        for (tag, value, expected) in [
            (0x0c, "M\u{fc}ller", "OU=M\u{fc}ller"),
            (0x1a, "Visible", "OU=Visible"),
            (0x8c, "a", "OU=#8c0161"),
            (0x2c, "a", "OU=#2c0161"),
            (0x0c, "a\nb\u{7f}", "OU=a\\0Ab\\7F"),
            (0x0c, "a\u{85}b", "OU=a\\C2\\85b"),
            (0x0c, "a\u{202e}b", "OU=a\\E2\\80\\AEb"),
            (0x0c, "a\u{2028}b", "OU=a\\E2\\80\\A8b"),
            (0x0c, "a\u{2066}b", "OU=a\\E2\\81\\A6b"),
            (0x0c, "a\u{61c}b", "OU=a\\D8\\9Cb"),
        ] {
            assert_eq!(name(&[(tag, value)]).to_string(), expected);
        }
    }
}
