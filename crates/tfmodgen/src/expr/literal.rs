//! Rust literals as expressions. A literal is data and never parsed as code.

use std::collections::BTreeMap;

use tfschema::Number;

use super::{Expr, IntoExpr, Known};
use crate::marker::{Any, Bool, List, Map, Num, Object, Set, Str};
use crate::node::{Key, Node};

macro_rules! literals {
    ($($rust:ty => $($marker:ty),+ : $value:ident => $node:expr;)+) => {$($(
        impl IntoExpr<$marker> for $rust {
            fn into_expr(self) -> Expr<$marker> {
                let $value = self;
                Expr::new($node)
            }
        }
    )+)+};
}

literals! {
    &str => Str, Any: text => Node::Text(text.to_owned());
    String => Str, Any: text => Node::Text(text);
    &String => Str, Any: text => Node::Text(text.clone());
    bool => Bool, Any: truth => Node::Bool(truth);
    i64 => Num, Any: number => Node::Number(number.into());
    i32 => Num, Any: number => Node::Number(i64::from(number).into());
    u32 => Num, Any: number => Node::Number(i64::from(number).into());
    u16 => Num, Any: number => Node::Number(i64::from(number).into());
    Number => Num, Any: number => Node::Number(number);
}

macro_rules! known {
    ($($rust:ty => $marker:ty;)+) => {$(
        impl Known for $rust {
            type Type = $marker;

            fn known(self) -> Expr<$marker> {
                self.into_expr()
            }
        }
    )+};
}

known! {
    &str => Str;
    String => Str;
    bool => Bool;
    i64 => Num;
    i32 => Num;
    Number => Num;
}

fn tuple<T, E: IntoExpr<T>>(elements: impl IntoIterator<Item = E>) -> Node {
    let elements = elements.into_iter();
    Node::Tuple(
        elements
            .map(|element| element.into_expr().into_node())
            .collect(),
    )
}

fn map<T, K: Into<String>, E: IntoExpr<T>>(members: impl IntoIterator<Item = (K, E)>) -> Node {
    let members = members.into_iter();
    Node::Object(
        members
            .map(|(key, value)| (Key::Name(key.into()), value.into_expr().into_node()))
            .collect(),
    )
}

impl<T, E: IntoExpr<T>, const N: usize> IntoExpr<List<T>> for [E; N] {
    fn into_expr(self) -> Expr<List<T>> {
        Expr::new(tuple(self))
    }
}

impl<T, E: IntoExpr<T>> IntoExpr<List<T>> for Vec<E> {
    fn into_expr(self) -> Expr<List<T>> {
        Expr::new(tuple(self))
    }
}

impl<T, E: IntoExpr<T>, const N: usize> IntoExpr<Set<T>> for [E; N] {
    fn into_expr(self) -> Expr<Set<T>> {
        Expr::new(tuple(self))
    }
}

impl<T, E: IntoExpr<T>> IntoExpr<Set<T>> for Vec<E> {
    fn into_expr(self) -> Expr<Set<T>> {
        Expr::new(tuple(self))
    }
}

/// Uses a list as a set. The language discards the order.
impl<T> IntoExpr<Set<T>> for Expr<List<T>> {
    fn into_expr(self) -> Expr<Set<T>> {
        self.typed()
    }
}

impl<T> IntoExpr<Set<T>> for &Expr<List<T>> {
    fn into_expr(self) -> Expr<Set<T>> {
        self.clone().typed()
    }
}

impl<T, K: Into<String>, E: IntoExpr<T>, const N: usize> IntoExpr<Map<T>> for [(K, E); N] {
    fn into_expr(self) -> Expr<Map<T>> {
        Expr::new(map(self))
    }
}

impl<T, K: Into<String>, E: IntoExpr<T>> IntoExpr<Map<T>> for Vec<(K, E)> {
    fn into_expr(self) -> Expr<Map<T>> {
        Expr::new(map(self))
    }
}

impl<T, K: Into<String>, E: IntoExpr<T>> IntoExpr<Map<T>> for BTreeMap<K, E> {
    fn into_expr(self) -> Expr<Map<T>> {
        Expr::new(map(self))
    }
}

/// A member of an object. See [`entry`].
pub struct Entry(pub(super) Key, pub(super) Node);

/// Returns a member of an object with a constant key: `name = value`.
pub fn entry(name: &str, value: impl IntoExpr<Any>) -> Entry {
    Entry(Key::Name(name.to_owned()), value.into_expr().into_node())
}

impl Entry {
    /// Returns a member with a computed key: `(key) = value`.
    pub fn computed(key: impl IntoExpr<Str>, value: impl IntoExpr<Any>) -> Self {
        let key = match key.into_expr().into_node() {
            Node::Text(text) => Key::Name(text),
            node => Key::Value(node),
        };
        Self(key, value.into_expr().into_node())
    }
}

/// Returns an object, such as a policy document for `jsonencode`.
pub fn object_value(entries: impl IntoIterator<Item = Entry>) -> Expr<Object> {
    let members = entries.into_iter().map(|Entry(key, value)| (key, value));
    Expr::new(Node::Object(members.collect()))
}

impl<E: IntoExpr<Any>, const N: usize> IntoExpr<Any> for [E; N] {
    fn into_expr(self) -> Expr<Any> {
        Expr::new(tuple(self))
    }
}

impl<E: IntoExpr<Any>> IntoExpr<Any> for Vec<E> {
    fn into_expr(self) -> Expr<Any> {
        Expr::new(tuple(self))
    }
}

macro_rules! anything {
    ($($marker:ty $(, $parameter:ident)?;)+) => {$(
        impl$(<$parameter>)? IntoExpr<Any> for Expr<$marker> {
            fn into_expr(self) -> Expr<Any> {
                self.typed()
            }
        }

        impl$(<$parameter>)? IntoExpr<Any> for &Expr<$marker> {
            fn into_expr(self) -> Expr<Any> {
                self.clone().typed()
            }
        }
    )+};
}

anything! {
    Str;
    Num;
    Bool;
    Object;
    List<T>, T;
    Set<T>, T;
    Map<T>, T;
}
