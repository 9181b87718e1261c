//! References to blocks as Rust values.

use crate::expr::{Expr, IntoExpr};
use crate::marker::{Any, List, Object};
use crate::node::{Node, Target};

/// A handle for a block or a nested object whose attributes can be referenced. Generated references wrap a handle.
#[derive(Clone, Debug)]
pub struct Handle {
    node: Node,
}

/// Interface of generated references.
pub trait BlockReference {
    /// Returns a reference to the block that the handle identifies.
    fn at(handle: Handle) -> Self;

    /// Returns the handle.
    fn handle(&self) -> &Handle;

    /// Returns the whole object, for use with functions such as `one` and `length`.
    fn object(&self) -> Expr<Object> {
        Expr::new(self.handle().node.clone())
    }
}

impl Handle {
    pub(crate) fn new(module: &str, target: Target) -> Self {
        Self::of(Node::reference(module, target))
    }

    pub(crate) fn of(node: Node) -> Self {
        Self { node }
    }

    pub(crate) fn node(&self) -> &Node {
        &self.node
    }

    /// Returns a reference to an attribute.
    pub fn attribute<T>(&self, name: &str) -> Expr<T> {
        Expr::new(self.node.clone().attribute(name))
    }

    /// Returns the first block of a nested block type with list nesting: `name[0]`.
    #[must_use]
    pub fn first(&self, name: &str) -> Self {
        let zero = IntoExpr::<Any>::into_expr(0).into_node();
        Self::of(self.node.clone().attribute(name).index(zero))
    }

    /// Returns the block of a nested block type with single nesting.
    #[must_use]
    pub fn only(&self, name: &str) -> Self {
        Self::of(self.node.clone().attribute(name))
    }

    /// Returns all blocks of a nested block type.
    pub fn blocks(&self, name: &str) -> Expr<List<Object>> {
        self.attribute(name)
    }

    /// Returns the whole block, without the path into it.
    pub(crate) fn whole(&self) -> Node {
        let mut node = &self.node;
        loop {
            node = match node {
                Node::Attribute(base, _) | Node::Index(base, _) | Node::Splat(base, _) => base,
                other => return other.clone(),
            };
        }
    }

    /// Returns the last segment of the block type, for use as the name of a single block in a `for` expression.
    pub(crate) fn noun(&self) -> String {
        let mut noun = None;
        self.node.walk(&mut |node| {
            if let Node::Reference(reference) = node {
                noun.get_or_insert_with(|| match &reference.target {
                    Target::Resource(ty, _) | Target::Data(ty, _) | Target::Ephemeral(ty, _) => {
                        ty.rsplit('_').next().unwrap_or(ty).to_owned()
                    }
                    _ => "item".to_owned(),
                });
            }
        });
        noun.unwrap_or_default()
    }
}
