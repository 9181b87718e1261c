//! [`Shape`]: the schema of a Rust type, independent of its use as an attribute or a nested block.

use tfschema::{
    Attribute, AttributeKind, Block, BlockNesting, NestedBlock, NestedObject, ObjectNesting, Type,
};

use crate::rules::ObjectRules;

/// Schema of a Rust type, independent of its use as an attribute or a nested block.
#[derive(Clone)]
pub enum Shape {
    /// Value of a type.
    Type(Type),
    /// One or more objects with attributes.
    Object {
        /// Nesting mode of the objects.
        nesting: ObjectNesting,
        /// Content of an object.
        block: Block,
        /// Rules for the attributes of an object.
        rules: ObjectRules,
    },
}

impl Shape {
    /// Converts this shape to an attribute without flags, and returns it with the rules for its nested attributes.
    pub fn into_attribute(self) -> (Attribute, ObjectRules) {
        match self {
            Self::Type(ty) => (Attribute::of(ty), ObjectRules::new()),
            Self::Object {
                nesting,
                block,
                rules,
            } => (Attribute::nested(nesting, block.attributes), rules),
        }
    }

    /// Converts this shape to a nested block, and returns it with the rules for its attributes. A plain type becomes an
    /// empty block.
    pub fn into_block(self) -> (NestedBlock, ObjectRules) {
        match self {
            Self::Type(_) => (
                NestedBlock::new(BlockNesting::Single, Block::new()),
                ObjectRules::new(),
            ),
            Self::Object {
                nesting,
                block,
                rules,
            } => {
                let nesting = match nesting {
                    ObjectNesting::Single => BlockNesting::Single,
                    ObjectNesting::List => BlockNesting::List,
                    ObjectNesting::Set => BlockNesting::Set,
                    ObjectNesting::Map => BlockNesting::Map,
                };
                (NestedBlock::new(nesting, block), rules)
            }
        }
    }

    /// Returns the shape of a collection whose elements have this shape. A single object becomes repeated objects. Any other shape becomes
    /// the element type.
    pub(super) fn repeated(self, nesting: ObjectNesting, collection: fn(Type) -> Type) -> Self {
        match self {
            Self::Object {
                nesting: ObjectNesting::Single,
                block,
                rules,
            } => Self::Object {
                nesting,
                block,
                rules,
            },
            other => Self::Type(collection(other.into_type())),
        }
    }

    pub(crate) fn into_type(self) -> Type {
        match self {
            Self::Type(ty) => ty,
            Self::Object { nesting, block, .. } => {
                let kind = AttributeKind::Nested(NestedObject {
                    nesting,
                    attributes: block.attributes,
                });
                Attribute::new(kind).implied_type()
            }
        }
    }
}
