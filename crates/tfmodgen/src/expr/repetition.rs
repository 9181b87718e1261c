//! `for` expressions. The names of key and value are part of the text that people read, so the declaration chooses them.

use super::Expr;
use crate::function::alltrue;
use crate::marker::{Bool, Collection, List, Map, Str, Typed};
use crate::node::{For, Node};

/// A run over a collection, on its way to a list or a map: see [`Expr::iterate`].
pub struct Iteration<C> {
    collection: Expr<C>,
    key: String,
    value: String,
    condition: Option<Node>,
}

impl<C: Collection> Expr<C> {
    /// Runs over the collection. The names are those of the key (or index) and of the value; a key that nothing uses is
    /// not written.
    ///
    /// ```
    /// use tfmodgen::prelude::*;
    /// let zones: Expr<List<Str>> = ["a", "b"].into_expr();
    /// let map = zones.iterate("i", "zone").filter(|i, _| i.less_than(1)).into_map(|i, zone| (zone, i));
    /// assert_eq!(map.to_string(), r#"{ for i, zone in ["a", "b"] : zone => i if i < 1 }"#);
    /// ```
    pub fn iterate(&self, key: &str, value: &str) -> Iteration<C> {
        Iteration {
            collection: self.clone(),
            key: key.to_owned(),
            value: value.to_owned(),
            condition: None,
        }
    }

    /// A list with `body` of every value: `[for name in collection : body]`.
    pub fn map<U: Typed>(
        &self,
        name: &str,
        body: impl FnOnce(Expr<C::Value>) -> Expr<U>,
    ) -> Expr<List<U>> {
        self.iterate("key", name).into_list(|_, value| body(value))
    }

    /// Whether `condition` holds for every element: `alltrue([for name in collection : condition])`.
    pub fn all(
        &self,
        name: &str,
        condition: impl FnOnce(Expr<C::Value>) -> Expr<Bool>,
    ) -> Expr<Bool> {
        alltrue(self.map(name, condition))
    }
}

impl<C: Collection> Iteration<C> {
    /// Leaves out what does not satisfy the condition.
    #[must_use]
    pub fn filter(
        mut self,
        condition: impl FnOnce(Expr<C::Key>, Expr<C::Value>) -> Expr<Bool>,
    ) -> Self {
        self.condition = Some(condition(self.key(), self.value()).into_node());
        self
    }

    /// A list with the result for every element.
    pub fn into_list<U: Typed>(
        self,
        result: impl FnOnce(Expr<C::Key>, Expr<C::Value>) -> Expr<U>,
    ) -> Expr<List<U>> {
        let result = result(self.key(), self.value()).into_node();
        self.finish(None, result, false)
    }

    /// A map with a key and a value for every element. Two equal keys are an error of the language.
    pub fn into_map<U: Typed>(
        self,
        result: impl FnOnce(Expr<C::Key>, Expr<C::Value>) -> (Expr<Str>, Expr<U>),
    ) -> Expr<Map<U>> {
        let (key, result) = result(self.key(), self.value());
        self.finish(Some(key.into_node()), result.into_node(), false)
    }

    /// A map from each key to the list of all values of that key.
    pub fn into_groups<U: Typed>(
        self,
        result: impl FnOnce(Expr<C::Key>, Expr<C::Value>) -> (Expr<Str>, Expr<U>),
    ) -> Expr<Map<List<U>>> {
        let (key, result) = result(self.key(), self.value());
        self.finish(Some(key.into_node()), result.into_node(), true)
    }

    fn key(&self) -> Expr<C::Key> {
        Expr::new(Node::Binding(self.key.clone()))
    }

    fn value(&self) -> Expr<C::Value> {
        Expr::new(Node::Binding(self.value.clone()))
    }

    fn finish<U>(self, result_key: Option<Node>, result: Node, grouping: bool) -> Expr<U> {
        let used = [Some(&result), result_key.as_ref(), self.condition.as_ref()]
            .into_iter()
            .flatten()
            .any(|node| node.uses(&self.key));
        Expr::new(Node::For(Box::new(For {
            key: used.then_some(self.key),
            value: self.value,
            collection: self.collection.into_node(),
            result_key,
            result,
            grouping,
            condition: self.condition,
        })))
    }
}
