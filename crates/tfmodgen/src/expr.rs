//! Typed expressions: values of the language that a declaration is written with. Must not print and must not check.
//!
//! A position that wants a string takes `impl IntoExpr<Str>`: a literal, a reference, a call, all alike. A literal is
//! data. It becomes text in quotes, whatever is in it; nothing here parses.

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

/// What can stand where an expression of the type `T` is wanted.
pub trait IntoExpr<T> {
    /// The expression.
    fn into_expr(self) -> Expr<T>;
}

/// An expression that has a type of its own, for places that take any type and go on with that one.
pub trait Known {
    /// The type.
    type Type;

    /// The expression.
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

    /// The same value in a position of another type: the language converts it there, or the checker says that it
    /// cannot. For what Rust does not know, such as attributes of an object.
    pub fn typed<U>(self) -> Expr<U> {
        Expr::new(self.node)
    }

    /// The same value where any type is welcome.
    pub fn any(&self) -> Expr<Any> {
        self.clone().typed()
    }

    /// An attribute of an object. The checker knows whether there is one of this name.
    pub fn attribute<U>(&self, name: &str) -> Expr<U> {
        Expr::new(self.node.clone().attribute(name))
    }

    /// `null`: the argument counts as not given.
    pub fn null() -> Self {
        Self::new(Node::Null)
    }
}

impl<T: Typed> Expr<List<T>> {
    /// The element at an index, counted from zero.
    pub fn at(&self, index: impl IntoExpr<Num>) -> Expr<T> {
        Expr::new(self.node.clone().index(index.into_expr().node))
    }

    /// The attribute of every element, as in `list[*].id`.
    pub fn each_attribute<U>(&self, name: &str) -> Expr<List<U>> {
        Expr::new(Node::Splat(
            Box::new(self.node.clone()),
            vec![name.to_owned()],
        ))
    }
}

impl Expr<List<Str>> {
    /// A map from each element to its index, to be the static keys of `for_each`: `{ for i, v in list : v => i }`.
    pub fn by_index(&self) -> Expr<Map<Num>> {
        self.iterate("index", "name")
            .into_map(|index, name| (name, index))
    }
}

impl<T: Typed> Expr<Map<T>> {
    /// The element of a key.
    pub fn get(&self, key: impl IntoExpr<Str>) -> Expr<T> {
        Expr::new(self.node.clone().index(key.into_expr().node))
    }
}

impl Expr<Object> {
    /// An object with these attributes.
    pub fn object<'a>(attributes: impl IntoIterator<Item = (&'a str, Expr<Any>)>) -> Self {
        let members = attributes
            .into_iter()
            .map(|(name, value)| (Key::Name(name.to_owned()), value.node));
        Self::new(Node::Object(members.collect()))
    }
}

/// The directory of the module: `path.module`.
pub fn path_module() -> Expr<Str> {
    Expr::new(Node::reference("", Target::Path("module")))
}

/// The directory of the root module: `path.root`.
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
    /// A set as a list, in its order.
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
