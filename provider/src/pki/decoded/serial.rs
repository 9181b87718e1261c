//! Serial numbers from any issuer, including numbers that RFC 5280 does not allow.

use crate::pki::fingerprint::to_hex;

/// Returns the content of a DER INTEGER in lowercase hexadecimal, with two digits per octet and without leading zero octets.
/// A negative number has a minus sign, as in OpenSSL output.
pub(super) fn serial_number(octets: &[u8]) -> String {
    let negative = octets.first().is_some_and(|first| first & 0x80 != 0);
    let magnitude = if negative {
        negated(octets)
    } else {
        octets.to_vec()
    };
    let zeros = magnitude.iter().take_while(|octet| **octet == 0).count();
    let digits = match &magnitude[zeros..] {
        [] => "00".to_owned(),
        significant => to_hex(significant),
    };
    if negative {
        format!("-{digits}")
    } else {
        digits
    }
}

/// Returns the two's complement.
fn negated(octets: &[u8]) -> Vec<u8> {
    let mut carry = true;
    let mut negated: Vec<u8> = octets
        .iter()
        .rev()
        .map(|octet| {
            let (sum, overflow) = (!octet).overflowing_add(u8::from(carry));
            carry = overflow;
            sum
        })
        .collect();
    negated.reverse();
    negated
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serial_numbers_are_signed_and_have_no_leading_zeros() {
        for (octets, expected) in [
            (&[0x00, 0x80][..], "80"),
            (&[0x01, 0x02], "0102"),
            (&[0x00], "00"),
            (&[], "00"),
            (&[0xff], "-01"),
            (&[0xff, 0x00], "-0100"),
            (&[0x80], "-80"),
        ] {
            assert_eq!(serial_number(octets), expected, "{octets:?}");
        }
    }
}
