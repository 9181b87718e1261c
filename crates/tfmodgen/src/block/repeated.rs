//! Blocks that are repeated for each element of a collection or that depend on a condition, and references to these
//! blocks.

use std::marker::PhantomData;

use super::{Block, BlockBuilder, BlockReference, Handle};
use crate::expr::{Expr, IntoExpr};
use crate::identifier::is_free_for_binding;
use crate::marker::{List, Map, Num, Str};
use crate::node::{For, Node};

/// A block for each element of a collection.
pub struct ForEach<B>(B);

/// A block that exists only if a condition is true.
pub struct When<B>(B);

/// References to all blocks of a [`ForEach`].
pub struct Many<R> {
    handle: Handle,
    element: PhantomData<fn() -> R>,
}

/// Reference to the block of a [`When`], which might not exist.
pub struct Maybe<R> {
    handle: Handle,
    element: PhantomData<fn() -> R>,
}

impl<B> ForEach<B> {
    pub(crate) fn new(builder: B) -> Self {
        Self(builder)
    }

    pub(crate) fn into_inner(self) -> B {
        self.0
    }
}

impl<B> When<B> {
    pub(crate) fn new(builder: B) -> Self {
        Self(builder)
    }

    pub(crate) fn into_inner(self) -> B {
        self.0
    }
}

impl<B: BlockBuilder> BlockBuilder for ForEach<B> {
    type Reference = Many<B::Reference>;

    fn block(&mut self) -> &mut Block {
        self.0.block()
    }

    fn into_block(self) -> Block {
        self.0.into_block()
    }
}

impl<B: BlockBuilder> BlockBuilder for When<B> {
    type Reference = Maybe<B::Reference>;

    fn block(&mut self) -> &mut Block {
        self.0.block()
    }

    fn into_block(self) -> Block {
        self.0.into_block()
    }
}

impl<R: BlockReference> BlockReference for Many<R> {
    fn at(handle: Handle) -> Self {
        Self {
            handle,
            element: PhantomData,
        }
    }

    fn handle(&self) -> &Handle {
        &self.handle
    }
}

impl<R: BlockReference> BlockReference for Maybe<R> {
    fn at(handle: Handle) -> Self {
        Self {
            handle,
            element: PhantomData,
        }
    }

    fn handle(&self) -> &Handle {
        &self.handle
    }
}

impl<R: BlockReference> Many<R> {
    /// Returns the block with the specified key.
    pub fn get(&self, key: impl IntoExpr<Str>) -> R {
        let key = key.into_expr().into_node();
        R::at(Handle::of(self.handle.node().clone().index(key)))
    }

    /// Returns a map from each key to a value from its block: `{ for key, subnet in aws_subnet.public : key =>
    /// subnet.id }`.
    pub fn map<T>(&self, of: impl FnOnce(R) -> Expr<T>) -> Expr<Map<T>> {
        let noun = binding(&self.handle);
        Expr::new(Node::For(Box::new(For {
            key: Some("key".to_owned()),
            value: noun.clone(),
            collection: self.handle.node().clone(),
            result_key: Some(Node::Binding("key".to_owned())),
            result: of(R::at(Handle::of(Node::Binding(noun)))).into_node(),
            grouping: false,
            condition: None,
        })))
    }

    /// Returns a list that contains one value from each block, in key order: `values(aws_subnet.public)[*].id`.
    pub fn list<T>(&self, of: impl FnOnce(R) -> Expr<T>) -> Expr<List<T>> {
        let noun = binding(&self.handle);
        let result = of(R::at(Handle::of(Node::Binding(noun.clone())))).into_node();
        let collection = self.handle.node().clone();
        Expr::new(match attributes_of(&result, &noun) {
            Some(names) => Node::Splat(Box::new(Node::call("values", [collection])), names),
            None => over(collection, noun, result),
        })
    }
}

impl<R: BlockReference> Maybe<R> {
    /// Returns a value from the block, or null if the block does not exist: `one(aws_eip.nat[*].public_ip)`.
    pub fn one<T>(&self, of: impl FnOnce(R) -> Expr<T>) -> Expr<T> {
        Expr::new(Node::call("one", [self.list(of).into_node()]))
    }

    /// Returns a list that contains a value from the block, or an empty list if the block does not exist.
    pub fn list<T>(&self, of: impl FnOnce(R) -> Expr<T>) -> Expr<List<T>> {
        let noun = binding(&self.handle);
        let result = of(R::at(Handle::of(Node::Binding(noun.clone())))).into_node();
        let collection = self.handle.node().clone();
        Expr::new(match attributes_of(&result, &noun) {
            Some(names) => Node::Splat(Box::new(collection), names),
            None => over(collection, noun, result),
        })
    }

    /// Returns the block without checking that it exists: `aws_eip.nat[0]`. Use it in expressions that are evaluated
    /// only if the block exists.
    pub fn assumed(&self) -> R {
        let zero = IntoExpr::<Num>::into_expr(0).into_node();
        R::at(Handle::of(self.handle.node().clone().index(zero)))
    }
}

fn over(collection: Node, value: String, result: Node) -> Node {
    Node::For(Box::new(For {
        key: None,
        value,
        collection,
        result_key: None,
        result,
        grouping: false,
        condition: None,
    }))
}

/// Returns the name of a single block in a `for` expression: the last segment of the block type, if it can be bound.
fn binding(handle: &Handle) -> String {
    let noun = handle.noun();
    match is_free_for_binding(&noun) {
        true => noun,
        false => "item".to_owned(),
    }
}

/// Returns the attribute names if the expression is an attribute path that starts at the binding.
fn attributes_of(node: &Node, binding: &str) -> Option<Vec<String>> {
    match node {
        Node::Binding(name) if name == binding => Some(Vec::new()),
        Node::Attribute(base, name) => {
            let mut names = attributes_of(base, binding)?;
            names.push(name.clone());
            Some(names)
        }
        _ => None,
    }
}
