//! Arbitrary-precision numbers that are read and written without conversion to 64-bit floats.

use std::fmt;
use std::str::FromStr;

use bigdecimal::{BigDecimal, ParseBigDecimalError, ToPrimitive};

/// Maximum absolute value of a decimal exponent. Expanding a number with a greater exponent could exhaust memory.
const MAX_EXPONENT: i64 = 100_000;

/// A number of the type system: a decimal of any precision, or positive or negative infinity.
///
/// ```
/// use tfschema::Number;
/// let big: Number = "123456789012345678901234567890".parse()?;
/// assert_eq!(big.to_string(), "123456789012345678901234567890");
/// assert_eq!("1.50".parse::<Number>()?, "1.5".parse()?);
/// # Ok::<(), tfschema::NumberError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Number {
    /// Smaller than every other number.
    NegativeInfinity,
    /// A finite decimal without trailing zeros.
    Finite(BigDecimal),
    /// Greater than every other number.
    PositiveInfinity,
}

/// Error for a string or float that is not a [`Number`].
#[derive(Debug, thiserror::Error)]
pub enum NumberError {
    /// The string is not a decimal number.
    #[error("{text:?} is not a decimal number")]
    Syntax {
        /// Rejected string.
        text: String,
        /// Error from the decimal parser.
        #[source]
        source: ParseBigDecimalError,
    },
    /// The exponent exceeds the supported range.
    #[error("exponent of {text:?} exceeds {MAX_EXPONENT}")]
    Exponent {
        /// Rejected string.
        text: String,
    },
    /// The string is too long.
    #[error("the number is too long: {length} bytes")]
    Length {
        /// Length of the string in bytes.
        length: usize,
    },
    /// The float is not a number.
    #[error("the float is not a number (NaN)")]
    NotANumber,
}

impl Number {
    /// Returns whether the number is an integer. Infinities are not integers.
    pub fn is_integer(&self) -> bool {
        matches!(self, Self::Finite(decimal) if decimal.is_integer())
    }

    /// Returns the number as a signed 64-bit integer, if it is an integer in that range.
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Self::Finite(decimal) if decimal.is_integer() => decimal.to_i64(),
            _ => None,
        }
    }

    /// Returns the number as a 64-bit float, if the float represents it exactly.
    pub fn as_exact_f64(&self) -> Option<f64> {
        match self {
            Self::NegativeInfinity => Some(f64::NEG_INFINITY),
            Self::PositiveInfinity => Some(f64::INFINITY),
            Self::Finite(decimal) => {
                // The parser in the standard library rounds correctly. `BigDecimal::to_f64` does not.
                let float: f64 = decimal.to_scientific_notation().parse().ok()?;
                if float.is_infinite() {
                    return None;
                }
                let exact = BigDecimal::try_from(float).ok()?;
                (exact == *decimal).then_some(float)
            }
        }
    }

    /// Converts a float exactly.
    ///
    /// # Errors
    /// Returns an error for NaN.
    pub fn from_f64(float: f64) -> Result<Self, NumberError> {
        if float.is_infinite() {
            return Ok(if float > 0.0 {
                Self::PositiveInfinity
            } else {
                Self::NegativeInfinity
            });
        }
        BigDecimal::try_from(float)
            .map(Self::finite)
            .map_err(|_| NumberError::NotANumber)
    }

    fn finite(decimal: BigDecimal) -> Self {
        Self::Finite(decimal.normalized())
    }
}

impl FromStr for Number {
    type Err = NumberError;

    fn from_str(text: &str) -> Result<Self, NumberError> {
        // Length of a number with the greatest exponent in plain digits, including the sign and decimal point.
        const MAX_LENGTH: usize = 2 * MAX_EXPONENT as usize + 3;
        if text.len() > MAX_LENGTH {
            return Err(NumberError::Length { length: text.len() });
        }
        // The decimal parser accepts underscores between digits, but the type system does not.
        let digits = if text.contains('_') { "" } else { text };
        let decimal = BigDecimal::from_str(digits).map_err(|source| NumberError::Syntax {
            text: text.to_owned(),
            source,
        })?;
        let (_, scale) = decimal.as_bigint_and_exponent();
        if scale.unsigned_abs() > MAX_EXPONENT.unsigned_abs() {
            return Err(NumberError::Exponent {
                text: text.to_owned(),
            });
        }
        Ok(Self::finite(decimal))
    }
}

macro_rules! integers {
    ($($ty:ty),*) => {$(
        impl From<$ty> for Number {
            fn from(integer: $ty) -> Self {
                let decimal = BigDecimal::from(integer);
                // Normalization converts the number to digits to find trailing zeros, which is slow.
                match integer % 10 {
                    0 => Self::finite(decimal),
                    _ => Self::Finite(decimal),
                }
            }
        }
    )*};
}

integers!(i64, u64);

impl fmt::Display for Number {
    /// Writes plain decimal digits, without an exponent.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NegativeInfinity => f.write_str("-Inf"),
            Self::PositiveInfinity => f.write_str("Inf"),
            Self::Finite(decimal) => f.write_str(&decimal.to_plain_string()),
        }
    }
}
