//! [`AttributeType`]: the representation of a Rust type in a schema.

use tfschema::AttributePath;

use super::codec::Codec;
use super::facts::TypeFacts;
use super::shape::Shape;

/// A Rust type that can be an attribute or a nested block.
pub trait AttributeType: Codec {
    /// Type of a planned value, in which every part can be null or unknown.
    type Planned: Codec + Clone + Default;
    /// Builder for attribute paths. For a leaf type, this is [`AttributePath`] itself.
    type Paths: From<AttributePath> + Into<AttributePath>;

    /// Facts that determine where a schema can use the type. Defaults to the facts of a single value.
    const FACTS: TypeFacts = TypeFacts::LEAF;

    /// Returns the schema of this type and the rules for its attributes.
    fn shape() -> Shape;

    /// Converts this value to a planned value in which every part is known.
    fn into_planned(self) -> Self::Planned;

    /// Returns whether null is allowed at each level of nesting: the value itself, the elements of a collection, the
    /// elements of those elements, and so on. Missing levels do not allow null.
    fn nullable() -> Vec<bool> {
        Vec::new()
    }
}
