//! Reads encoded names, and accepts only the encoding that this provider writes.

use x509_parser::asn1_rs::{Oid, Tag};
use x509_parser::prelude::FromDer;
use x509_parser::x509::{AttributeTypeAndValue, X509Name};

use super::name::{DistinguishedName, NameAttribute, NameError};

/// Reason why an encoded name cannot be represented.
#[derive(Debug, thiserror::Error)]
pub(super) enum NameEncodingError {
    /// An attribute violates a rule.
    #[error(transparent)]
    Name(#[from] NameError),
    /// This provider would write the name differently.
    #[error("{0}")]
    Encoding(&'static str),
}

/// Reads a name in the encoding that this provider writes: one attribute per RDN, in the order of [`NameAttribute`],
/// with the same string types. The provider would write a name with any other encoding differently, and the issuer of a
/// new certificate would not match the subject of its authority.
pub(super) fn read_name(name: &X509Name<'_>) -> Result<DistinguishedName, NameEncodingError> {
    let attributes = attributes(name)?;
    match attributes.is_empty() {
        true => Ok(DistinguishedName::empty()),
        false => Ok(DistinguishedName::new(attributes)?),
    }
}

/// Reads the base of a subtree in the same encoding.
///
/// # Errors
/// Returns an error if the octets are not a name or if this provider would write the name differently.
pub(super) fn read_base(der: &[u8]) -> Result<DistinguishedName, NameEncodingError> {
    match X509Name::from_der(der) {
        Ok(([], name)) => Ok(DistinguishedName::base(attributes(&name)?)?),
        _ => Err(NameEncodingError::Encoding("it is not DER")),
    }
}

fn attributes(name: &X509Name<'_>) -> Result<Vec<(NameAttribute, String)>, NameEncodingError> {
    let mut attributes: Vec<(NameAttribute, String)> = Vec::new();
    for rdn in name.iter_rdn() {
        let mut parts = rdn.iter();
        let (Some(part), None) = (parts.next(), parts.next()) else {
            return Err(NameEncodingError::Encoding(
                "a relative distinguished name has more than one attribute",
            ));
        };
        let (attribute, value) = attribute_of(part)?;
        let last = attributes.last();
        if last.is_some_and(|(previous, _)| *previous > attribute) {
            return Err(NameEncodingError::Encoding(
                "the attributes are not in the expected order",
            ));
        }
        attributes.push((attribute, value));
    }
    Ok(attributes)
}

fn attribute_of(
    part: &AttributeTypeAndValue<'_>,
) -> Result<(NameAttribute, String), NameEncodingError> {
    let attribute = NameAttribute::ALL
        .into_iter()
        .find(|attribute| is_type(*attribute, part.attr_type()))
        .ok_or(NameEncodingError::Encoding(
            "an attribute type is not supported",
        ))?;
    let string_type = match attribute {
        NameAttribute::Country => Tag::PrintableString,
        _ => Tag::Utf8String,
    };
    let value = part
        .as_str()
        .ok()
        .filter(|_| part.attr_value().tag() == string_type);
    let value = value.ok_or(NameEncodingError::Encoding(
        "an attribute does not have the expected string type",
    ))?;
    Ok((attribute, value.to_owned()))
}

fn is_type(attribute: NameAttribute, oid: &Oid<'_>) -> bool {
    oid.iter()
        .is_some_and(|arcs| arcs.eq(attribute.oid().iter().copied()))
}
