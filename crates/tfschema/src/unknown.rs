//! Unknown values and their refinements.

use crate::{Number, Text};

/// A value that is not known yet, with the refinements that its sender guarantees.
///
/// [`Unknown::default()`] has no refinements. Source: cty's refined unknown values, protocol
/// MessagePack extension type 12.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Unknown {
    /// Whether the value is null, if known.
    pub nullness: Option<bool>,
    /// Prefix of a string, at most 256 bytes.
    pub prefix: Option<Text>,
    /// Lower bound of a number.
    pub lower: Option<Bound>,
    /// Upper bound of a number.
    pub upper: Option<Bound>,
    /// Minimum length of a collection.
    pub min_length: Option<u64>,
    /// Maximum length of a collection.
    pub max_length: Option<u64>,
}

/// A bound of an unknown number.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bound {
    /// Value of the bound.
    pub number: Number,
    /// Whether the bound includes this value.
    pub inclusive: bool,
}

impl Unknown {
    /// Returns whether the value has no refinements.
    pub fn is_plain(&self) -> bool {
        *self == Self::default()
    }
}
