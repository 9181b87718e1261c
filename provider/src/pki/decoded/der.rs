//! Strict reader for DER elements (ITU-T X.690). Trailing octets are an error.

use x509_parser::asn1_rs::{Any, Class, FromDer, Oid, Tag};

use crate::pki::fingerprint::to_hex;

/// Maximum length in octets of an INTEGER and of an arc of an object identifier. The limit keeps the conversion to decimal fast.
const MAX_NUMBER: usize = 64;

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
    let has = |part: &Any<'_>, tag| content(part, tag).is_ok();
    match &parts[..] {
        [signed, algorithm, signature] => {
            has(signed, Tag::Sequence)
                && has(algorithm, Tag::Sequence)
                && elements(algorithm).is_ok_and(|parts| {
                    parts
                        .first()
                        .is_some_and(|oid| object_identifier(oid).is_ok())
                        && parts.len() <= 2
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

/// Returns the content of an element with this universal tag. In DER, only a SEQUENCE and a SET are constructed.
pub(super) fn content<'a>(element: &Any<'a>, tag: Tag) -> Result<&'a [u8], NotDer> {
    let constructed = matches!(tag, Tag::Sequence | Tag::Set);
    let matches = element.class() == Class::Universal
        && element.tag() == tag
        && element.header.constructed() == constructed;
    matches.then_some(element.data).ok_or(NotDer)
}

/// Returns the tag number of an element with a context-specific tag.
pub(super) fn context(element: &Any<'_>) -> Option<u32> {
    (element.class() == Class::ContextSpecific).then_some(element.tag().0)
}

/// Returns an object identifier in dotted notation.
pub(super) fn object_identifier(element: &Any<'_>) -> Result<String, NotDer> {
    arcs(content(element, Tag::Oid)?)
}

/// Returns an object identifier in dotted notation. A malformed identifier is returned as `#` followed by its content in
/// hexadecimal, which is different from every known identifier.
pub(in crate::pki) fn dotted(oid: &Oid<'_>) -> String {
    let octets = oid.as_bytes();
    arcs(octets).unwrap_or_else(|NotDer| format!("#{}", to_hex(octets)))
}

/// Returns the arcs of an object identifier (ITU-T X.690 section 8.19). Each arc has the minimum number of octets and is
/// terminated.
fn arcs(octets: &[u8]) -> Result<String, NotDer> {
    let mut rest = octets;
    let mut dotted = String::new();
    while !rest.is_empty() {
        let last = rest.iter().position(|octet| octet & 0x80 == 0);
        let (arc, after) = rest.split_at(last.ok_or(NotDer)? + 1);
        if arc.len() > MAX_NUMBER || arc.first() == Some(&0x80) {
            return Err(NotDer);
        }
        let mut digits: Vec<u8> = arc.iter().map(|octet| octet & 0x7f).collect();
        if dotted.is_empty() {
            // The first two arcs are encoded as one number.
            match digits[..] {
                [number @ 0..80] => dotted = format!("{}.{}", number / 40, number % 40),
                _ => {
                    subtract_80(&mut digits);
                    dotted = format!("2.{}", decimal(&digits, 128));
                }
            }
        } else {
            dotted = dotted + "." + &decimal(&digits, 128);
        }
        rest = after;
    }
    match dotted.is_empty() {
        true => Err(NotDer),
        false => Ok(dotted),
    }
}

/// Subtracts 80 from a larger number with the radix 128.
fn subtract_80(digits: &mut [u8]) {
    let mut subtrahend = 80;
    for digit in digits.iter_mut().rev() {
        match digit.checked_sub(subtrahend) {
            Some(difference) => {
                *digit = difference;
                return;
            }
            None => *digit = *digit + 128 - subtrahend,
        }
        subtrahend = 1;
    }
}

/// Converts a number to decimal digits. The most significant digit of the number is first. `radix` is at most 256.
fn decimal(number: &[u8], radix: u16) -> String {
    // Decimal digits, least significant first.
    let mut digits = vec![0_u16];
    for next in number {
        let mut carry = u16::from(*next);
        for digit in &mut digits {
            let sum = *digit * radix + carry;
            (*digit, carry) = (sum % 10, sum / 10);
        }
        while carry > 0 {
            digits.push(carry % 10);
            carry /= 10;
        }
    }
    digits.iter().rev().map(ToString::to_string).collect()
}

/// Returns a BOOLEAN, which DER encodes as 0 or 255.
pub(super) fn boolean(element: &Any<'_>) -> Result<bool, NotDer> {
    match content(element, Tag::Boolean)? {
        [0] => Ok(false),
        [255] => Ok(true),
        _ => Err(NotDer),
    }
}

/// Returns the content of an INTEGER, which has the minimum number of octets (ITU-T X.690 section 8.3.2).
pub(super) fn integer<'a>(element: &Any<'a>) -> Result<&'a [u8], NotDer> {
    match content(element, Tag::Integer)? {
        [] | [0, 0..=0x7f, ..] | [0xff, 0x80..=0xff, ..] => Err(NotDer),
        octets => Ok(octets),
    }
}

/// Returns the octets of a non-negative INTEGER without leading zeros.
pub(super) fn unsigned<'a>(element: &Any<'a>) -> Result<&'a [u8], NotDer> {
    match integer(element)? {
        [0x80..=0xff, ..] => Err(NotDer),
        [0, octets @ ..] | octets => Ok(octets),
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

/// Returns the decimal digits of a non-negative INTEGER.
pub(super) fn decimal_integer(element: &Any<'_>) -> Result<String, NotDer> {
    match unsigned(element)? {
        octets if octets.len() > MAX_NUMBER => Err(NotDer),
        octets => Ok(decimal(octets, 256)),
    }
}

/// Returns the first 16 bits of a BIT STRING with named bits. Bit 0 is the least significant bit. The unused bits must be 0
/// (ITU-T X.690 section 11.2.1).
pub(super) fn named_bits(element: &Any<'_>) -> Result<u16, NotDer> {
    let (unused, octets) = content(element, Tag::BitString)?
        .split_first()
        .ok_or(NotDer)?;
    let available = octets.last().map_or(0, |last| last.trailing_zeros());
    if *unused > 7 || u32::from(*unused) > available {
        return Err(NotDer);
    }
    let first = octets.iter().take(2).zip([0, 8]);
    Ok(first.fold(0, |flags, (octet, shift)| {
        flags | u16::from(octet.reverse_bits()) << shift
    }))
}

/// Returns the octets of an OCTET STRING.
pub(super) fn octets<'a>(element: &Any<'a>) -> Result<&'a [u8], NotDer> {
    content(element, Tag::OctetString)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Encodings and the output of `openssl asn1parse`. `None` stands for `BAD OBJECT`.
    const IDENTIFIERS: &[(&[u8], Option<&str>)] = &[
        (&[0x00], Some("0.0")),
        (&[0x27], Some("0.39")),
        (&[0x28], Some("1.0")),
        (&[0x4f], Some("1.39")),
        (&[0x50], Some("2.0")),
        (&[0x7f, 0x01], Some("2.47.1")),
        (&[0x81, 0x00], Some("2.48")),
        (&[0x88, 0x37], Some("2.999")),
        (&[0x55, 0x1d, 0x13], Some("2.5.29.19")),
        (
            &[
                0x69, 0x83, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                0xff, 0xff, 0xff, 0xff, 0xff, 0x7f,
            ],
            Some("2.25.340282366920938463463374607431768211455"),
        ),
        (&[], None),
        (&[0x55, 0x1d, 0x93], None),
        (&[0x55, 0x1d, 0x80, 0x13], None),
        (&[0xff, 0x80], None),
    ];

    #[test]
    fn object_identifiers_have_minimal_and_terminated_arcs() {
        for (octets, expected) in IDENTIFIERS {
            assert_eq!(arcs(octets).ok().as_deref(), *expected, "{octets:?}");
        }
    }

    #[test]
    fn integers_have_the_minimum_number_of_octets() {
        for (octets, expected) in [
            (&[0x02, 0x01, 0x00][..], Some("0")),
            (&[0x02, 0x01, 0x7f], Some("127")),
            (&[0x02, 0x02, 0x00, 0x80], Some("128")),
            (&[0x02, 0x02, 0x01, 0x00], Some("256")),
            // 2^40.
            (&[0x02, 0x06, 0x01, 0, 0, 0, 0, 0], Some("1099511627776")),
            (&[0x02, 0x00], None),
            (&[0x02, 0x01, 0xff], None),
            (&[0x02, 0x02, 0x00, 0x05], None),
            (&[0x82, 0x01, 0x05], None),
            (&[0x22, 0x01, 0x05], None),
        ] {
            let found = only(octets).and_then(|element| decimal_integer(&element));
            assert_eq!(found.ok().as_deref(), expected, "{octets:?}");
        }
    }

    #[test]
    fn unused_bits_are_zero() {
        for (octets, expected) in [
            (&[0x03, 0x02, 0x01, 0x06][..], Some(0b110_0000)),
            (&[0x03, 0x02, 0x07, 0x80], Some(1)),
            (&[0x03, 0x03, 0x07, 0x00, 0x80], Some(1 << 8)),
            (&[0x03, 0x01, 0x00], Some(0)),
            (&[0x03, 0x02, 0x07, 0x06], None),
            (&[0x03, 0x03, 0x07, 0x06, 0xc0], None),
            (&[0x03, 0x02, 0x08, 0x00], None),
            (&[0x03, 0x01, 0x01], None),
            (&[0x03, 0x00], None),
        ] {
            let found = only(octets).and_then(|element| named_bits(&element));
            assert_eq!(found.ok(), expected, "{octets:?}");
        }
    }
}
