//! [`AttributeType`]: what a Rust type is in a schema.

use tfschema::AttributePath;

use super::codec::Codec;
use super::facts::TypeFacts;
use super::shape::Shape;

/// A Rust type that can be an attribute or a nested block.
pub trait AttributeType: Codec {
    /// The form in a plan, where everything may be null or unknown.
    type Planned: Codec + Clone + Default;
    /// Builds attribute paths: [`AttributePath`] itself for a leaf.
    type Paths: From<AttributePath> + Into<AttributePath>;

    /// Facts that decide where the type can be used in a schema; by default those of a single value.
    const FACTS: TypeFacts = TypeFacts::LEAF;

    /// The schema of this type and the rules of the attributes within.
    fn shape() -> Shape;

    /// This value as it stands in a plan: everything in it is known.
    fn into_planned(self) -> Self::Planned;

    /// Where this type holds null: the value itself first, then the elements of a collection, then theirs. A place that
    /// is not named holds no null.
    fn nullable() -> Vec<bool> {
        Vec::new()
    }
}
