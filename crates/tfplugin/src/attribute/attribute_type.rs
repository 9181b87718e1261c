//! [`AttributeType`]: the representation of a Rust type in a schema.

use tfschema::AttributePath;

use super::codec::Codec;
use super::facts::TypeFacts;
use super::shape::Shape;

/// A Rust type that can be an attribute or a nested block.
pub trait AttributeType: Codec {
    /// The type of a planned value, in which every part may be null or unknown.
    type Planned: Codec + Clone + Default;
    /// Builder of attribute paths. For a leaf type, this is [`AttributePath`] itself.
    type Paths: From<AttributePath> + Into<AttributePath>;

    /// Facts that decide where the type can be used in a schema. Defaults to those of a single value.
    const FACTS: TypeFacts = TypeFacts::LEAF;

    /// Returns the schema of this type and the rules of its attributes.
    fn shape() -> Shape;

    /// Converts this value to a planned value. Every part of the result is known.
    fn into_planned(self) -> Self::Planned;

    /// Returns, for each level, whether null is allowed: first the value itself, then the elements of a collection, then
    /// the elements of those. Missing levels do not allow null.
    fn nullable() -> Vec<bool> {
        Vec::new()
    }
}
