//! Object identifiers (ITU-T X.660) in dotted notation (RFC 4512 section 1.4). This module does not interpret them.

use std::fmt;
use std::str::FromStr;

/// Largest second arc that the encoder supports.
const LARGEST_SECOND_ARC: u64 = u64::MAX - 81;

/// An object identifier with at least two arcs, printed in the form `2.5.29.19`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ObjectIdentifier(Vec<u64>);

/// Error for a string or a list of arcs that is not an object identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be an object identifier, such as 2.5.29.19")]
pub struct InvalidObjectIdentifier;

impl ObjectIdentifier {
    /// Creates an object identifier with the specified arcs.
    ///
    /// # Errors
    /// Returns an error if the list has fewer than two arcs, the first arc is greater than 2, or the first arc is 0 or
    /// 1 and the second arc is greater than 39 (ITU-T X.660 section A.5). After the first arc 2, the second arc is less
    /// than 2^64 - 81, because the encoder adds 80 to it (ITU-T X.690 section 8.19.4).
    pub fn new(arcs: impl Into<Vec<u64>>) -> Result<Self, InvalidObjectIdentifier> {
        let arcs = arcs.into();
        match arcs[..] {
            [0 | 1, 0..=39, ..] | [2, 0..=LARGEST_SECOND_ARC, ..] => Ok(Self(arcs)),
            _ => Err(InvalidObjectIdentifier),
        }
    }

    /// Returns the arcs.
    #[must_use]
    pub fn arcs(&self) -> &[u64] {
        &self.0
    }
}

impl fmt::Display for ObjectIdentifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, arc) in self.0.iter().enumerate() {
            let dot = if position == 0 { "" } else { "." };
            write!(f, "{dot}{arc}")?;
        }
        Ok(())
    }
}

impl FromStr for ObjectIdentifier {
    type Err = InvalidObjectIdentifier;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = |arc: &str| !arc.is_empty() && arc.bytes().all(|digit| digit.is_ascii_digit());
        let arcs: Option<Vec<u64>> = text
            .split('.')
            .map(|arc| arc.parse().ok().filter(|_| digits(arc)))
            .collect();
        Self::new(arcs.ok_or(InvalidObjectIdentifier)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dotted_notation_round_trips_and_other_strings_are_rejected() {
        for text in [
            "2.5.29.19",
            "1.3.6.1.5.5.7.3.1",
            "0.39",
            "2.999",
            "2.18446744073709551534",
        ] {
            let read = text.parse::<ObjectIdentifier>().expect(text);
            assert_eq!(read.to_string(), text);
        }
        for text in [
            "",
            "2",
            "3.1",
            "1.40",
            "2..5",
            "2.5.",
            "2.+5",
            "2.x",
            "2.18446744073709551535",
            "2.18446744073709551600",
            "2.18446744073709551616",
        ] {
            assert_eq!(
                text.parse::<ObjectIdentifier>(),
                Err(InvalidObjectIdentifier),
                "{text}"
            );
        }
    }
}
