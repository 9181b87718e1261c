//! Typed expressions of the language. This module must not print or check expressions.
//!
//! A string parameter has the type `impl IntoExpr<Str>`, which accepts a literal, a reference, or a call. A literal is
//! data. Its content is quoted and never parsed.

mod literal;
mod operators;
mod repetition;
mod template;

use std::marker::PhantomData;

pub use literal::{Entry, entry, object_value};
pub use operators::conditional;
pub use repetition::Iteration;
pub use template::{Template, TemplatePart, template};

use crate::marker::{Any, List, Map, Num, Object, Set, Str, Typed};
use crate::node::{Key, Node, Target};

/// An expression whose value has the type `T`.
///
/// ```
/// use tfmodgen::prelude::*;
/// let ports: Expr<List<Num>> = [80, 443].into_expr();
/// let joined: Expr<Str> = join(", ", ports.map("port", |port| tostring(port)));
/// assert_eq!(joined.to_string(), r#"join(", ", [for port in [80, 443] : tostring(port)])"#);
/// ```
pub struct Expr<T> {
    node: Node,
    ty: PhantomData<fn() -> T>,
}

/// Conversion to an expression of type `T`.
pub trait IntoExpr<T> {
    /// Returns the expression.
    fn into_expr(self) -> Expr<T>;
}

/// Conversion to an expression whose type depends only on the Rust type, for parameters that accept any type.
pub trait Known {
    /// Type of the expression.
    type Type;

    /// Returns the expression.
    fn known(self) -> Expr<Self::Type>;
}

impl<T> Expr<T> {
    pub(crate) fn new(node: Node) -> Self {
        Self {
            node,
            ty: PhantomData,
        }
    }

    pub(crate) fn node(&self) -> &Node {
        &self.node
    }

    pub(crate) fn into_node(self) -> Node {
        self.node
    }

    /// Changes the Rust type of the expression. The language converts the value. The checker reports impossible
    /// conversions. Use this method for types that Rust does not know, such as the types of object attributes.
    pub fn typed<U>(self) -> Expr<U> {
        Expr::new(self.node)
    }

    /// Returns the same value as an expression of any type.
    pub fn any(&self) -> Expr<Any> {
        self.clone().typed()
    }

    /// Returns an attribute of an object. If the attribute does not exist, the checker reports it.
    pub fn attribute<U>(&self, name: &str) -> Expr<U> {
        Expr::new(self.node.clone().attribute(name))
    }

    /// Returns `null`. An argument with this value counts as omitted.
    pub fn null() -> Self {
        Self::new(Node::Null)
    }
}

impl<T: Typed> Expr<List<T>> {
    /// Returns the element at a zero-based index.
    pub fn at(&self, index: impl IntoExpr<Num>) -> Expr<T> {
        Expr::new(self.node.clone().index(index.into_expr().node))
    }

    /// Returns an attribute of every element, as in `list[*].id`.
    pub fn each_attribute<U>(&self, name: &str) -> Expr<List<U>> {
        Expr::new(Node::Splat(
            Box::new(self.node.clone()),
            vec![name.to_owned()],
        ))
    }
}

impl Expr<List<Str>> {
    /// Returns a map from each element to its index, which provides static keys for `for_each`: `{ for i, v in list : v
    /// => i }`.
    pub fn by_index(&self) -> Expr<Map<Num>> {
        self.iterate("index", "name")
            .into_map(|index, name| (name, index))
    }
}

impl<T: Typed> Expr<Map<T>> {
    /// Returns the element with the specified key.
    pub fn get(&self, key: impl IntoExpr<Str>) -> Expr<T> {
        Expr::new(self.node.clone().index(key.into_expr().node))
    }
}

impl Expr<Object> {
    /// Returns an object with these attributes.
    pub fn object<'a>(attributes: impl IntoIterator<Item = (&'a str, Expr<Any>)>) -> Self {
        let members = attributes
            .into_iter()
            .map(|(name, value)| (Key::Name(name.to_owned()), value.node));
        Self::new(Node::Object(members.collect()))
    }
}

/// Returns the directory of the module: `path.module`.
pub fn path_module() -> Expr<Str> {
    Expr::new(Node::reference("", Target::Path("module")))
}

/// Returns the directory of the root module: `path.root`.
pub fn path_root() -> Expr<Str> {
    Expr::new(Node::reference("", Target::Path("root")))
}

impl<T> Clone for Expr<T> {
    fn clone(&self) -> Self {
        Self::new(self.node.clone())
    }
}

impl<T> std::fmt::Debug for Expr<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.node.fmt(f)
    }
}

impl<T> IntoExpr<T> for Expr<T> {
    fn into_expr(self) -> Self {
        self
    }
}

impl<T> IntoExpr<T> for &Expr<T> {
    fn into_expr(self) -> Expr<T> {
        self.clone()
    }
}

impl<T> From<Expr<Set<T>>> for Expr<List<T>> {
    /// Converts a set to a list, in the order of the set.
    fn from(set: Expr<Set<T>>) -> Self {
        Self::new(Node::call("tolist", [set.node]))
    }
}

impl<T> Known for Expr<T> {
    type Type = T;

    fn known(self) -> Self {
        self
    }
}

impl<T> Known for &Expr<T> {
    type Type = T;

    fn known(self) -> Expr<T> {
        self.clone()
    }
}
