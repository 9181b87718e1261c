//! Distinguished names from any issuer (RFC 5280 section 4.1.2.4), with all attribute types and string types.

use std::fmt::{self, Write as _};

use x509_parser::asn1_rs::{Any, Tag};

use super::der::{self, NotDer};
use crate::pki::fingerprint::to_hex;

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

impl Name {
    /// Decodes a DER `Name`.
    pub(super) fn from_der(der: &[u8]) -> Result<Self, NotDer> {
        let rdns = der::sequence(der)?;
        Ok(Self {
            rdns: rdns.iter().map(relative_name).collect::<Result<_, _>>()?,
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
        self.rdns.len() == other.rdns.len() && other.is_within(self)
    }

    /// Returns whether the name starts with all relative distinguished names in `base` (RFC 5280 section 4.2.1.10).
    #[must_use]
    pub fn is_within(&self, base: &Self) -> bool {
        let pairs = self.rdns.iter().zip(&base.rdns);
        self.rdns.len() >= base.rdns.len() && pairs.clone().all(|(own, other)| same(own, other))
    }
}

/// Compares relative distinguished names. The order of their attributes is not significant.
fn same(left: &[Attribute], right: &[Attribute]) -> bool {
    let contained = |attribute: &Attribute| right.iter().any(|other| attribute.matches(other));
    left.len() == right.len() && left.iter().all(contained)
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

    fn matches(&self, other: &Self) -> bool {
        self.oid == other.oid
            && match (&self.text, &other.text) {
                (Some(own), Some(other)) => prepared(own) == prepared(other),
                _ => self.der == other.der,
            }
    }
}

/// Folds case and white space before a comparison, as RFC 5280 section 7.1 requires.
fn prepared(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").to_lowercase()
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
    let octets = value.data;
    match value.tag() {
        Tag::Utf8String | Tag::PrintableString | Tag::Ia5String | Tag::NumericString => {
            String::from_utf8(octets.to_vec()).ok()
        }
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

/// Escapes a value according to RFC 4514 section 2.4. Also escapes control characters to keep the name on one line.
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
            control if control.is_ascii_control() => {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\{:02X}", u32::from(control));
            }
            other => out.push(other),
        }
    }
    out
}
