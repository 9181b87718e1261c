//! Values that are not known yet, and what may already be known about them.

use crate::{Number, Text};

/// A value that is not known yet, with the refinements that the sender promised.
///
/// The plain unknown is [`Unknown::default()`]. Source: cty's refined unknown values, protocol
/// MessagePack extension type 12.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Unknown {
    /// `Some(false)`: certainly not null. `Some(true)`: certainly null.
    pub nullness: Option<bool>,
    /// How a string starts, at most 256 bytes.
    pub prefix: Option<Text>,
    /// Lower bound of a number.
    pub lower: Option<Bound>,
    /// Upper bound of a number.
    pub upper: Option<Bound>,
    /// Least length of a collection.
    pub min_length: Option<u64>,
    /// Greatest length of a collection.
    pub max_length: Option<u64>,
}

/// A bound of a number that is not known yet.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bound {
    /// The bound.
    pub number: Number,
    /// Whether the bound itself is allowed.
    pub inclusive: bool,
}

impl Unknown {
    /// Whether nothing but the absence of a value is known.
    pub fn is_plain(&self) -> bool {
        *self == Self::default()
    }
}
