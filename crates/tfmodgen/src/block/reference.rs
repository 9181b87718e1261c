//! References to blocks as Rust values.

use crate::expr::{Expr, IntoExpr};
use crate::marker::{Any, List, Object};
use crate::node::{Node, Target};

/// A block, or a nested object in one, to which attributes can be asked. Generated references wrap it.
#[derive(Clone, Debug)]
pub struct Handle {
    node: Node,
}

/// What a generated reference is made from.
pub trait BlockReference {
    /// The reference to the block that the handle stands for.
    fn at(handle: Handle) -> Self;

    /// The handle.
    fn handle(&self) -> &Handle;

    /// The whole object, for `one`, `length` and the like.
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

    /// An attribute.
    pub fn attribute<T>(&self, name: &str) -> Expr<T> {
        Expr::new(self.node.clone().attribute(name))
    }

    /// The only block of a nested block type that is a list or a set: `name[0]`.
    #[must_use]
    pub fn first(&self, name: &str) -> Self {
        let zero = IntoExpr::<Any>::into_expr(0).into_node();
        Self::of(self.node.clone().attribute(name).index(zero))
    }

    /// The only block of a nested block type that is single.
    #[must_use]
    pub fn only(&self, name: &str) -> Self {
        Self::of(self.node.clone().attribute(name))
    }

    /// All blocks of a nested block type.
    pub fn blocks(&self, name: &str) -> Expr<List<Object>> {
        self.attribute(name)
    }

    /// The block as a whole, without what leads into it.
    pub(crate) fn whole(&self) -> Node {
        let mut node = &self.node;
        loop {
            node = match node {
                Node::Attribute(base, _) | Node::Index(base, _) | Node::Splat(base, _) => base,
                other => return other.clone(),
            };
        }
    }

    /// The last word of the block's type: what a reader calls one of many.
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
