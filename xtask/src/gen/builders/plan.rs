//! Plans the structs of a type: a builder, a reference, and one struct for each nested block and nested object.
//!
//! Nested blocks with the same name and body share a struct, which keeps recursive types finite. The name of the struct
//! comes from the shortest path. Longer paths, up to a maximum length, become type aliases.

use std::collections::VecDeque;

use tfschema::{Attribute, AttributeKind, Block, BlockNesting, NestedBlock, NestedObject, Schema};

use super::attribute::is_settable;
use super::names::{Names, camel};
use super::{BuilderError, Kind};

/// Maximum length of a path that becomes a type alias.
const ALIASES: usize = 4;

/// A type and its structs.
pub(super) struct Item<'a> {
    pub(super) kind: Kind,
    pub(super) ty: &'a str,
    pub(super) name: &'a str,
    pub(super) reference: &'a str,
    pub(super) schema: &'a Schema,
    pub(super) shapes: Vec<Shape<'a>>,
    /// Aliases, each with the name of its struct.
    pub(super) aliases: Vec<Alias<'a>>,
}

/// Struct of a nested block or nested object.
pub(super) struct Shape<'a> {
    pub(super) name: String,
    /// Names from the type to the block or attribute.
    pub(super) path: Vec<&'a str>,
    pub(super) body: Body<'a>,
}

/// A type alias for a struct.
pub(super) struct Alias<'a> {
    pub(super) body: Body<'a>,
    pub(super) name: String,
    pub(super) path: String,
    pub(super) shape: String,
}

/// Content of a struct.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Body<'a> {
    Block(&'a Block),
    Object(&'a NestedObject),
}

impl<'a> Item<'a> {
    /// Plans the structs of a type.
    ///
    /// # Errors
    /// Returns an error if a block has labels.
    pub(super) fn plan(
        kind: Kind,
        ty: &'a str,
        name: &'a str,
        reference: &'a str,
        schema: &'a Schema,
        names: &mut Names,
    ) -> Result<Self, BuilderError> {
        let mut item = Self {
            kind,
            ty,
            name,
            reference,
            schema,
            shapes: Vec::new(),
            aliases: Vec::new(),
        };
        let mut queue = VecDeque::from([(Vec::new(), Body::Block(&schema.block))]);
        while let Some((path, body)) = queue.pop_front() {
            for (inner_name, inner) in body.inner() {
                if inner.is_labelled() {
                    return Err(BuilderError::Labelled {
                        ty: ty.to_owned(),
                        path: [path.as_slice(), &[inner_name]].concat().join("."),
                    });
                }
                let path = [path.as_slice(), &[inner_name]].concat();
                if item.add(path.clone(), inner.body(), names) {
                    queue.push_back((path, inner.body()));
                }
            }
        }
        Ok(item)
    }

    /// Adds the struct at a path, and returns whether to visit its content.
    fn add(&mut self, path: Vec<&'a str>, body: Body<'a>, names: &mut Names) -> bool {
        let words: String = path.iter().map(|word| camel(word)).collect();
        let wanted = format!("{}{words}", self.name);
        let last = path.last().copied().unwrap_or_default();
        match self.shape(last, body).map(|shape| shape.name.clone()) {
            None => {
                let name = names.take(&wanted, body.ending());
                self.shapes.push(Shape { name, path, body });
                true
            }
            Some(shape) if path.len() <= ALIASES => {
                self.aliases.push(Alias {
                    body,
                    name: names.take(&wanted, body.ending()),
                    path: path.join("."),
                    shape,
                });
                true
            }
            Some(_) => false,
        }
    }

    /// Returns the struct of a nested block or nested object.
    pub(super) fn shape(&self, name: &str, body: Body<'_>) -> Option<&Shape<'a>> {
        self.shapes
            .iter()
            .find(|shape| shape.path.last() == Some(&name) && shape.body == body)
    }
}

/// A nested block, or an attribute with nested attributes.
enum Inner<'a> {
    Block(&'a NestedBlock),
    Object(&'a NestedObject),
}

impl<'a> Inner<'a> {
    fn body(&self) -> Body<'a> {
        match self {
            Self::Block(nested) => Body::Block(&nested.block),
            Self::Object(nested) => Body::Object(nested),
        }
    }

    fn is_labelled(&self) -> bool {
        matches!(self, Self::Block(nested) if nested.nesting == BlockNesting::Map)
    }
}

impl<'a> Body<'a> {
    pub(super) fn attributes(self) -> &'a std::collections::BTreeMap<String, Attribute> {
        match self {
            Self::Block(block) => &block.attributes,
            Self::Object(object) => &object.attributes,
        }
    }

    /// Returns the nested blocks that a builder has methods for.
    pub(super) fn blocks(self) -> impl Iterator<Item = (&'a str, &'a NestedBlock)> {
        let blocks = match self {
            Self::Block(block) => Some(&block.blocks),
            Self::Object(_) => None,
        };
        blocks
            .into_iter()
            .flatten()
            .filter(|(_, nested)| can_be_written(nested))
            .map(|(name, nested)| (name.as_str(), nested))
    }

    fn inner(self) -> impl Iterator<Item = (&'a str, Inner<'a>)> {
        let objects = self.attributes().iter().filter_map(|(name, attribute)| {
            match (&attribute.kind, is_settable(name, attribute)) {
                (AttributeKind::Nested(nested), true) => {
                    Some((name.as_str(), Inner::Object(nested)))
                }
                _ => None,
            }
        });
        let blocks = self
            .blocks()
            .map(|(name, nested)| (name, Inner::Block(nested)));
        objects.chain(blocks)
    }

    /// Returns the noun for the content of the struct in doc comments.
    pub(super) fn noun(self) -> &'static str {
        match self {
            Self::Block(_) => "block",
            Self::Object(_) => "object",
        }
    }

    /// Returns the suffix for a name that is already in use.
    fn ending(self) -> &'static str {
        match self {
            Self::Block(_) => "Block",
            Self::Object(_) => "Object",
        }
    }
}

/// Returns whether a declaration can contain the block: it is required, or it has content that can be set.
fn can_be_written(nested: &NestedBlock) -> bool {
    let is_empty = nested.block.attributes.is_empty() && nested.block.blocks.is_empty();
    let says_something = |block: &Block| {
        block
            .attributes
            .iter()
            .any(|(name, attribute)| is_settable(name, attribute))
            || block.blocks.values().any(can_be_written)
    };
    nested.min_items > 0
        || (nested.block.deprecated.is_none() && (is_empty || says_something(&nested.block)))
}
