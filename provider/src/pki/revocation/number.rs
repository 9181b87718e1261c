//! CRL numbers: positive integers of at most 20 octets that rise with every list (RFC 5280 section 5.2.3).

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;

use crate::pki::first_number::first_number;

/// Maximum length of an encoded CRL number (RFC 5280 section 5.2.3).
const MAX_OCTETS: usize = 20;

/// CRL number, printed in decimal. The order is the numeric order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct CrlNumber([u8; MAX_OCTETS]);

/// Reason why a value is not a CRL number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CrlNumberError {
    /// The number is zero.
    #[error("the CRL number must be positive, but is zero")]
    Zero,
    /// The number requires more octets than RFC 5280 allows.
    #[error(
        "the CRL number must have at most {MAX_OCTETS} octets when encoded (RFC 5280 section 5.2.3)"
    )]
    TooLarge,
    /// The string is not a decimal number.
    #[error("the CRL number must consist of decimal digits without a leading zero")]
    NotDecimal,
}

impl CrlNumber {
    /// Returns the number of a list without a predecessor: the time in seconds since 1970, so that it is higher than the number of
    /// a lost list (RFC 5280 section 5.2.3).
    #[must_use]
    pub fn first(now: Timestamp) -> Self {
        let mut octets = [0; MAX_OCTETS];
        octets[MAX_OCTETS - 8..].copy_from_slice(&first_number(now).to_be_bytes());
        Self(octets)
    }

    /// Returns the number with the specified big-endian magnitude.
    ///
    /// # Errors
    /// Returns an error if the number is zero or its DER encoding has more than 20 octets.
    pub fn from_magnitude(octets: &[u8]) -> Result<Self, CrlNumberError> {
        let zeros = octets.iter().take_while(|octet| **octet == 0).count();
        let significant = &octets[zeros..];
        let mut number = [0; MAX_OCTETS];
        let start = MAX_OCTETS.checked_sub(significant.len());
        let start = start.ok_or(CrlNumberError::TooLarge)?;
        number[start..].copy_from_slice(significant);
        Self::checked(number)
    }

    /// Checks the sign bit, because a DER INTEGER is signed.
    fn checked(octets: [u8; MAX_OCTETS]) -> Result<Self, CrlNumberError> {
        match octets {
            [0x80..=0xff, ..] => Err(CrlNumberError::TooLarge),
            _ if octets == [0; MAX_OCTETS] => Err(CrlNumberError::Zero),
            _ => Ok(Self(octets)),
        }
    }

    /// Returns the big-endian magnitude without leading zero octets.
    #[must_use]
    pub fn magnitude(&self) -> &[u8] {
        let zeros = self.0.iter().take_while(|octet| **octet == 0).count();
        &self.0[zeros..]
    }

    /// Returns the number plus one.
    ///
    /// # Errors
    /// Returns an error if the result has more than 20 octets. An issuer that issues a list every second reaches this limit
    /// after 10^40 years.
    pub fn next(&self) -> Result<Self, CrlNumberError> {
        let mut octets = self.0;
        for octet in octets.iter_mut().rev() {
            let (sum, overflow) = octet.overflowing_add(1);
            *octet = sum;
            if !overflow {
                break;
            }
        }
        Self::checked(octets)
    }
}

impl fmt::Display for CrlNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        let mut digits = Vec::new();
        while rest != [0; MAX_OCTETS] {
            let mut remainder = 0;
            for octet in &mut rest {
                let dividend = remainder << 8 | u16::from(*octet);
                *octet = u8::try_from(dividend / 10).expect("the remainder is less than 10");
                remainder = dividend % 10;
            }
            digits.push(remainder);
        }
        let mut digits = digits.iter().rev();
        digits.try_for_each(|digit| write!(f, "{digit}"))
    }
}

impl FromStr for CrlNumber {
    type Err = CrlNumberError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.as_bytes() {
            b"0" => return Err(CrlNumberError::Zero),
            [] | [b'0', ..] => return Err(CrlNumberError::NotDecimal),
            _ => {}
        }
        let mut octets = [0; MAX_OCTETS];
        for digit in text.chars() {
            let digit = digit.to_digit(10).ok_or(CrlNumberError::NotDecimal)?;
            let mut carry = digit;
            for octet in octets.iter_mut().rev() {
                let sum = u32::from(*octet) * 10 + carry;
                *octet = sum.to_be_bytes()[3];
                carry = sum >> 8;
            }
            if carry > 0 {
                return Err(CrlNumberError::TooLarge);
            }
        }
        Self::checked(octets)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn next_number_is_larger_by_one(number in 1_u128..u128::MAX) {
            let before = CrlNumber::from_magnitude(&number.to_be_bytes()).unwrap();
            let after = before.next().unwrap();
            prop_assert!(after > before);
            prop_assert_eq!(after.to_string(), (number + 1).to_string());
            prop_assert_eq!(before.to_string(), number.to_string());
            prop_assert_eq!(number.to_string().parse(), Ok(before));
        }

        #[test]
        fn order_is_numeric(left in 1_u128.., right in 1_u128..) {
            let of = |number: u128| CrlNumber::from_magnitude(&number.to_be_bytes()).unwrap();
            prop_assert_eq!(of(left).cmp(&of(right)), left.cmp(&right));
        }
    }

    #[test]
    fn numbers_have_at_most_20_octets() {
        // 2^159 - 1, computed by Python.
        let largest = "730750818665451459101842416358141509827966271487";
        let number: CrlNumber = largest.parse().unwrap();
        assert_eq!(number.magnitude(), [&[0x7f][..], &[0xff; 19]].concat());
        assert_eq!(number.to_string(), largest);
        assert_eq!(number.next(), Err(CrlNumberError::TooLarge));
        for too_large in [
            "730750818665451459101842416358141509827966271488",
            "9999999999999999999999999999999999999999999999999",
        ] {
            assert_eq!(
                too_large.parse::<CrlNumber>(),
                Err(CrlNumberError::TooLarge)
            );
        }
        assert_eq!(
            CrlNumber::from_magnitude(&[0x80; 20]),
            Err(CrlNumberError::TooLarge)
        );
        assert_eq!(
            CrlNumber::from_magnitude(&[1; 21]),
            Err(CrlNumberError::TooLarge)
        );
    }

    #[test]
    fn numbers_are_positive_and_decimal() {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        assert_eq!(CrlNumber::first(now).to_string(), "1800000000");
        assert_eq!(CrlNumber::first(Timestamp::MIN).to_string(), "1");
        assert_eq!(
            CrlNumber::from_magnitude(&[0, 0]),
            Err(CrlNumberError::Zero)
        );
        assert_eq!("0".parse::<CrlNumber>(), Err(CrlNumberError::Zero));
        for text in ["", "01", "+1", "-1", "1 ", "0x1", "a"] {
            assert_eq!(
                text.parse::<CrlNumber>(),
                Err(CrlNumberError::NotDecimal),
                "{text:?}"
            );
        }
    }
}
