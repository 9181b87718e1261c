//! Random serial numbers that are positive and have at most 20 octets when encoded (RFC 5280 section 4.1.2.2).
//!
//! Never derive a serial number from the key: the same key can be certified again, and an issuer must not use a serial
//! number twice.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use super::fingerprint::write_hex;

/// A source of random octets.
pub trait Entropy: Send + Sync {
    /// Fills `octets` with unpredictable values.
    ///
    /// # Errors
    /// Returns an error if the source is not available.
    fn fill(&self, octets: &mut [u8]) -> Result<(), EntropyError>;
}

/// Random number generator from the cryptographic library.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, octets: &mut [u8]) -> Result<(), EntropyError> {
        aws_lc_rs::rand::fill(octets).map_err(|_| EntropyError)
    }
}

/// The source of random octets is not available.
#[derive(Debug, thiserror::Error)]
#[error("the system random number generator is not available")]
pub struct EntropyError;

/// A certificate serial number, printed as lowercase hexadecimal digits, two per octet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SerialNumber(Vec<u8>);

impl Ord for SerialNumber {
    /// Compares the numbers. The magnitudes have no leading zero octets, so the longer one is the larger number.
    fn cmp(&self, other: &Self) -> Ordering {
        let by_length = self.0.len().cmp(&other.0.len());
        by_length.then_with(|| self.0.cmp(&other.0))
    }
}

impl PartialOrd for SerialNumber {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Reason why an octet string or a text string is not a serial number.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum SerialNumberError {
    /// The number is zero.
    #[error("the serial number must be positive, but is zero")]
    Zero,
    /// The number requires more octets than RFC 5280 allows.
    #[error("the serial number must have at most 20 octets when encoded, but has {0}")]
    TooLong(usize),
    /// The string has an odd number of digits, or contains a character that is not a hexadecimal digit.
    #[error("the serial number must consist of hexadecimal digits, two per octet")]
    NotHexadecimal,
}

/// Maximum length of an encoded serial number (RFC 5280 section 4.1.2.2).
const MAX_OCTETS: usize = 20;

impl SerialNumber {
    /// Generates a serial number from 159 random bits.
    ///
    /// The most significant of 160 bits is cleared because a DER INTEGER is signed and would otherwise require a 21st
    /// octet.
    ///
    /// # Errors
    /// Returns an error if the source of random octets is not available.
    pub fn random(entropy: &dyn Entropy) -> Result<Self, EntropyError> {
        let mut octets = [0; MAX_OCTETS];
        entropy.fill(&mut octets)?;
        octets[0] &= 0x7f;
        if octets == [0; MAX_OCTETS] {
            octets[MAX_OCTETS - 1] = 1;
        }
        Ok(Self::from_magnitude(&octets)
            .expect("159 bits that are not all zero are a valid serial number"))
    }

    /// Returns the serial number with the specified big-endian magnitude. Leading zero octets are removed.
    ///
    /// # Errors
    /// Returns an error if the number is zero or its DER encoding has more than 20 octets.
    pub fn from_magnitude(octets: &[u8]) -> Result<Self, SerialNumberError> {
        let start = octets
            .iter()
            .position(|octet| *octet != 0)
            .ok_or(SerialNumberError::Zero)?;
        let magnitude = &octets[start..];
        let encoded = magnitude.len() + usize::from(magnitude[0] & 0x80 != 0);
        if encoded > MAX_OCTETS {
            return Err(SerialNumberError::TooLong(encoded));
        }
        Ok(Self(magnitude.to_vec()))
    }

    /// Returns the number as a big-endian magnitude without leading zero octets.
    pub fn magnitude(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for SerialNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(f, &self.0)
    }
}

impl FromStr for SerialNumber {
    type Err = SerialNumberError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if !text.len().is_multiple_of(2) || !text.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(SerialNumberError::NotHexadecimal);
        }
        let octets = (0..text.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&text[at..at + 2], 16))
            .collect::<Result<Vec<u8>, _>>()
            .map_err(|_| SerialNumberError::NotHexadecimal)?;
        Self::from_magnitude(&octets)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    struct Constant(Vec<u8>);

    impl Entropy for Constant {
        fn fill(&self, octets: &mut [u8]) -> Result<(), EntropyError> {
            for (target, source) in octets.iter_mut().zip(self.0.iter().cycle()) {
                *target = *source;
            }
            Ok(())
        }
    }

    /// Returns the content octets of the DER INTEGER. The library that encodes it is independent of the code under
    /// test.
    fn der_content(serial: &SerialNumber) -> Vec<u8> {
        let der =
            yasna::construct_der(|writer| writer.write_bigint_bytes(serial.magnitude(), true));
        der[2..].to_vec()
    }

    proptest! {
        #[test]
        fn serial_numbers_are_positive_and_have_at_most_20_octets(bytes in prop::collection::vec(any::<u8>(), 20)) {
            let serial = SerialNumber::random(&Constant(bytes)).unwrap();
            let content = der_content(&serial);
            prop_assert!(content.len() <= 20);
            prop_assert!(content[0] & 0x80 == 0, "negative");
            prop_assert!(content.iter().any(|octet| *octet != 0), "zero");
        }

        #[test]
        fn serial_numbers_keep_159_random_bits(bytes in prop::collection::vec(any::<u8>(), 20)) {
            prop_assume!(bytes[0] & 0x7f != 0);
            let serial = SerialNumber::random(&Constant(bytes.clone())).unwrap();
            prop_assert_eq!(serial.magnitude()[0], bytes[0] & 0x7f);
            prop_assert_eq!(&serial.magnitude()[1..], &bytes[1..]);
        }

        #[test]
        fn hexadecimal_notation_round_trips(bytes in prop::collection::vec(any::<u8>(), 20)) {
            let serial = SerialNumber::random(&Constant(bytes)).unwrap();
            prop_assert_eq!(serial.to_string().parse::<SerialNumber>().unwrap(), serial);
        }
    }

    #[test]
    fn system_entropy_generates_different_numbers() {
        let [first, second] = [(); 2].map(|()| SerialNumber::random(&SystemEntropy).unwrap());
        assert_ne!(first, second);
    }

    #[test]
    fn all_ones_and_all_zeroes_result_in_valid_numbers() {
        let ones = SerialNumber::random(&Constant(vec![0xff])).unwrap();
        assert_eq!(der_content(&ones).len(), 20);
        assert_eq!(ones.to_string(), format!("7f{}", "ff".repeat(19)));
        let zeroes = SerialNumber::random(&Constant(vec![0])).unwrap();
        assert_eq!(zeroes.to_string(), "01");
    }

    #[test]
    fn invalid_serial_numbers_are_rejected() {
        assert_eq!(
            SerialNumber::from_magnitude(&[0; 4]),
            Err(SerialNumberError::Zero)
        );
        assert_eq!(
            SerialNumber::from_magnitude(&[0xff; 20]),
            Err(SerialNumberError::TooLong(21))
        );
        assert_eq!(
            "1g".parse::<SerialNumber>(),
            Err(SerialNumberError::NotHexadecimal)
        );
        assert_eq!(
            "123".parse::<SerialNumber>(),
            Err(SerialNumberError::NotHexadecimal)
        );
        assert_eq!(
            "+1".parse::<SerialNumber>(),
            Err(SerialNumberError::NotHexadecimal)
        );
    }
}
