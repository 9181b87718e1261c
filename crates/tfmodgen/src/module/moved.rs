//! Addresses in `moved` and `removed` blocks.

use crate::node::{Node, Target};

/// The address of a resource or a module call. It does not need to be declared.
#[derive(Clone, Debug)]
pub struct Address {
    pub(crate) node: Node,
}

impl Address {
    /// Returns the address of a resource.
    pub fn resource(ty: &str, name: &str) -> Self {
        let target = Target::Resource(ty.to_owned(), name.to_owned());
        Self {
            node: Node::reference("", target),
        }
    }

    /// Returns the address of a module call.
    pub fn module(name: &str) -> Self {
        Self {
            node: Node::reference("", Target::Module(name.to_owned())),
        }
    }

    /// Returns the address of the instance with the specified key.
    #[must_use]
    pub fn key(self, key: &str) -> Self {
        Self {
            node: self.node.index(Node::Text(key.to_owned())),
        }
    }
}
