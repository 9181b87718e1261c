//! [`Shape`]: the schema of a Rust type before its use as an attribute or a nested block is known.

use tfschema::{
    Attribute, AttributeKind, Block, BlockNesting, NestedBlock, NestedObject, ObjectNesting, Type,
};

use crate::rules::ObjectRules;

/// The schema of a Rust type before it is known what it is used for.
#[derive(Clone)]
pub enum Shape {
    /// A value of a type.
    Type(Type),
    /// One or more objects with attributes of their own.
    Object {
        /// How many, and how they are addressed.
        nesting: ObjectNesting,
        /// The content of one object.
        block: Block,
        /// The rules of the attributes within.
        rules: ObjectRules,
    },
}

impl Shape {
    /// This shape as an attribute without flags, and the rules within.
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

    /// This shape as a nested block, and the rules within. A plain type has no attributes to put in a block.
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

    /// A collection of this shape: objects repeat, and everything else becomes the element type of a collection.
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
