//! `for` expressions. The declaration chooses the names of key and value, because they appear in the module.

use super::Expr;
use crate::function::alltrue;
use crate::marker::{Bool, Collection, List, Map, Str, Typed};
use crate::node::{For, Node};

/// An iteration over a collection, which can be converted to a list or a map. See [`Expr::iterate`].
pub struct Iteration<C> {
    collection: Expr<C>,
    key: String,
    value: String,
    condition: Option<Node>,
}

impl<C: Collection> Expr<C> {
    /// Iterates over the collection. The parameters name the key (or index) and the value. The name of an unused key is
    /// omitted.
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

    /// Returns a list with the result of `body` for every value: `[for name in collection : body]`.
    pub fn map<U: Typed>(
        &self,
        name: &str,
        body: impl FnOnce(Expr<C::Value>) -> Expr<U>,
    ) -> Expr<List<U>> {
        self.iterate("key", name).into_list(|_, value| body(value))
    }

    /// Returns whether `condition` is true for every element: `alltrue([for name in collection : condition])`.
    pub fn all(
        &self,
        name: &str,
        condition: impl FnOnce(Expr<C::Value>) -> Expr<Bool>,
    ) -> Expr<Bool> {
        alltrue(self.map(name, condition))
    }
}

impl<C: Collection> Iteration<C> {
    /// Omits elements that do not satisfy the condition.
    #[must_use]
    pub fn filter(
        mut self,
        condition: impl FnOnce(Expr<C::Key>, Expr<C::Value>) -> Expr<Bool>,
    ) -> Self {
        self.condition = Some(condition(self.key(), self.value()).into_node());
        self
    }

    /// Returns a list with the result for every element.
    pub fn into_list<U: Typed>(
        self,
        result: impl FnOnce(Expr<C::Key>, Expr<C::Value>) -> Expr<U>,
    ) -> Expr<List<U>> {
        let result = result(self.key(), self.value()).into_node();
        self.finish(None, result, false)
    }

    /// Returns a map with a key and a value for every element. Duplicate keys are an error in the language.
    pub fn into_map<U: Typed>(
        self,
        result: impl FnOnce(Expr<C::Key>, Expr<C::Value>) -> (Expr<Str>, Expr<U>),
    ) -> Expr<Map<U>> {
        let (key, result) = result(self.key(), self.value());
        self.finish(Some(key.into_node()), result.into_node(), false)
    }

    /// Returns a map from each key to the list of all values with that key.
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
