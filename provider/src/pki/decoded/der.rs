//! Strict reader for DER elements (ITU-T X.690). Trailing octets are an error.

use x509_parser::asn1_rs::{Any, BitString, Class, FromDer, Oid, Tag};

/// Content that is not the expected DER encoding. The caller adds the name of the malformed part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NotDer;

/// Reads the only element in `octets`.
pub(super) fn only(octets: &[u8]) -> Result<Any<'_>, NotDer> {
    match Any::from_der(octets) {
        Ok(([], element)) => Ok(element),
        _ => Err(NotDer),
    }
}

/// Reads every element in `octets`.
pub(super) fn all(octets: &[u8]) -> Result<Vec<Any<'_>>, NotDer> {
    let mut rest = octets;
    let mut elements = Vec::new();
    while !rest.is_empty() {
        let (after, element) = Any::from_der(rest).map_err(|_| NotDer)?;
        elements.push(element);
        rest = after;
    }
    Ok(elements)
}

/// Reads the elements of the only SEQUENCE in `octets`.
pub(super) fn sequence(octets: &[u8]) -> Result<Vec<Any<'_>>, NotDer> {
    all(content(&only(octets)?, Tag::Sequence)?)
}

/// Returns whether `octets` contain exactly one signed object: a SEQUENCE of the signed part, the algorithm, and the
/// signature (RFC 5280 section 4.1). This check is necessary because `x509-parser` skips octets that the signature does not cover.
pub(super) fn is_signed_object(octets: &[u8]) -> bool {
    let parts = sequence(octets).unwrap_or_default();
    let has = |part: &Any<'_>, tag| part.class() == Class::Universal && part.tag() == tag;
    match &parts[..] {
        [signed, algorithm, signature] => {
            has(signed, Tag::Sequence)
                && has(algorithm, Tag::Sequence)
                && elements(algorithm).is_ok_and(|parts| {
                    parts.first().is_some_and(|oid| has(oid, Tag::Oid)) && parts.len() <= 2
                })
                && has(signature, Tag::BitString)
                && octets.first() == Some(&0x30)
        }
        _ => false,
    }
}

/// Returns the elements of a SEQUENCE.
pub(super) fn elements<'a>(element: &Any<'a>) -> Result<Vec<Any<'a>>, NotDer> {
    all(content(element, Tag::Sequence)?)
}

/// Returns the content of an element with this universal tag.
pub(super) fn content<'a>(element: &Any<'a>, tag: Tag) -> Result<&'a [u8], NotDer> {
    let matches = element.class() == Class::Universal && element.tag() == tag;
    matches.then_some(element.data).ok_or(NotDer)
}

/// Returns the tag number of an element with a context-specific tag.
pub(super) fn context(element: &Any<'_>) -> Option<u32> {
    (element.class() == Class::ContextSpecific).then_some(element.tag().0)
}

/// Returns an object identifier in dotted notation.
pub(super) fn object_identifier(element: &Any<'_>) -> Result<String, NotDer> {
    content(element, Tag::Oid)?;
    let oid = Oid::try_from(element).map_err(|_| NotDer)?;
    Ok(dotted(&oid))
}

/// Returns an object identifier in dotted notation.
pub(super) fn dotted(oid: &Oid<'_>) -> String {
    oid.to_id_string()
}

/// Returns a BOOLEAN, which DER encodes as 0 or 255.
pub(super) fn boolean(element: &Any<'_>) -> Result<bool, NotDer> {
    match content(element, Tag::Boolean)? {
        [0] => Ok(false),
        [255] => Ok(true),
        _ => Err(NotDer),
    }
}

/// Returns the octets of a non-negative INTEGER without leading zeros.
pub(super) fn unsigned<'a>(element: &Any<'a>) -> Result<&'a [u8], NotDer> {
    let octets = content(element, Tag::Integer)?;
    match octets.first() {
        Some(first) if first & 0x80 == 0 => {
            let zeros = octets.iter().take_while(|octet| **octet == 0).count();
            Ok(&octets[zeros..])
        }
        _ => Err(NotDer),
    }
}

/// Returns a non-negative INTEGER of at most 32 bits.
pub(super) fn small(element: &Any<'_>) -> Result<u32, NotDer> {
    let octets = unsigned(element)?;
    if octets.len() > 4 {
        return Err(NotDer);
    }
    Ok(octets
        .iter()
        .fold(0, |number, octet| number << 8 | u32::from(*octet)))
}

/// Returns the bits of a BIT STRING with named bits. Bit 0 is the least significant bit.
pub(super) fn named_bits(element: &Any<'_>) -> Result<u16, NotDer> {
    content(element, Tag::BitString)?;
    let bits = BitString::try_from(element).map_err(|_| NotDer)?;
    if bits.unused_bits > 7 || (bits.data.is_empty() && bits.unused_bits != 0) {
        return Err(NotDer);
    }
    let set = |bit: &u16| bits.is_set(usize::from(*bit));
    Ok((0..16).filter(set).fold(0, |flags, bit| flags | 1 << bit))
}

/// Returns the octets of an OCTET STRING.
pub(super) fn octets<'a>(element: &Any<'a>) -> Result<&'a [u8], NotDer> {
    content(element, Tag::OctetString)
}
